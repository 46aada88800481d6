/** One direction of a connection: what sets out later never arrives earlier, however the time under way varies. */
export class Road {
	readonly #underWay: Array<{at: number; arrive: () => void}> = [];
	#timer: NodeJS.Timeout | undefined;
	#closed = false;

	/** Lets something arrive after so many milliseconds; at once for 0, if nothing is ahead of it. */
	send(ms: number, arrive: () => void): void {
		if (this.#closed) return;
		const at = performance.now() + ms;
		if (ms <= 0 && this.#underWay.length === 0) return arrive();
		this.#underWay.push({at, arrive});
		this.#timer ??= setTimeout(() => this.#deliver(), ms);
	}

	/** Loses everything that is still under way. */
	close(): void {
		this.#closed = true;
		this.#underWay.length = 0;
		clearTimeout(this.#timer);
	}

	#deliver(): void {
		this.#timer = undefined;
		for (let next; (next = this.#underWay[0]);) {
			// Timers are a fraction of a millisecond early by this clock.
			const left = next.at - performance.now();
			if (left >= 1) {
				this.#timer = setTimeout(() => this.#deliver(), left);
				return;
			}

			this.#underWay.shift();
			next.arrive();
		}
	}
}
