import type {Failure, Limit} from './platform.ts';

/** A refusal is believed for this many milliseconds. */
const refusalTime = 5 * 60_000;

/** After a failure the next try starts this many milliseconds after the start of the failed one, doubling. */
const firstRetry = 250;
const longestRetry = 60_000;

/** What is known of a chat beyond one handler: what it refused, when to ask again, how much it was asked lately. */
export class Chat {
	/** What to change in a target of this chat, since as it stands it was refused. */
	fallback: object | undefined;
	#refusal: Failure | undefined;
	#refusedUntil = 0;
	#silentUntil = 0;
	#failures = 0;
	#sends: readonly number[] = [];

	/** Whether the chat refused typing lately. */
	isRefusing(now: number): boolean {
		return this.#refusedUntil > now;
	}

	/** How many calls in a row have failed. */
	get failures(): number {
		return this.#failures;
	}

	/** When the next call may start. */
	readyAt(limit: Limit | undefined): number {
		const roomAt = limit && this.#sends.length >= limit.limit ? this.#sends.at(-limit.limit)! + limit.interval : 0;
		return Math.max(this.#refusedUntil, this.#silentUntil, roomAt);
	}

	/** Whether there is anything to remember. */
	isMemorable(now: number): boolean {
		return this.fallback !== undefined || this.#failures > 0 || this.#sends.length > 0 || this.readyAt(undefined) > now;
	}

	/** The chat won't have it: don't ask again for a while. */
	refuse(failure: Failure): void {
		this.#refusal = failure;
		this.#refusedUntil = performance.now() + refusalTime;
	}

	/** The platform asked for silence in this chat. */
	silence(ms: number): void {
		this.#silentUntil = performance.now() + ms;
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

	/** Count a call against the budget of the chat. */
	count({interval}: Limit): void {
		const now = performance.now();
		this.#sends = [...this.#sends.filter(at => at > now - interval), now];
	}
}
