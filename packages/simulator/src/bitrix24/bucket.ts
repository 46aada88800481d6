/** A leaky bucket. @see https://apidocs.bitrix24.com/limits.html */
export interface BucketOptions {
	/** How many requests it holds. */
	readonly size: number;
	/** How many leak out in a second. */
	readonly drain: number;
}

/** What cloud portals have, but for the Enterprise plan with 250 and 5. */
export const usualBucket: BucketOptions = {size: 50, drain: 2};

/** The requests from one address. Every one that comes counts, admitted or not. */
export class Bucket {
	#level = 0;
	#at = 0;

	/** Whether one more may pass. Times in milliseconds on any clock. */
	admit({size, drain}: BucketOptions, now: number): boolean {
		this.#level = Math.max(0, this.#level - ((now - this.#at) / 1000) * drain) + 1;
		this.#at = now;
		const passes = this.#level <= size;
		this.#level = Math.min(this.#level, size); // Else a portal that is hammered would never let anybody in again.
		return passes;
	}
}
