import type {Bot} from './bot.ts';
import {Chat} from './chat.ts';
import type {TypingEvent} from './events.ts';
import {explain, type Failure} from './platform.ts';
import {Request, type Outcome, type Rejected} from './request.ts';
import {wake} from './timer.ts';

/** A call is given up after this many milliseconds, or after two thirds of a shorter interval. */
const longestDeadline = 3000;

/** A message waits this many milliseconds at the most for a call in flight. */
const patience = 300;

/** What came of a call: it landed, was aborted, or failed with `failure`, which is told and remembered already. */
export type Result = {readonly landed: boolean; readonly aborted: boolean; readonly startedAt: number; readonly failure?: Failure; readonly error?: unknown};

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
	readonly #onLate: () => void;
	#request: Request | undefined;
	#chat: Chat | undefined;

	/** @param onLate - Called if a call lands after it was given up. */
	constructor(key: string, target: Target, bot: Bot<Target, Action>, onLate: () => void) {
		this.key = key;
		this.address = key;
		this.#bot = bot;
		this.#onLate = onLate;
		this.#chat = bot.memory.recall(key);
		this.#target = changed(target, this.#chat?.fallback);
	}

	/** Whether a call is in flight. */
	get isBusy(): boolean {
		return this.#request !== undefined;
	}

	/** Whether the chat refused typing lately. */
	get isRefused(): boolean {
		return this.#chat?.isRefusing(performance.now()) ?? false;
	}

	/** How many calls in a row have failed. */
	get failures(): number {
		return this.#chat?.failures ?? 0;
	}

	/** When the next call may start, as far as the chat is concerned. */
	get readyAt(): number {
		return this.#chat?.readyAt(this.#bot.platform.chatLimit) ?? 0;
	}

	/** Show `action`. */
	send(action: Action, interval: number, settle: (result: Result) => void): void {
		const {platform} = this.#bot;
		if (platform.chatLimit) {
			this.#known.count(platform.chatLimit);
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
			const timer = wake(() => request.abort('A message is waiting'), patience, undefined);
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
		if (this.#chat?.isMemorable(performance.now())) {
			this.#bot.memory.keep(this.key, this.#chat);
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
		const request = new Request(perform, Math.min(longestDeadline, (interval * 2) / 3), this.#onLate);
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

	/** Tell of a failed call, once, and back off. */
	#failed(startedAt: number, {error, timedOut}: Rejected): Failure {
		const {events, platform} = this.#bot;
		const failure = timedOut ? 'retry' : explain(platform, error);
		this.emit({type: 'failure', reason: timedOut ? 'timeout' : 'error', failure, error});
		events.error(error, this.#target);
		const change = timedOut ? undefined : quietly(() => platform.fallback?.(this.#target, error));
		if (change) {
			this.#target = changed(this.#target, change);
			this.address = platform.key(this.#target);
			this.#known.fallback = {...this.#known.fallback, ...change};
			return 'retry'; // At once: it was the wrong address, there is no reason to back off.
		}

		this.#known.failed(startedAt);
		this.learn(failure);
		return failure;
	}
}

type Untargeted<Event> = Event extends unknown ? Omit<Event, 'target'> : never;

/** A platform that errs must not fail the bot. */
function quietly<Result>(call: () => Result): Result | undefined {
	try {
		return call();
	} catch {
		return undefined;
	}
}

function changed<Target>(target: Target, change: object | undefined): Target {
	return change ? {...target, ...change} : target;
}
