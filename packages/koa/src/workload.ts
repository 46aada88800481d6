import type {AnyAction, Typing} from '@auto-typing/core';
import {checkTime} from './options.ts';

/** What was aborted gets this many milliseconds to end. */
const farewell = 1000;

type Hold = Pick<Typing<AnyAction>, 'cancel'>;

/** The work in progress, so that a shut-down can wait for it. */
export class Workload {
	#count = 0;
	#isDraining = false;
	/** Why all holds are cancelled, those to come as well. */
	#reason: DOMException | undefined;
	readonly #holds = new Set<Hold>();
	readonly #waiting = new Set<() => void>();

	/** How many requests are being worked on. */
	get size(): number {
		return this.#count;
	}

	/** Whether nothing more is taken on. */
	get isDraining(): boolean {
		return this.#isDraining;
	}

	/**
	Does `work`, and counts it until both it and its response, which is `sent` then, are over.

	Not an async function: the frame of one takes more memory than all of this.
	*/
	// oxlint-disable-next-line promise-function-async -- see above
	add(work: () => Promise<void>, sent: Promise<void>): Promise<void> {
		this.#count++;
		let result: Promise<void>;
		try {
			result = work();
		} catch (error) {
			result = Promise.reject(error);
		}

		const settle = () => void sent.then(this.#end);
		void result.then(settle, settle);
		return result;
	}

	/** The hold of some of the work: cancelled with it. */
	watch(hold: Hold): void {
		if (this.#reason) {
			hold.cancel(this.#reason, 'closed');
		}

		this.#holds.add(hold);
	}

	unwatch(hold: Hold): void {
		this.#holds.delete(hold);
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

	readonly #end = (): void => {
		this.#count--;
		if (this.#count === 0) {
			for (const resolve of this.#waiting) {
				resolve();
			}
		}
	};

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
