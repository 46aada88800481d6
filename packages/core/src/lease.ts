import type {Permission, Waiter} from './budget.ts';
import {Chat} from './chat.ts';
import type {EndReason, Events, SendReason, TypingEvent} from './events.ts';
import type {Memory} from './memory.ts';
import type {Failure, Platform} from './platform.ts';
import {Request, type Outcome, type Rejected} from './request.ts';
import {wake, type Timer} from './timer.ts';
import type {Holder, Typing} from './typing.ts';

/** A call is given up after this many milliseconds, or after two thirds of a shorter interval. */
const longestDeadline = 3000;

/** A message waits this many milliseconds at the most for a send in flight. */
const patience = 300;

/** The call that takes an indicator down is tried this often. */
const stopTries = 3;

/** What the leases of one bot share. */
export interface Bot<Target, Action extends string> {
	readonly platform: Platform<Target, Action>;
	readonly budget: Permission;
	readonly memory: Memory;
	readonly events: Events<Target, Action>;
	/** The leases that are alive, by key. */
	readonly leases: Map<string, Lease<Target, Action>>;
	/** A lease ended. */
	onEnd(): void;
}

/**
The one indicator of one chat, however many handlers hold it.

The platform drops the indicator `ttl` after each send, which makes every send a lease: renewed while somebody holds it, left to lapse after.
All of it is one function: {@link update} compares what the holds want with what the person sees, and takes one step. Whatever happens calls
it: a hold that comes, goes, pauses or changes, a timer, a request that settled, a message. So races need no code of their own.
*/
export class Lease<Target, Action extends string> implements Waiter, Holder<Action> {
	readonly key: string;
	#target: Target;
	readonly #bot: Bot<Target, Action>;
	readonly #holds: Array<Typing<Action>> = [];
	#chat: Chat | undefined;

	/** What the person sees, as far as we know, and the start of the send that showed it. */
	#shown: Action | undefined;
	#sentAt = 0;
	/** Until when the person may see something, whatever we know. */
	#maySeeUntil = 0;
	#clearedAt = Number.NEGATIVE_INFINITY;

	#request: Request | undefined;
	#isWaiting = false;
	/** How many messages are on their way out. */
	#gates = 0;
	#timer: Timer | undefined;
	#wakeAt = 0;

	constructor(key: string, target: Target, bot: Bot<Target, Action>) {
		this.key = key;
		this.#bot = bot;
		this.#chat = bot.memory.recall(key);
		this.#target = changed(target, this.#chat?.fallback);
	}

	/** The most recent hold, active or not. */
	get latest(): Typing<Action> | undefined {
		return this.#holds.at(-1);
	}

	/** Whether a request is in flight. */
	get isSending(): boolean {
		return this.#request !== undefined;
	}

	add(hold: Typing<Action>): void {
		this.#holds.push(hold);
		hold.settings.follow(hold);
		if (!hold.ended && this.#chat?.isRefusing(performance.now())) {
			this.#emit({type: 'skip', reason: 'refused'});
		}

		this.update();
	}

	remove(hold: Typing<Action>, reason: EndReason): void {
		const index = this.#holds.indexOf(hold);
		if (index === -1) {
			return;
		}

		this.#holds.splice(index, 1);
		if (this.#bot.events.isHeard) {
			const now = performance.now();
			if (now < hold.from) {
				this.#emit({type: 'skip', reason: 'quick'});
			}

			this.#emit({type: 'end', reason: reason === 'done' && now >= hold.until ? 'ceiling' : reason});
		}

		this.update();
	}

