import type {AnyAction} from './action.ts';
import type {EndReason} from './events.ts';
import {follow, unfollow} from './followers.ts';
import {checkAction, type Settings} from './options.ts';
import {now} from './timer.ts';

const none: readonly never[] = [];

/** What a hold holds: the lease of its chat. */
export interface Holder<Action extends AnyAction> {
	/** Something about the hold has changed. */
	update(): void;

	/** The hold is over. */
	remove(hold: Typing<Action>, reason: EndReason): void;
}

/**
One handler's hold on the indicator of its chat: what `ctx.typing` is.

While at least one hold is active the indicator is kept up. The most recent one decides the action, so nested handlers behave like a stack.

@example
```ts
import {Indicator, type Platform} from '@auto-typing/core';

declare const platform: Platform<string, 'typing' | 'upload_photo'>;
declare const draw: (signal: AbortSignal) => Promise<void>;

const indicator = new Indicator(platform);
await indicator.run('chat', async typing => {
	typing.action = 'upload_photo';
	await draw(typing.signal);
});
```
*/
export class Typing<Action extends AnyAction = string> {
	/** The options it was started with. */
	readonly settings: Settings<Action>;

	/** When it begins to ask for the indicator, in monotonic milliseconds. */
	readonly from: number;

	/** The one that was the latest on its lease before it: the lease's own. */
	before: Typing<Action> | undefined;

	readonly #startedAt: number;
	readonly #lease: Holder<Action> | undefined;
	readonly #outer: Typing<Action> | undefined;
	#action: Action;
	#state: 'working' | 'paused' | 'ended' = 'working';
	/** Those within it that go on, of whatever chat. */
	#inners: Set<Typing<Action>> | undefined;
	/** How many have paused it: itself, and those within it. */
	#pauses = 0;
	#controller: AbortController | undefined;

	/**
	@param lease - The indicator it holds; without one it holds nothing, as in an update without a chat.
	@param outer - The hold of the handler around this one, if it is part of the same work.
	*/
	constructor(settings: Settings<Action>, lease?: Holder<Action>, action: Action = settings.action, outer?: Typing<Action>) {
		this.settings = settings;
		// One that is done is around nothing.
		const around = outer?.ended && !outer.#isCancelled ? undefined : outer;
		// What is around it is shown anyway: from then on with its own action.
		const time = now();
		this.#startedAt = time;
		this.from = Math.min(time + settings.delay, Math.max(time, around?.from ?? Infinity));
		this.#lease = lease;
		this.#action = action;
		this.#outer = around;
		if (around) {
			(around.#inners ??= new Set()).add(this);
		}

		if (!lease) {
			this.follow();
		}
	}

	/**
	What the person sees. Assign to change it: it shows at once.

	@throws {TypeError} When the platform has no such action.
	*/
	get action(): Action {
		return this.#action;
	}

	set action(action: Action) {
		checkAction(action, this.settings.actions);
		if (action !== this.#action) {
			this.#action = action;
			this.#lease?.update();
		}
	}

	/**
	Aborted when the work has lost its point: it was cancelled, the `signal` of the options was aborted, nothing reaches the chat any more, or
	the indicator was closed. Hand it to `fetch`, or to a model, and stop paying for an answer that nobody can receive.

	It is not aborted when the handler ends, at `maxDuration`, nor by any trouble with the indicator alone.
	*/
	get signal(): AbortSignal {
		// Made on demand: most handlers never look, and a controller costs more than all the rest of a hold.
		return (this.#controller ??= new AbortController()).signal;
	}

	/** When it ceases to ask for the indicator, in monotonic milliseconds. */
	get until(): number {
		return this.#startedAt + this.settings.maxDuration;
	}

	/** Whether the hold is over. */
	get ended(): boolean {
		return this.#state === 'ended';
	}

	/** Be cancelled when the signal of the options, or of those around it, is aborted; at once if those around it were. */
	follow(): void {
		const outer = this.#outer;
		if (outer && outer.#isCancelled) {
			this.cancel(outer.signal.reason);
			return;
		}

		for (const signal of this.#signals()) {
			if (signal.aborted) {
				this.cancel(signal.reason);
				return;
			}

			follow(signal, this);
		}
	}

	/** Whether it goes on at this time, in monotonic milliseconds, and isn't paused: from {@link from} on it asks for the indicator. */
	isWorking(time: number): boolean {
		return !this.ended && this.#pauses === 0 && time < this.until;
	}

	/** Take the indicator down, for example while waiting for the person. */
	pause(): void {
		if (this.#state === 'working') {
			this.#state = 'paused';
			this.#hush(1);
		}
	}

	/** Show it again after {@link pause}. */
	resume(): void {
		if (this.#state === 'paused') {
			this.#state = 'working';
			this.#hush(-1);
		}
	}

	/** End the hold and those around it: the work is done. The end of a handler ends its hold anyway, and no other. */
	stop(): void {
		this.#outer?.stop();
		this.#done();
	}

	/** End the hold, those around it and those within it, and abort their {@link signal}: the work has lost its point. */
	cancel(reason?: unknown, why: EndReason = 'cancelled'): void {
		if (!this.ended) {
			this.#outer?.cancel(reason, why); // First: the end of a paused hold resumes the one around it.
			this.#end(why);
			this.#controller ??= new AbortController();
			this.#controller.abort(reason ?? new DOMException('Typing was cancelled', 'AbortError'));
			for (const inner of this.#inners ?? none) {
				inner.cancel(this.signal.reason, why);
			}
		}
	}

	/** End the hold, and none around it: what the end of a handler does. */
	[Symbol.dispose](): void {
		this.#done();
	}

	/**
	End the hold when `work` is done, and pass its result or its error through.

	Not an async function: the frame of one takes more memory than the hold and its timer together.
	*/
	// oxlint-disable-next-line promise-function-async -- see above
	during<Result>(work: () => Result | PromiseLike<Result>): Promise<Result> {
		const end = this.#done.bind(this);
		let result: Promise<Result>;
		try {
			result = Promise.resolve(work());
		} catch (error) {
			result = Promise.reject(error);
		}

		void result.then(end, end);
		return result;
	}

	get #isCancelled(): boolean {
		return this.#controller?.signal.aborted === true;
	}

	#signals(): readonly AbortSignal[] {
		const {signal} = this.settings;
		const around = this.#outer ? this.#outer.#signals() : none;
		return signal ? [...around, signal] : around;
	}

	/** Pause it and those around it once more, or once less. */
	#hush(pauses: 1 | -1): void {
		const outer = this.#outer;
		this.#pauses += pauses;
		if (outer) {
			outer.#hush(pauses);
		}

		this.#lease?.update();
	}

	#done(): void {
		this.#end('done');
	}

	#end(why: EndReason): void {
		if (!this.ended) {
			const wasPaused = this.#state === 'paused';
			const outer = this.#outer;
			this.#state = 'ended';
			if (outer) {
				outer.#inners!.delete(this);
			}

			for (const signal of this.#signals()) {
				unfollow(signal, this);
			}

			if (wasPaused) {
				this.#hush(-1);
			}

			this.#lease?.remove(this, why);
		}
	}
}
