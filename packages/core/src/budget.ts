import type {WaitReason} from './events.ts';
import type {Limit} from './platform.ts';
import {makeThrottle, type Throttle} from './throttle.ts';
import {sleep} from './timer.ts';
import {Window} from './window.ts';

/** Who waits for permission to send. */
export interface Waiter {
	/** Send now. Returns whether it did; if not, the next in line may. */
	grant(): boolean;
}

/**
Where a lease asks permission to send.

An interface of its own, so that a budget shared by many processes can stand in for the one of this process.
*/
export interface Permission {
	/** Wait in line. Calls {@link Waiter.grant} at once if nothing stands in the way, else returns what does. */
	ask(waiter: Waiter, first: boolean): WaitReason | undefined;

	/** Leave the line. */
	leave(waiter: Waiter): void;

	/** A call goes out, a message where `isMessage`. The returned function says that it was answered. */
	note(isMessage: boolean): () => void;

	/** The platform asked for silence for `ms`, which are doubled while it keeps refusing if they are only a guess. */
	silence(ms: number, doubling?: boolean): void;

	/** The platform refused the bot itself. */
	revoked(): void;

	/** A call was accepted. */
	accepted(): void;
}

/** Ask a platform that revoked the bot again after this many milliseconds, doubling up to {@link longestProbe}. */
const firstProbe = 5 * 60_000;
const longestProbe = 60 * 60_000;

/** A silence whose length is a guess is doubled up to this many milliseconds. */
const longestSilence = 60_000;

/** How long a probe may take before the next one. */
const probeTime = 5000;

/** Look again at least this often while the platform wants silence: an accepted probe ends one early. */
const longestSleep = 1000;

/** A hand-out that is this late is not going to wake up. */
const overdue = 1000;

/** Ask a throttle that failed again after this many milliseconds. */
const throttleRetry = 1000;

/**
The one budget of a bot: typing waits here in line, first sends before renewals, longest due first, and messages are only counted.

One slot at a time is asked of the throttle, so ten thousand waiting chats cost one timer, and one that leaves the line costs nothing.
*/
export class Budget implements Permission {
	readonly #limit: Limit | undefined;
	readonly #throttle: Throttle | undefined;
	readonly #onError: (error: unknown) => void;
	readonly #firsts = new Set<Waiter>();
	readonly #renewals = new Set<Waiter>();
	readonly #window: Window | undefined;
	#hasSlot = false;
	#handingOut = false;
	/** When the hand-out looks again, and which hand-out it is. */
	#wakeAt = 0;
	#round = 0;
	#silentUntil = 0;
	#silences = 0;
	#revocations = 0;
	#isProbing = false;

	constructor(limit: Limit | undefined, throttle: Throttle | undefined, onError: (error: unknown) => void) {
		// A little below the platform's limit: messages don't wait, so some room has to be there before they come.
		this.#limit = limit && {...limit, limit: Math.max(Math.floor(limit.limit * 0.95), 1)};
		this.#window = limit && new Window(limit.interval);
		this.#throttle = throttle ?? (this.#limit && makeThrottle(pace(this.#limit)));
		this.#onError = onError;
	}

