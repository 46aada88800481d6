import type {WaitReason} from './events.ts';
import type {Limit} from './platform.ts';
import {makeThrottle, type Throttle} from './throttle.ts';
import {wake, type Timer} from './timer.ts';
import {Window} from './window.ts';

/** Who waits for permission to send. */
export interface Waiter {
	/** Send now. Returns whether it did; if not, the next in line may. */
	grant(): boolean;
}

/** Why a platform may refuse all calls. */
type Doubt = Exclude<WaitReason, 'budget'>;

/**
Where a lease asks permission to send.

An interface of its own, so that a budget shared by many processes can stand in for the one of this process.
*/
export interface Permission {
	/** Wait in line for {@link Waiter.grant}; asking again changes nothing. Returns what stands in the way, if anything does. */
	ask(waiter: Waiter, first: boolean): WaitReason | undefined;

	/** Leave the line. */
	leave(waiter: Waiter): void;

	/** A call goes out, a message where `isMessage`. The returned function says that it was answered. */
	note(isMessage: boolean): () => void;

	/** The platform asked for silence for `ms`. */
	silence(ms: number): void;

	/** The platform refuses all calls and doesn't say for how long: one of them asks again after `ms`, doubled each time up to `longest`. */
	refused(reason: Doubt, ms: number, longest: number): void;

	/** A call was accepted. */
	accepted(): void;
}

/** How long a probe may take before the next one. */
const probeTime = 5000;

/** Look again at least this often while something stands in the way: what the platform answers may end a silence early, or move it. */
const longestSleep = 1000;

/** Calls are spaced by this many milliseconds at the most when they are many. */
const longestSpacing = 35;

/** Ask a throttle that failed again after this many milliseconds. */
const throttleRetry = 1000;

/** A slot that takes longer than the interval and this many milliseconds is not going to come. */
const longestSlot = 10_000;

/**
The one budget of a bot: typing waits here in line, first sends before renewals, longest due first, and messages are only counted.

The throttle is asked for one slot at a time, so ten thousand waiting chats cost one timer, and one that leaves the line costs nothing.
*/
export class Budget implements Permission {
	readonly #limit: Limit | undefined;
	readonly #throttle: Throttle | undefined;
	readonly #onError: (error: unknown) => void;
	readonly #firsts = new Set<Waiter>();
	readonly #renewals = new Set<Waiter>();
	readonly #window: Window | undefined;
	#hasSlot = false;
	/** Nothing can be handed out before: then the timer looks again. */
	#wakeAt = 0;
	#timer: Timer | undefined;
	#silentUntil = 0;
	/** Why all calls are refused, if they are, how often a probe was since, and when the next one may ask if this one isn't answered. */
	#doubt: Doubt | undefined;
	#refusals = 0;
	#probeUntil = 0;

	constructor(limit: Limit | undefined, throttle: Throttle | undefined, onError: (error: unknown) => void) {
		// A little below the platform's limit: messages don't wait, so some room has to be there before they come.
		this.#limit = limit && {...limit, limit: Math.max(Math.floor(limit.limit * 0.95), 1)};
		this.#window = limit && new Window(limit.interval);
		this.#throttle = throttle ?? (this.#limit && makeThrottle(pace(this.#limit)));
		this.#onError = onError;
	}

