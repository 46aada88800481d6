import type {AnyAction, Typing} from '@auto-typing/core';
import {checkTime} from './options.ts';

/** What was aborted gets this many milliseconds to end. */
const farewell = 1000;

/** The work in progress, so that a shut-down can wait for it. */
export class Workload {
	#count = 0;
	#isDraining = false;
	/** Why all holds are cancelled, those to come as well. */
	#reason: DOMException | undefined;
	readonly #holds = new Set<Pick<Typing<AnyAction>, 'cancel'>>();
	readonly #waiting = new Set<() => void>();

	/** How many requests are being worked on. */
	get size(): number {
		return this.#count;
	}

	/** Whether nothing more is taken on. */
	get isDraining(): boolean {
		return this.#isDraining;
	}

	/** Does `work`, and counts it until it has settled; where there is a response to it, until that is `sent`. */
	async add(work: () => Promise<void>, sent?: Promise<void>): Promise<void> {
		this.#count++;
		try {
			await work();
		} finally {
			const end = () => this.#end();
			if (sent) {
				void sent.then(end);
			} else {
				end();
			}
		}
	}

	/** The hold of some of the work: cancelled with it. Returns what ends that. */
	watch(hold: Pick<Typing<AnyAction>, 'cancel'>): () => void {
		if (this.#reason) {
			hold.cancel(this.#reason, 'closed');
		}

		this.#holds.add(hold);
		return () => this.#holds.delete(hold);
	}

	/** Waits for the work in progress, and after `ms` aborts what is left. Nothing more is taken on. */
	async drain(ms: number): Promise<void> {
		checkTime('ms', ms);
		this.#isDraining = true;
		if (await this.#isIdle(ms)) {
			return;
		}

		this.#reason = new DOMException('The bot is shutting down', 'AbortError');
		for (const hold of this.#holds) {
			hold.cancel(this.#reason, 'closed');
		}

		await this.#isIdle(farewell);
	}

	#end(): void {
		this.#count--;
		if (this.#count === 0) {
			for (const resolve of this.#waiting) {
				resolve();
			}
		}
	}

	/** Whether all work has ended, after `ms` at the most. */
	async #isIdle(ms: number): Promise<boolean> {
		if (this.#count === 0) {
			return true;
		}

		return new Promise(resolve => {
			const end = (isIdle: boolean) => {
				clearTimeout(timer);
				this.#waiting.delete(whenIdle);
				resolve(isIdle);
			};

			const whenIdle = () => end(true);
			this.#waiting.add(whenIdle);
			// It keeps the process alive: whoever drains waits for it. `setTimeout` can't wait longer than this.
			const timer = setTimeout(end, Math.min(ms, 2 ** 31 - 1), false);
		});
	}
}