	ask(waiter: Waiter, first: boolean): WaitReason | undefined {
		const reason = this.#obstacle();
		if (reason === undefined && !this.#throttle && !this.#isInDoubt) {
			waiter.grant();
			return undefined;
		}

		(first ? this.#firsts : this.#renewals).add(waiter);
		// Where timers end with the request that set them, as in workers, the hand-out may have gone to sleep for good.
		if (!this.#handingOut || performance.now() > this.#wakeAt + overdue) {
			void this.#handOut(++this.#round);
		}

		return reason;
	}

	leave(waiter: Waiter): void {
		this.#firsts.delete(waiter);
		this.#renewals.delete(waiter);
	}

	note(isMessage: boolean): () => void {
		const call = this.#window?.add(isMessage);
		return () => {
			if (call) {
				this.#window?.answered(call);
			}
		};
	}

	silence(ms: number, doubling = false): void {
		const time = performance.now();
		if (doubling && (this.#isProbing || this.#silences === 0)) {
			this.#endProbe();
			this.#silences++; // Calls that were on their way together are refused together.
		}

		const length = doubling ? Math.min(ms * 2 ** (this.#silences - 1), Math.max(ms, longestSilence)) : ms;
		this.#silentUntil = Math.max(this.#silentUntil, time + length);
	}

	revoked(): void {
		if (this.#revocations > 0 && !this.#isProbing) {
			return; // Calls that were on their way together are refused together.
		}

		this.#endProbe();
		this.silence(Math.min(firstProbe * 2 ** this.#revocations, longestProbe));
		this.#revocations++;
	}

	accepted(): void {
		// Only the probe tells: what was on its way before may well be accepted after others were refused.
		if (this.#isProbing) {
			this.#revocations = 0;
			this.#silences = 0;
			this.#isProbing = false;
			this.#silentUntil = 0;
		}
	}

	/** Whether the platform refuses all, and one call at a time asks whether it still does. */
	get #isInDoubt(): boolean {
		return this.#revocations > 0 || this.#silences > 0;
	}

	/** The probe was refused: what comes of that counts, not the time the probe might have taken. */
	#endProbe(): void {
		if (this.#isProbing) {
			this.#isProbing = false;
			this.#silentUntil = 0;
		}
	}

	get #waiting(): boolean {
		return this.#firsts.size > 0 || this.#renewals.size > 0;
	}

	#obstacle(): WaitReason | undefined {
		if (this.#silentUntil > performance.now()) {
			return this.#revocations > 0 ? 'revoked' : 'silence';
		}

		return this.#waiting || this.#roomIn() > 0 ? 'budget' : undefined;
	}

	/** How long until the calls of the last interval leave room for one more. */
	#roomIn(): number {
		const [limit, window] = [this.#limit, this.#window];
		if (!limit || !window) {
			return 0;
		}

		const typing = window.size - window.messages;
		const hasRoom = typing + window.expectedMessages < limit.limit;
		// Look again when a call ceases to count. Where there is none, room is kept for messages that may come: then a little later.
		const left = window.freeAt - performance.now();
		return hasRoom ? 0 : left > 0 ? left : limit.interval / limit.limit;
	}

	/** Give what the budget allows to those in line, until nobody is. */
	async #handOut(round: number): Promise<void> {
		this.#handingOut = true;
		while (this.#waiting && round === this.#round) {
			const wait = Math.max(this.#silentUntil - performance.now(), this.#roomIn());
			if (wait > 0) {
				// Room first, slot second: p-throttle's timer would keep the process alive.
				await this.#sleep(Math.min(wait, longestSleep));
			} else if (this.#throttle && !this.#hasSlot) {
				this.#wakeAt = performance.now() + (this.#limit?.interval ?? Number.POSITIVE_INFINITY);
				await this.#takeSlot(this.#throttle);
			} else {
				this.#hasSlot = !this.#grantNext();
			}
		}

		if (round === this.#round) {
			this.#handingOut = false;
		}
	}

	async #sleep(ms: number): Promise<void> {
		this.#wakeAt = performance.now() + ms;
		await sleep(ms);
	}

	async #takeSlot(throttle: Throttle): Promise<void> {
		try {
			await throttle();
			this.#hasSlot = true;
		} catch (error) {
			// Typing gives way: without a throttle there is no permission.
			this.#onError(error);
			await this.#sleep(throttleRetry);
		}
	}

	#grantNext(): boolean {
		for (const line of [this.#firsts, this.#renewals]) {
			for (const waiter of line) {
				line.delete(waiter);
				if (waiter.grant()) {
					if (this.#isInDoubt) {
						this.#isProbing = true;
						this.silence(probeTime); // One asks for all of them.
					}

					return true;
				}
			}
		}

		return false;
	}
}

/** The pace of the throttle: a trifle faster than the limit, which the window holds, so that it is never the one that costs calls. */
function pace({limit, interval}: Limit): Limit {
	return {limit, interval: interval * 0.97};
}
