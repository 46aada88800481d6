import type {Job} from './job.ts';
import {checkTime} from './options.ts';

/** What was aborted gets this many milliseconds to end. */
const farewell = 1000;

/** The work in progress, so that a shut-down can wait for it. */
export class Workload {
	readonly #jobs = new Set<Pick<Job, 'abort'>>();
	readonly #waiting = new Set<() => void>();
	#isDraining = false;
	#reason: DOMException | undefined;

	/** How many requests are being worked on. */
	get size(): number {
		return this.#jobs.size;
	}

	/** Whether nothing more is taken on. */
	get isDraining(): boolean {
		return this.#isDraining;
	}

	/** Why all work is aborted, what is to come of it as well. */
	get reason(): DOMException | undefined {
		return this.#reason;
	}

	add(job: Pick<Job, 'abort'>): void {
		this.#jobs.add(job);
	}

	remove(job: Pick<Job, 'abort'>): void {
		this.#jobs.delete(job);
		if (this.size === 0) {
			for (const resolve of this.#waiting) {
				resolve();
			}
		}
	}

	/** Waits for the work in progress, and after `ms` aborts what is left. Nothing more is taken on. */
	async drain(ms: number): Promise<void> {
		checkTime('ms', ms);
		this.#isDraining = true;
		if (await this.#isIdle(ms)) {
			return;
		}

		this.#reason = new DOMException('The bot is shutting down', 'AbortError');
		for (const job of this.#jobs) {
			job.abort(this.#reason);
		}

		await this.#isIdle(farewell);
	}

	/** Whether all work has ended, after `ms` at the most. */
	async #isIdle(ms: number): Promise<boolean> {
		if (this.size === 0) {
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
