/** A rate limit: at most `limit` requests in any `interval`. */
export interface Limit {
	readonly limit: number;
	/** The length of the sliding window, in milliseconds. */
	readonly interval: number;
	/**
	Whether going over it shuts the scope for `retryAfter`: every request is then refused until that has passed.
	Otherwise only those are refused that do not fit the window.
	@default false
	*/
	readonly lockout?: boolean;
	/** What a refusal asks for, in whole seconds. By default until there is room in the window. */
	readonly retryAfter?: number;
	/** The methods that count. By default every request that addresses a chat. */
	readonly methods?: readonly string[];
}

/** The window of one scope (a bot, or one chat) under one limit. Times are in milliseconds on any clock. */
export class Budget {
	readonly #admitted: number[] = [];
	#shutUntil = -Infinity;

	/** The seconds a request must wait, 0 if it may pass. Books nothing: a request may have to pass several budgets. */
	refuse({limit, interval, lockout = false, retryAfter}: Limit, now: number): number {
		if (lockout && now < this.#shutUntil) return Math.ceil((this.#shutUntil - now) / 1000);
		while (this.#admitted[0] !== undefined && this.#admitted[0] <= now - interval) this.#admitted.shift();
		if (this.#admitted.length < limit) return 0;
		const room = ((this.#admitted[0] ?? now) + interval - now) / 1000;
		const seconds = retryAfter ?? Math.max(1, Math.ceil(room));
		if (lockout) this.#shutUntil = now + seconds * 1000;
		return seconds;
	}

	book(now: number): void {
		this.#admitted.push(now);
	}
}
