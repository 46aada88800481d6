import {now, wake} from './timer.ts';

/** What came of a call. `timedOut`: nobody aborted it before its deadline did; it may yet land. */
export interface Outcome {
	readonly landed: boolean;
	readonly error?: unknown;
	readonly timedOut?: boolean;
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

	/** Settles as soon as nobody need wait for it: it ended, or was aborted. */
	readonly over: Promise<unknown>;
	readonly #controller = new AbortController();
	#onOver!: (value?: unknown) => void;

	constructor() {
		this.over = new Promise(resolve => (this.#onOver = resolve));
	}

	/**
	Make the call. Settles when it ended, by its deadline at the latest, and never rejects.

	@param onLate - Called if it lands after its deadline.
	*/
	async send(perform: Perform, deadline: number, onLate?: () => void): Promise<Outcome> {
		const outcome = await new Promise<Outcome>(resolve => {
			let isOver = false;
			const end = (outcome: Outcome) => {
				isOver = true;
				clearTimeout(timer);
				resolve(outcome);
			};

			const timer = wake(() => {
				const error = new DOMException(`No answer within ${deadline} ms`, 'TimeoutError');
				end({landed: false, error, timedOut: !this.aborted});
				this.abort(error);
			}, deadline);
			perform(this.#controller.signal).then(
				() => (isOver ? onLate?.() : end({landed: true})),
				(error: unknown) => end({landed: false, error}),
			);
		});
		this.#onOver();
		return outcome;
	}

	get aborted(): boolean {
		return this.#controller.signal.aborted;
	}

	/** @param reason - An error, or the message of an `AbortError`. */
	abort(reason: string | DOMException): void {
		if (!this.aborted) {
			this.#controller.abort(typeof reason === 'string' ? new DOMException(reason, 'AbortError') : reason);
			this.#onOver();
		}
	}
}