	ask(waiter: Waiter, first: boolean): WaitReason | undefined {
		const reason = this.#silence > 0 ? (this.#doubt ?? 'silence') : this.#isAwaited || this.#roomIn() > 0 ? 'budget' : undefined;
		if (!this.#firsts.has(waiter) && !this.#renewals.has(waiter)) {
			(first ? this.#firsts : this.#renewals).add(waiter);
		}

		this.#handOut();
		return reason;
	}

	leave(waiter: Waiter): void {
		this.#firsts.delete(waiter);
		this.#renewals.delete(waiter);
	}

	note(isMessage: boolean): () => void {
		const call = this.#window?.add(isMessage);
		return () => this.#window?.answered(call!);
	}

	silence(ms: number): void {
		this.#silentUntil = Math.max(this.#silentUntil, performance.now() + ms);
	}

	refused(reason: Doubt, ms: number, longest: number): void {
		const isNew = reason !== this.#doubt;
		if (isNew && this.#doubt === 'revoked') {
			this.silence(ms); // The bot is no less revoked for it.
		} else if (isNew || this.#probeUntil > 0 || this.#silence <= 0) {
			// Any other call was on its way together with those that were refused before.
			this.#refusals = isNew ? 0 : this.#refusals + 1;
			this.#doubt = reason;
			this.#probeUntil = 0;
			this.silence(Math.min(ms * 2 ** this.#refusals, Math.max(ms, longest)));
		}
	}

	accepted(): void {
		// Only the probe tells: what was on its way before may well be accepted after others were refused.
		if (this.#probeUntil > 0) {
			this.#doubt = undefined;
			this.#probeUntil = 0;
			this.#woken();
		}
	}

	get #isAwaited(): boolean {
		return this.#firsts.size > 0 || this.#renewals.size > 0;
	}

	/** How much longer the platform wants silence, or the probe may take. */
	get #silence(): number {
		return Math.max(this.#silentUntil, this.#probeUntil) - performance.now();
	}

	/** How long until the calls of the last interval leave room for one more. */
	#roomIn(): number {
		const limit = this.#limit;
		if (!limit) {
			return 0;
		}

		const window = this.#window!;
		const time = performance.now();
		const typing = window.size - window.messages;
		const {expectedMessages: expected} = window;
		// With twice the deviation, two replies in a thousand meet a full window at two thirds of the limit; with more than this, typing gives way to
		// messages that don't come. A limit of one or two must leave some for typing.
		const reserve = Math.min(2.5 * Math.sqrt(expected), limit.limit / 2);
		if (typing + expected + reserve < limit.limit) {
			// A few go together, many go one by one: so they make room one by one when replies set in, not all of them a second later.
			// A little closer than even, so that it costs no calls, and never so far apart that somebody waits for it.
			const spacing = Math.min((0.9 * limit.interval) / limit.limit, longestSpacing);
			return typing * 2 > limit.limit ? Math.floor(window.lastTypingAt + spacing - time) : 0;
		}

		// Look again when a call ceases to count. Where there is none, room is kept for messages that may come: then a little later.
		const left = window.freeAt - time;
		return left > 0 ? left : limit.interval / limit.limit;
	}

	/**
	Give what the budget allows to those in line, until nobody is or something stands in the way.

	Whoever joins the line calls it: where timers end with the request that set them, as in workers, the one that was to look again never does.
	*/
	#handOut(): void {
		while (this.#isAwaited && this.#wakeAt <= performance.now()) {
			const wait = Math.max(this.#silence, this.#roomIn());
			if (wait > 0) {
				// Room first, slot second: p-throttle's timer would keep the process alive.
				this.#sleep(Math.min(wait, longestSleep));
			} else if (this.#throttle && !this.#hasSlot) {
				void this.#takeSlot(this.#throttle);
			} else {
				this.#hasSlot = false; // First: who is granted may well make others ask.
				this.#hasSlot ||= !this.#grantNext();
			}
		}
	}

	#sleep(ms: number): void {
		this.#wakeAt = performance.now() + ms;
		clearTimeout(this.#timer);
		this.#timer = wake(() => this.#woken(), ms);
	}

	#woken(): void {
		clearTimeout(this.#timer);
		this.#wakeAt = 0;
		this.#handOut();
	}

	async #takeSlot(throttle: Throttle): Promise<void> {
		this.#sleep((this.#limit?.interval ?? 0) + longestSlot);
		try {
			await throttle();
			this.#hasSlot = true;
			this.#woken();
		} catch (error) {
			// Typing gives way: without a throttle there is no permission.
			this.#onError(error);
			this.#sleep(throttleRetry);
		}
	}

	#grantNext(): boolean {
		for (const line of [this.#firsts, this.#renewals]) {
			for (const waiter of line) {
				line.delete(waiter);
				if (waiter.grant()) {
					if (this.#doubt) {
						this.#probeUntil = performance.now() + probeTime; // One asks for all of them.
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
