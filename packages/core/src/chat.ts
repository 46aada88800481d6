import type {Failure} from './platform.ts';
import {now} from './timer.ts';

/** A refusal is believed for this many milliseconds. */
const refusalTime = 5 * 60_000;

/** After a failure the next try starts this many milliseconds after the start of the failed one, doubling. */
const firstRetry = 250;
const longestRetry = 60_000;

const nothing: readonly never[] = [];

/** What is known of a chat beyond one handler: what it refused, when to ask again, how much it was asked lately. */
export class Chat {
	/** The refusals after which it was shown elsewhere: what they said goes for the next handler's target as well. */
	detours: readonly unknown[] = nothing;
	#refusal: Failure | undefined;
	#refusedUntil = 0;
	#silentUntil = 0;
	#failures = 0;
	/** When the last calls started, where the platform limits them by chat. */
	sends: readonly number[] = nothing;

	/** Whether the chat refused typing lately. */
	isRefusing(time: number): boolean {
		return this.#refusedUntil > time;
	}

	/** How many calls in a row have failed. */
	get failures(): number {
		return this.#failures;
	}

	/** When the next call may start. */
	get readyAt(): number {
		return Math.max(this.#refusedUntil, this.#silentUntil);
	}

	/** Whether there is anything to remember. */
	isMemorable(time: number): boolean {
		return this.detours.length > 0 || this.#failures > 0 || this.readyAt > time;
	}

	/** The chat won't have it: don't ask again for a while. */
	refuse(failure: Failure): void {
		this.#refusal = failure;
		this.#refusedUntil = now() + refusalTime;
	}

	/** The platform asked for silence in this chat. */
	silence(ms: number): void {
		this.#silentUntil = Math.ceil(performance.now()) + ms; // Up: not a moment early.
	}

	/** A call that started at `startedAt` failed: back off. */
	failed(startedAt: number): void {
		this.#silentUntil = startedAt + Math.min(firstRetry * 2 ** this.#failures, longestRetry);
		this.#failures++;
	}

	/** A call was accepted. */
	accepted(): void {
		this.#failures = 0;
		this.#silentUntil = 0;
	}

	/** A message got through: the chat isn't gone, if ever it was. */
	reached(): void {
		if (this.#refusal === 'gone') {
			this.#refusedUntil = 0;
		}
	}
}
