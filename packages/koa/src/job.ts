import type {ServerResponse} from 'node:http';
import type {AnyAction, Typing} from '@auto-typing/core';
import {isOver, whenOver} from './departure.ts';
import type {Workload} from './workload.ts';

type Hold = Pick<Typing<AnyAction>, 'cancel' | 'stop'>;

/**
The work on one request. It is over when both the work is done and the response has left.

One object and two listeners, because there is one for every handler at work: promises would take several times the memory.
*/
export class Job {
	readonly #res: ServerResponse;
	readonly #workload: Workload;
	#hold: Hold | undefined;
	#endsWithResponse = false;
	#isSent: boolean;
	#isDone = false;

	constructor(res: ServerResponse, workload: Workload) {
		this.#res = res;
		this.#workload = workload;
		this.#isSent = isOver(res);
		if (!this.#isSent) {
			whenOver(res, this.#sent.bind(this));
		}

		workload.add(this);
	}

	/** Does the work, and passes its result or its error through. */
	// oxlint-disable-next-line promise-function-async -- the frame of an async function takes more memory than all of this
	during(work: () => Promise<void>): Promise<void> {
		const end = this.#done.bind(this);
		let result: Promise<void>;
		try {
			result = work();
		} catch (error) {
			result = Promise.reject(error);
		}

		void result.then(end, end);
		return result;
	}

	/** Whoever waits for the answer: without them the work has lost its point. `hold` ends when the response has left. */
	holdUntilSent(hold: Hold): void {
		this.#endsWithResponse = true;
		this.hold(hold);
		if (this.#isSent) {
			this.#leave();
		}
	}

	/** What is shown for this work, and cancelled with it. */
	hold(hold: Hold): void {
		this.#hold = hold;
		if (this.#workload.reason) {
			this.abort(this.#workload.reason);
		}
	}

	/** The work has lost its point. */
	abort(reason: DOMException): void {
		this.#hold?.cancel(reason, 'closed');
	}

	#sent(): void {
		this.#isSent = true;
		if (this.#endsWithResponse) {
			this.#leave();
		}

		this.#end();
	}

	#leave(): void {
		if (this.#res.writableFinished) {
			this.#hold?.stop();
		} else {
			this.#hold?.cancel(new DOMException('The client has hung up', 'AbortError'));
		}
	}

	#done(): void {
		this.#isDone = true;
		this.#end();
	}

	#end(): void {
		if (this.#isSent && this.#isDone) {
			this.#workload.remove(this);
		}
	}
}