	/** End every hold: the work of this chat has lost its point. */
	cancel(reason?: unknown, why: EndReason = 'cancelled'): void {
		for (const hold of [...this.#holds]) {
			hold.cancel(reason, why);
		}
	}

	/** Take the next step towards what the holds want. Safe to call at any time. */
	update(): void {
		const now = performance.now();
		const hold = this.#decisive(now);
		const due = hold ? this.#dueAt(hold) : Number.POSITIVE_INFINITY;
		let next = this.#nextChange(now);
		if (this.#isWaiting && due > now) {
			this.#leave();
		}

		if (this.#request) {
			if (!hold) {
				this.#request.abort('Nobody is typing any more'); // It would show after the reply.
			}
		} else if (hold) {
			if (due <= now) {
				this.#ask();
			} else {
				next = Math.min(next, due);
			}
		} else if (this.#gates === 0 && this.#owesStop(now)) {
			const readyAt = this.#chat?.readyAt(undefined) ?? 0;
			if (readyAt <= now) {
				this.#takeDown();
			} else {
				next = Math.min(next, readyAt);
			}
		} else if (this.#gates === 0 && this.#holds.length === 0) {
			this.#end();
			return;
		}

		this.#wakeUpAt(next);
	}

	/** Send, now that it is our turn. Returns whether there was still need. */
	grant(): boolean {
		this.#isWaiting = false;
		const now = performance.now();
		const hold = this.#decisive(now);
		if (hold && !this.#request && this.#dueAt(hold) <= now) {
			this.#send(hold);
			return true;
		}

		this.update();
		return false;
	}

	/** Start nothing until {@link openGate}. Settles when nothing is in flight; what takes too long is aborted. */
	async closeGate(): Promise<void> {
		this.#gates++;
		this.update();
		const request = this.#request;
		if (request) {
			const timer = wake(() => request.abort('A message is waiting'), patience, undefined);
			await request.over;
			clearTimeout(timer);
		}
	}

	openGate(): void {
		this.#gates--;
		this.update();
	}

	/** A message has landed, and took the indicator down. */
	cleared(): void {
		this.#request?.abort('A message has cleared the indicator');
		this.#shown = undefined;
		this.#maySeeUntil = 0;
		this.#clearedAt = performance.now();
		this.#chat?.reached();
	}

	/** Act on a failure, be it of a send or of a message. */
	fail(failure: Failure, error: unknown): void {
		const {budget} = this.#bot;
		if (failure === 'revoked') {
			budget.revoked();
		} else if (failure === 'give-up' || failure === 'gone') {
			this.#known.refuse(failure);
			if (failure === 'gone') {
				this.cancel(error, 'gone');
			}
		} else if (failure !== 'retry' && failure.scope === 'bot') {
			budget.silence(failure.after);
		} else if (failure !== 'retry') {
			this.#known.silence(failure.after);
		}

		this.update();
	}

	/** The most recent active hold decides. */
	#decisive(now: number): Typing<Action> | undefined {
		for (let index = this.#holds.length - 1; index >= 0; index--) {
			const hold = this.#holds[index]!;
			if (hold.isActive(now)) {
				return hold;
			}
		}

		return undefined;
	}

	/** When a hold begins or ceases to be active by itself. */
	#nextChange(now: number): number {
		let next = Number.POSITIVE_INFINITY;
		for (const {from, until} of this.#holds) {
			const change = from > now ? from : until;
			next = change > now ? Math.min(next, change) : next;
		}

