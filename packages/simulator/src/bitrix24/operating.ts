/** How much time a method may take. @see https://apidocs.bitrix24.com/limits.html */
export interface OperatingOptions {
	/** The time all calls of one method may take together, in milliseconds. */
	readonly limit: number;
	/** The stretch over which it is added up, in milliseconds. */
	readonly window: number;
}

export const usualOperating: OperatingOptions = {limit: 480_000, window: 600_000};

/** The time one method has taken of late. Times in milliseconds on one clock. */
export class Operating {
	#spent: Array<{readonly at: number; readonly ms: number}> = [];

	spend(ms: number, now: number): void {
		this.#spent.push({at: now, ms});
	}

	/** What has been taken in the window, and when a part of it is free again. */
	state({window}: OperatingOptions, now: number): {readonly taken: number; readonly resetAt: number} {
		this.#spent = this.#spent.filter(({at}) => at > now - window);
		return {taken: this.#spent.reduce((sum, {ms}) => sum + ms, 0), resetAt: (this.#spent[0]?.at ?? now) + window};
	}
}
