import type {AnyAction} from './action.ts';
import type {Failure} from './platform.ts';

/** Why a hold ended: its handler was done, it was cancelled, its chat is gone, its indicator was closed, or `maxDuration` was over. */
export type EndReason = 'done' | 'cancelled' | 'gone' | 'closed' | 'ceiling';

/**
What the engine did or left undone, and why.

- `send`: a call went out. `first` and `return` show an indicator that is down, `renewal` keeps it up, `action` changes it, `retry` follows a failure.
- `stop`: the call that takes the indicator down went out.
- `skip`: no call was made: the handler was `quick`er than `delay`, its chat has `refused` typing lately, it would be `unseen`, a `message` was on its way out, or the handler `ended` while the call was waiting.
- `wait`: a call waits for the `budget`, for the end of a `silence` the platform asked for, or because the bot was `revoked`.
- `failure`: a call failed; `failure` is what it was taken for.
- `end`: a hold ended: that of a handler, of one within it, or of a file on its way.
*/
export type TypingEvent<Target = unknown, Action extends AnyAction = string> = {readonly target: Target} & (
	| {readonly type: 'send'; readonly action: Action; readonly reason: SendReason}
	| {readonly type: 'stop'; readonly reason: 'ended'}
	| {readonly type: 'skip'; readonly reason: 'quick' | 'refused' | 'unseen' | 'message' | 'ended'}
	| {readonly type: 'wait'; readonly reason: WaitReason}
	| {readonly type: 'failure'; readonly reason: 'error' | 'timeout'; readonly failure: Failure; readonly error: unknown}
	| {readonly type: 'end'; readonly reason: EndReason}
);

export type SendReason = 'first' | 'return' | 'renewal' | 'action' | 'retry';

export type WaitReason = 'budget' | 'silence' | 'revoked';

/** Who wants to hear what the engine does. */
export interface Observer<Target = unknown, Action extends AnyAction = string> {
	/** Told of every send, stop, skip, wait, failure and end. */
	readonly onEvent?: ((event: TypingEvent<Target, Action>) => unknown) | undefined;

	/** Told once of every failed call; the handler never is. `target` is `undefined` when the throttle itself failed. */
	readonly onError?: ((error: unknown, target: Target | undefined) => unknown) | undefined;
}

/** Passes events on. An observer that throws, or whose promise rejects, harms nobody. */
export class Events<Target, Action extends AnyAction> {
	readonly #onEvent = new Set<NonNullable<Observer<Target, Action>['onEvent']>>();
	readonly #onError = new Set<NonNullable<Observer<Target, Action>['onError']>>();

	add({onEvent, onError}: Observer<Target, Action>): void {
		if (onEvent) {
			this.#onEvent.add(onEvent);
		}

		if (onError) {
			this.#onError.add(onError);
		}
	}

	/** Whether anybody listens: ask before making an event that nobody hears. */
	get isHeard(): boolean {
		return this.#onEvent.size > 0;
	}

	emit(event: TypingEvent<Target, Action>): void {
		for (const listener of this.#onEvent) {
			void tell(() => listener(event));
		}
	}

	error(error: unknown, target?: Target): void {
		for (const listener of this.#onError) {
			void tell(() => listener(error, target));
		}
	}
}

async function tell(call: () => unknown): Promise<void> {
	try {
		await Promise.resolve(); // In a turn of its own: an observer may well stop a hold, and the engine is in the middle of a step.
		await call();
	} catch {
		// There is nobody left to tell: a logger that fails must not fail the bot.
	}
}
