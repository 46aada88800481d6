import type {Bot} from './bot.ts';
import {Chat} from './chat.ts';
import type {TypingEvent} from './events.ts';
import {explain, type Failure, type Limit} from './platform.ts';
import {Request, type Outcome, type Rejected} from './request.ts';
import {now, wake} from './timer.ts';

/** A call is given up after this many milliseconds, or after two thirds of a shorter interval. */
const longestDeadline = 3000;

/** A message waits this many milliseconds at the most for a call in flight. */
const patience = 300;

/** What came of a call: it landed, was aborted, or failed with `failure`, which is told and remembered already. */
export type Result = {readonly landed: boolean; readonly aborted: boolean; readonly startedAt: number; readonly failure?: Failure; readonly error?: unknown};

const nothing: readonly never[] = [];

/** Who is told when a call lands after it was given up. */
export interface LineListener {
	landedLate(): void;
}

/**
The line to one chat: the calls that go out there, one at a time, each with a deadline, and what is learned from their failures.

It knows nothing of holds: when to call, and what for, is up to the lease.
*/
export class Line<Target, Action extends string> {
	readonly key: string;

	/** The key of where it is really shown: another one when the chat has moved. */
	address: string;
	#target: Target;
	readonly #bot: Bot<Target, Action>;
	readonly #listener: LineListener;
	#request: Request | undefined;
	#chat: Chat | undefined;
	/** When the last calls started, where the platform limits them by chat. */
	#sends: readonly number[];

	constructor(key: string, target: Target, bot: Bot<Target, Action>, listener: LineListener) {
		this.key = key;
		this.address = key;
		this.#bot = bot;
		this.#listener = listener;
		this.#chat = bot.memory.recall(key);
		this.#sends = this.#chat?.sends ?? nothing;
		this.#target = target;
		for (const error of this.#chat?.detours ?? []) {
			this.#detour(error);
		}
	}

	/** Whether a call is in flight. */
	get isBusy(): boolean {
		return this.#request !== undefined;
	}

	/** Whether the chat refused typing lately. */
	get isRefused(): boolean {
		return this.#chat?.isRefusing(now()) ?? false;
	}

	/** How many calls in a row have failed. */
	get failures(): number {
		return this.#chat?.failures ?? 0;
	}

	/** When the next call may start, as far as the chat is concerned. */
	get readyAt(): number {
		const {chatLimit} = this.#bot.platform;
		const roomAt = chatLimit && this.#sends.length >= chatLimit.limit ? this.#sends[0]! + chatLimit.interval : 0;
		return Math.max(roomAt, this.#chat?.readyAt ?? 0);
	}

	/** Show `action`. */
	send(action: Action, interval: number, settle: (result: Result) => void): void {
		const {platform} = this.#bot;
		if (platform.chatLimit) {
			this.#sends = [...this.#recentSends(platform.chatLimit), now()];
		}

		const target = this.#target;
		this.#call(async signal => platform.send(target, action, signal), interval, settle);
	}

	/** Take the indicator down. */
	stop(settle: (result: Result) => void): void {
		const {platform} = this.#bot;
		const target = this.#target;
		this.#call(async signal => platform.stop!(target, signal), Number.POSITIVE_INFINITY, settle);
	}

	/** Abort the call in flight, if there is one. */
	abort(reason: string): void {
		this.#request?.abort(reason);
	}

	/** Settles when no call is in flight that a message would have to wait for: one that takes too long is aborted. */
	async clear(): Promise<void> {
		const request = this.#request;
		if (request) {
			const timer = wake(() => request.abort('A message is waiting'), patience);
			await request.over;
			clearTimeout(timer);
		}
	}

	/** A message got through. */
	reached(): void {
		this.#chat?.reached();
	}

	/** Learn from a failure, be it of a call or of a message. */
	learn(failure: Failure): void {
		const {budget} = this.#bot;
		if (failure === 'revoked') {
			budget.revoked();
		} else if (failure === 'give-up' || failure === 'gone') {
			this.#known.refuse(failure);
		} else if (failure !== 'retry' && failure.scope === 'bot') {
			budget.silence(failure.after);
		} else if (failure !== 'retry') {
			this.#known.silence(failure.after);
		}
	}

	/** Nobody holds the chat any more: keep what is worth remembering of it. */
	close(): void {
		const {chatLimit} = this.#bot.platform;
		const sends = chatLimit ? this.#recentSends(chatLimit) : nothing;
		if (sends.length > 0 || this.#chat?.isMemorable(now())) {
			this.#known.sends = sends;
			this.#bot.memory.keep(this.key, this.#known);
		}
	}

	emit(event: Untargeted<TypingEvent<Target, Action>>): void {
		if (this.#bot.events.isHeard) {
			this.#bot.events.emit({target: this.#target, ...event});
		}
	}

	get #known(): Chat {
		return (this.#chat ??= new Chat());
	}

	#call(perform: (signal: AbortSignal) => Promise<unknown>, interval: number, settle: (result: Result) => void): void {
		const {budget} = this.#bot;
		const answered = budget.note();
		const request = new Request(perform, Math.min(longestDeadline, (interval * 2) / 3), () => this.#listener.landedLate());
		this.#request = request;
		void request.outcome.then(outcome => {
			answered();
			this.#request = undefined;
			settle(this.#resultOf(request, outcome));
		});
	}

	#resultOf({startedAt, aborted}: Request, outcome: Outcome): Result {
		if (outcome.landed) {
			this.#chat?.accepted();
			this.#bot.budget.accepted();
			return {landed: true, aborted, startedAt};
		}

		return aborted && !outcome.timedOut
			? {landed: false, aborted, startedAt}
			: {landed: false, aborted, startedAt, failure: this.#failed(startedAt, outcome), error: outcome.error};
	}

	#recentSends({interval}: Limit): readonly number[] {
		const since = now() - interval;
		return this.#sends.filter(at => at > since);
	}

	/** Show it elsewhere, if the platform knows where. */
	#detour(error: unknown): boolean {
		const {platform} = this.#bot;
		const target = platform.fallback?.(this.#target, error);
		if (target !== undefined) {
			this.#target = target;
			this.address = platform.key(target);
		}

		return target !== undefined;
	}

	/** Tell of a failed call, once, and back off. */
	#failed(startedAt: number, {error, timedOut}: Rejected): Failure {
		const {events, platform} = this.#bot;
		const failure = timedOut ? 'retry' : explain(platform, error);
		this.emit({type: 'failure', reason: timedOut ? 'timeout' : 'error', failure, error});
		events.error(error, this.#target);
		if (!timedOut && this.#detour(error)) {
			this.#known.detours = [...this.#known.detours, error];
			return 'retry'; // At once: it was the wrong address, there is no reason to back off.
		}

		this.#known.failed(startedAt);
		this.learn(failure);
		return failure;
	}
}

type Untargeted<Event> = Event extends unknown ? Omit<Event, 'target'> : never;
