import type {Failure} from './platform.ts';
import {now} from './timer.ts';

/** A refusal is believed for this many milliseconds. */
const refusalTime = 5 * 60_000;

/** After a failure the next try starts this many milliseconds after the start of the failed one, doubling. */
const firstRetry = 250;
const longestRetry = 10_000;

/** A chat that was moved more often than this is going round in circles. */
const mostDetours = 2;

const nothing: readonly never[] = [];

/** What is known of a chat beyond one handler: what it refused, when to ask again, how much it was asked lately. */
export class Chat {
	/** When a call that was aborted has landed at the latest. */
	landsBy = 0;
	readonly #waiting: Array<() => void> = [];
	#detours: readonly unknown[] = nothing;
	#detouredAt = 0;
	#refusal: Failure | undefined;
	#refusedUntil = 0;
	#silentUntil = 0;
	#retryAt = 0;
	#failures = 0;

	/** Whether a message has to wait for a call that was aborted. */
	get isLanding(): boolean {
		return this.#waiting.length > 0 || this.landsBy > now();
	}

	/** Settles when a call that was aborted must have landed. The first timer lets out all who wait, in their order: it may well be a later one's. */
	async landed(): Promise<void> {
		if (this.isLanding) {
			await new Promise<void>(resolve => {
				this.#waiting.push(resolve);
				// It keeps the process alive: a message waits for it.
				setTimeout(() => {
					for (const leave of this.#waiting.splice(0)) {
						leave();
					}
				}, this.landsBy - now());
			});
		}
	}

	/** Whether the chat refused typing lately. */
	get isRefusing(): boolean {
		return this.#refusedUntil > now();
	}

	/** Whether the platform asked for silence in this chat. */
	get isSilent(): boolean {
		return this.#silentUntil > now();
	}

	/** Whether there is anything to remember. */
	get isMemorable(): boolean {
		return this.detours.length > 0 || this.#failures > 0 || Math.max(this.readyAt, this.landsBy) > now();
	}

	/** How many calls in a row have failed, from the last one on that got no answer. */
	get failures(): number {
		return this.#failures;
	}

	/** When the next call may start. */
	get readyAt(): number {
		return Math.max(this.#refusedUntil, this.calmAt);
	}

	/** The same, for a call that takes the indicator down: what is refused may have been shown before. */
	get calmAt(): number {
		return Math.max(this.#silentUntil, this.#retryAt);
	}

	/** The refusals after which it was shown elsewhere: what they said goes for the next handler's target as well, for a while. */
	get detours(): readonly unknown[] {
		return this.#detouredAt + refusalTime > now() ? this.#detours : nothing;
	}

	/** Whether it may be shown elsewhere once more. */
	get mayDetour(): boolean {
		return this.detours.length < mostDetours;
	}

	detour(error: unknown): void {
		this.#detours = [...this.detours, error];
		this.#detouredAt = now();
	}

	/** The chat won't have it: don't ask again for a while. */
	refuse(failure: Failure): void {
		this.#refusal = failure;
		this.#refusedUntil = now() + refusalTime;
	}

	/** The platform asked for silence in this chat. */
	silence(ms: number): void {
		this.#silentUntil = Math.max(this.#silentUntil, Math.ceil(performance.now()) + ms); // Rounded up: not a moment early.
	}

	/** A call that started at `startedAt` failed: back off, the more the longer it goes on. One that got no answer may have landed: it counts afresh. */
	failed(startedAt: number, timedOut: boolean): void {
		const before = timedOut ? 0 : this.#failures;
		this.#retryAt = startedAt + Math.min(firstRetry * 2 ** before, longestRetry);
		this.#failures = before + 1;
	}

	/** A call was accepted. */
	accepted(): void {
		this.#failures = 0;
		this.#retryAt = 0;
	}

	/** A message got through: the chat isn't gone, if ever it was, and the network is back. */
	reached(): void {
		this.accepted();
		if (this.#refusal === 'gone') {
			this.#refusedUntil = 0;
		}
	}
}
