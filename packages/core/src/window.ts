/** One call, as the platform may count it. */
export interface Call {
	/** When the platform counts it, as far as we know, in monotonic milliseconds. */
	at: number;
	readonly startedAt: number;
	readonly isMessage: boolean;
}

/** The messages of about this many intervals make the average. */
const memory = 3;

/**
The calls of the last interval: those that the platform still counts.

It counts a call when it arrives there, which we can't see. Where every call takes equally long that makes no difference, so what is added is
only how much longer than the fastest one a call took to arrive.
*/
export class Window {
	readonly #interval: number;
	/** By start. */
	readonly #calls = new Set<Call>();
	#messages = 0;
	/** The messages of late, each the less the longer ago it was, and when that was reckoned. */
	#lately = 0;
	#latelyAt = 0;
	#shortestTrip = Number.POSITIVE_INFINITY;

	constructor(interval: number) {
		this.#interval = interval;
	}

	/** How many calls still count. */
	get size(): number {
		this.#forget();
		return this.#calls.size;
	}

	/** How many of them are messages. */
	get messages(): number {
		this.#forget();
		return this.#messages;
	}

	/**
	How many messages an interval may bring: as many as this one did, or the last ones on average, and one and a half times the deviation, the square
	root where they come at random. With less, random messages meet a full window; with more, typing gives way to messages that don't come.
	*/
	get expectedMessages(): number {
		const mean = Math.max(this.messages, this.#level() / memory);
		return mean + 1.5 * Math.sqrt(mean);
	}

	/** When the next one ceases to count. */
	get freeAt(): number {
		this.#forget();
		const [oldest] = this.#calls;
		return oldest ? oldest.at + this.#interval : 0;
	}

	/** A call goes out. */
	add(isMessage: boolean): Call {
		this.#forget();
		const startedAt = performance.now();
		const call = {at: startedAt, startedAt, isMessage};
		this.#put(call);
		if (isMessage) {
			this.#lately = this.#level() + 1;
			this.#latelyAt = startedAt;
		}

		return call;
	}

	/** It was answered. */
	answered(call: Call): void {
		const trip = performance.now() - call.startedAt;
		this.#shortestTrip = Math.min(this.#shortestTrip, trip);
		// There and back: half of the time that it took longer was on the way there.
		call.at = call.startedAt + (trip - this.#shortestTrip) / 2;
		this.#take(call);
		this.#put(call);
	}

	#level(): number {
		return this.#lately * Math.exp((this.#latelyAt - performance.now()) / (this.#interval * memory));
	}

	#forget(): void {
		const since = performance.now() - this.#interval;
		for (const call of this.#calls) {
			if (call.at > since) {
				return;
			}

			this.#take(call);
		}
	}

	#put(call: Call): void {
		this.#calls.add(call);
		this.#messages += call.isMessage ? 1 : 0;
	}

	#take(call: Call): void {
		if (this.#calls.delete(call)) {
			this.#messages -= call.isMessage ? 1 : 0;
		}
	}
}