		return next;
	}

	/** When the next send is due. */
	#dueAt({action, settings}: Typing<Action>): number {
		if (this.#gates > 0) {
			return Number.POSITIVE_INFINITY;
		}

		const renewalAt = this.#shown === action ? this.#sentAt + settings.interval : 0;
		const readyAt = this.#chat?.readyAt(this.#bot.platform.chatLimit) ?? 0;
		return Math.max(renewalAt, this.#clearedAt + settings.delay, readyAt);
	}

	#owesStop(now: number): boolean {
		return this.#bot.platform.stop !== undefined && this.#maySeeUntil > now;
	}

	#ask(): void {
		if (!this.#isWaiting) {
			this.#isWaiting = true;
			const reason = this.#bot.budget.ask(this, this.#shown === undefined);
			if (reason !== undefined) {
				this.#emit({type: 'wait', reason});
			}
		}
	}

	#leave(): void {
		this.#isWaiting = false;
		this.#bot.budget.leave(this);
		this.#emit({type: 'skip', reason: this.#gates > 0 ? 'message' : 'ended'});
	}

	#send({action, settings}: Typing<Action>): void {
		const {platform, budget, events} = this.#bot;
		const target = this.#target;
		if (events.isHeard) {
			this.#emit({type: 'send', action, reason: this.#reasonFor(action)});
		}

		if (platform.chatLimit) {
			this.#known.count(platform.chatLimit);
		}

		const perform = async (signal: AbortSignal) => platform.send(target, action, signal);
		this.#call(perform, settings.interval, (request, outcome) => {
			if (outcome.landed || request.aborted) {
				this.#maySeeUntil = performance.now() + platform.ttl; // What was aborted may have arrived all the same.
			}

			if (outcome.landed) {
				this.#chat?.accepted();
				budget.accepted();
				if (!request.aborted) {
					// Counted from the start: the platform may have begun to count at any time after.
					this.#shown = action;
					this.#sentAt = request.startedAt;
				}
			} else if (!request.aborted || outcome.timedOut) {
				this.#failed(request, outcome);
			}
		});
	}

	#failed(request: Request, outcome: Rejected): void {
		const fallback = outcome.timedOut ? undefined : this.#bot.platform.fallback?.(this.#target, outcome.error);
		const failure = this.#report(request, outcome);
		if (fallback === undefined) {
			this.fail(failure, outcome.error);
		} else {
			this.#target = changed(this.#target, fallback);
			this.#known.fallback = {...this.#known.fallback, ...fallback};
			this.#known.accepted(); // Not the chat's fault: no reason to back off.
		}
	}

	#takeDown(): void {
		const {platform} = this.#bot;
		const target = this.#target;
		const mayHaveSeenUntil = this.#maySeeUntil;
		this.#emit({type: 'stop', reason: 'ended'});
		this.#shown = undefined;
		this.#maySeeUntil = 0;
		const perform = async (signal: AbortSignal) => platform.stop!(target, signal);
		this.#call(perform, Number.POSITIVE_INFINITY, (request, outcome) => {
			if (!outcome.landed && !request.aborted) {
				this.#report(request, outcome);
				this.#maySeeUntil = this.#known.failures < stopTries ? mayHaveSeenUntil : 0;
			}
		});
	}

	#call(perform: (signal: AbortSignal) => Promise<unknown>, interval: number, settle: (request: Request, outcome: Outcome) => void): void {
		const answered = this.#bot.budget.note();
		const request = new Request(perform, Math.min(longestDeadline, (interval * 2) / 3), () => this.#landedLate());
		this.#request = request;
		void request.outcome.then(outcome => {
			answered();
			this.#request = undefined;
			settle(request, outcome);
			this.update();
		});
	}

	/** Tell of a failed call, once, and back off. */
	#report(request: Request, {error, timedOut}: Rejected): Failure {
		const {events, platform} = this.#bot;
		const failure = timedOut ? 'retry' : explain(platform, error);
		this.#known.failed(request.startedAt);
		this.#emit({type: 'failure', reason: timedOut ? 'timeout' : 'error', failure, error});
		events.error(error, this.#target);
		return failure;
	}

	/** A client that didn't honour its signal got through in the end, perhaps after the lease was over. */
	#landedLate(): void {
		const {leases, platform} = this.#bot;
		if (platform.stop) {
			const lease = leases.get(this.key) ?? this;
			leases.set(this.key, lease);
			lease.#maySeeUntil = performance.now() + platform.ttl;
			lease.update();
		}
	}

	get #known(): Chat {
		return (this.#chat ??= new Chat());
	}

	#reasonFor(action: Action): SendReason {
		if (this.#chat !== undefined && this.#chat.failures > 0) {
			return 'retry';
		}

		if (this.#shown === undefined) {
			return this.#clearedAt > 0 ? 'return' : 'first';
		}

		return this.#shown === action ? 'renewal' : 'action';
	}

	#emit(event: Untargeted<TypingEvent<Target, Action>>): void {
		if (this.#bot.events.isHeard) {
			this.#bot.events.emit({target: this.#target, ...event});
		}
	}

	#wakeUpAt(at: number): void {
		// Woken early it looks again: cheaper than setting the timer anew.
		if (at !== Number.POSITIVE_INFINITY && (this.#timer === undefined || at < this.#wakeAt)) {
			clearTimeout(this.#timer);
			this.#wakeAt = at;
			this.#timer = wake(onWake, at - performance.now(), this);
		}
	}

	woken(): void {
		this.#timer = undefined;
		this.update();
	}

	#end(): void {
		const {leases, memory, onEnd} = this.#bot;
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (leases.get(this.key) === this) {
			leases.delete(this.key);
			if (this.#chat?.isMemorable(performance.now())) {
				memory.keep(this.key, this.#chat);
			}

			onEnd();
		}
	}
}

type Untargeted<Event> = Event extends unknown ? Omit<Event, 'target'> : never;

function changed<Target>(target: Target, change: object | undefined): Target {
	return change ? {...target, ...change} : target;
}

/** One function for all leases: ten thousand of them need no closure each. */
function onWake(lease: {woken(): void}): void {
	lease.woken();
}

/** The platform's word for a failure, `'retry'` where it has none: a platform that errs must not fail the bot. */
export function explain<Target, Action extends string>(platform: Platform<Target, Action>, error: unknown): Failure {
	try {
		const failure = platform.classify?.(error) ?? 'retry';
		return typeof failure === 'object' && !(failure.after >= 0) ? 'retry' : failure;
	} catch {
		return 'retry';
	}
}
