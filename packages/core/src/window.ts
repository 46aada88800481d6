/** One call, as the platform may count it. */
export interface Call {
	/** When the platform counts it, as far as we know, in monotonic milliseconds. */
	at: number;
	readonly startedAt: number;
	readonly isMessage: boolean;
	/** Whether it is among the calls of the window. */
	isCounted: boolean;
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
	/** By start. Those before `#head` are forgotten: an array gives up its front only now and then, a set would keep a hole for each. */
	#calls: Call[] = [];
	#head = 0;
	#messages = 0;
	/** The messages of late, each the less the longer ago it was, and when that was reckoned. */
	#lately = 0;
	#latelyAt = 0;
	/** When the last call that is no message went out, in monotonic milliseconds. */
	lastTypingAt = 0;
	#shortestTrip = Infinity;

	constructor(interval: number) {
		this.#interval = interval;
	}

	/** How many calls still count. */
	get size(): number {
		this.#forget();
		return this.#calls.length - this.#head;
	}

	/** How many of them are messages. */
	get messages(): number {
		this.#forget();
		return this.#messages;
	}

	/** How many messages an interval brings: as many as this one did, or the last ones on average. They come at random, so it may be more. */
	get expectedMessages(): number {
		return Math.max(this.messages, this.#level() / memory);
	}

	/** When the next one ceases to count. */
	get freeAt(): number {
		this.#forget();
		const oldest = this.#calls[this.#head];
		return oldest ? oldest.at + this.#interval : 0;
	}

	/** A call goes out. */
	add(isMessage: boolean): Call {
		this.#forget();
		const startedAt = performance.now();
		const call = {at: startedAt, startedAt, isMessage, isCounted: false};
		this.#put(call);
		if (isMessage) {
			this.#lately = this.#level() + 1;
			this.#latelyAt = startedAt;
		} else {
			this.lastTypingAt = startedAt;
		}

		return call;
	}

	/** It was answered. */
	answered(call: Call): void {
		const trip = performance.now() - call.startedAt;
		this.#shortestTrip = Math.min(this.#shortestTrip, trip);
		// There and back: half of the time that it took longer was on the way there.
		call.at = call.startedAt + (trip - this.#shortestTrip) / 2;
		if (!call.isCounted && call.at + this.#interval > performance.now()) {
			this.#put(call); // It took so long that it was forgotten.
		}
	}

	#level(): number {
		return this.#lately * Math.exp((this.#latelyAt - performance.now()) / (this.#interval * memory));
	}

	#forget(): void {
		const since = performance.now() - this.#interval;
		for (let call = this.#calls[this.#head]; call && call.at <= since; call = this.#calls[this.#head]) {
			call.isCounted = false;
			this.#messages -= call.isMessage ? 1 : 0;
			this.#head++;
		}

		if (this.#head > 100 && this.#head * 2 > this.#calls.length) {
			this.#calls = this.#calls.slice(this.#head);
			this.#head = 0;
		}
	}

	#put(call: Call): void {
		call.isCounted = true;
		this.#messages += call.isMessage ? 1 : 0;
		this.#calls.push(call);
	}
}
