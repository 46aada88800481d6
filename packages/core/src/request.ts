import {now, wake} from './timer.ts';

/** A call is given up after this many milliseconds, or after two thirds of a shorter interval. */
const longestDeadline = 3000;

/** Shorter than the interval, so that a call that hangs is tried again in time. */
export function deadlineFor(interval: number): number {
	return Math.min(longestDeadline, (interval * 2) / 3);
}

/** What came of a call. One that was given up fails with the reason of its signal, and may yet land. */
export interface Outcome {
	readonly landed: boolean;
	readonly error?: unknown;
}

/** Makes the call. */
export type Perform = (signal: AbortSignal) => Promise<unknown>;

/**
One call on its way to the platform, given up at a deadline.

It doesn't trust the client to honour its signal: an aborted request counts as in flight until it really settles, so that two never overlap,
but no longer than its deadline, so that a client that never settles holds nobody up.
*/
export class Request {
	readonly startedAt: number = now();

	/** Settles when {@link release} is called. */
	readonly over: Promise<unknown>;
	/** Nobody need wait for it any longer. */
	release!: (value?: unknown) => void;
	readonly #controller = new AbortController();
	/** Aborted when nobody wants it any more, and at its deadline. */
	readonly signal: AbortSignal = this.#controller.signal;

	constructor() {
		this.over = new Promise(resolve => (this.release = resolve));
	}

	/**
	Make the call. Settles when it ended, by its deadline at the latest, and never rejects.

	@param onLate - Called if it lands after its deadline.
	*/
	async send(perform: Perform, deadline: number, onLate?: () => void): Promise<Outcome> {
		return new Promise<Outcome>(resolve => {
			let isOver = false;
			const end = (outcome: Outcome) => {
				isOver = true;
				clearTimeout(timer);
				resolve(outcome);
			};

			const giveUp = () => {
				this.#controller.abort(new DOMException(`No answer within ${deadline} ms`, 'TimeoutError'));
				end({landed: false, error: this.signal.reason}); // An earlier one, if it was aborted before.
			};

			// In two halves: a process that was busy all the while gets to read what was answered before it gives up.
			let timer = wake(() => (timer = wake(giveUp, deadline / 2)), deadline / 2);
			perform(this.signal).then(
				() => (isOver ? onLate?.() : end({landed: true})),
				(error: unknown) => end({landed: false, error}),
			);
		});
	}

	/** Nobody wants it any more. */
	abort(reason: string): void {
		this.#controller.abort(new DOMException(reason, 'AbortError'));
	}
}
