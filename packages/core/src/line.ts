import type {AnyAction} from './action.ts';
import type {Bot} from './bot.ts';
import {Chat} from './chat.ts';
import type {TypingEvent} from './events.ts';
import {answerOf, explain, type Failure} from './platform.ts';
import {deadlineFor, Request, type Outcome, type Perform} from './request.ts';
import {now} from './timer.ts';
import {patience} from './trip.ts';

/** What came of a call: it landed, was aborted, or failed with `failure`, which is told and remembered already. */
export type Result = Outcome & {
	readonly aborted: boolean;
	readonly startedAt: number;
	readonly failure: Failure | undefined;
};

/** The least silence in milliseconds: a platform that asks for none, and refuses, would be called without end. */
const leastSilence = 100;

/** Ask a platform that revoked the bot again after this many milliseconds, doubling up to {@link longestProbe}. */
const firstProbe = 5 * 60_000;
const longestProbe = 60 * 60_000;

/** A silence whose length is a guess is doubled up to this many milliseconds. */
const longestSilence = 60_000;

const nothing: readonly never[] = [];

/**
The line to one chat: the calls that go out there, one at a time, each with a deadline, and what is learned from their failures.

It knows nothing of holds: when to call, and what for, is up to the lease.
*/
export abstract class Line<Target, Action extends AnyAction> {
	protected readonly key: string;
	protected readonly bot: Bot<Target, Action>;
	#target: Target;
	#address: string | undefined;
	#request: Request | undefined;
	/** The same, unless it takes the indicator down: that may land whenever it likes, so no message waits for it or aborts it. */
	#sending: Request | undefined;
	#chat: Chat | undefined;
	#isVisible = true;

	constructor(key: string, target: Target, bot: Bot<Target, Action>) {
		this.key = key;
		this.bot = bot;
		this.#target = target;
		this.#chat = bot.memory.recall(key);
		this.aim(target);
	}

	/** The key of where it is really shown: another one when the chat has moved. */
	protected get address(): string {
		return this.#address ?? this.key;
	}

	/** Show it in `target` from now on: the same chat, as the latest handler knows it, unless nobody would see it there that does now. */
	protected aim(target: Target): void {
		this.#target = this.#isSeenIn(target) || !this.#isSeenIn(this.#target) ? target : this.#target;
		for (const error of this.#chat?.detours ?? nothing) {
			this.#detour(error);
		}
	}

	/** Whether a message has to wait: for a call in flight, or for one that was aborted and lands all the same. */
	get isUnsettled(): boolean {
		return this.#chat?.isLanding || this.#sending !== undefined;
	}

	/** Whether a call is in flight. */
	protected get isBusy(): boolean {
		return this.#request !== undefined;
	}

	/** How many calls in a row have failed. */
	protected get failures(): number {
		return this.#chat?.failures ?? 0;
	}

	/**
	When the next call may start, as far as the chat is concerned.

	@param spare - How many calls of the chat's budget to leave for later.
	*/
	readyAt(spare = 0): number {
		const {chatLimit} = this.bot.platform;
		const oldest = chatLimit && this.bot.sends.recall(this.#peer)?.at(-Math.max(chatLimit.limit - spare, 1));
		return Math.max(oldest === undefined ? 0 : oldest + chatLimit!.interval, this.#chat?.readyAt ?? 0);
	}

	/** When the next call that takes the indicator down may start. */
	protected get stopReadyAt(): number {
		return this.#chat?.calmAt ?? 0;
	}

	/** Whether the person would see a send. Tells once if not. */
	protected isVisible(messageAge: number): boolean {
		const wasVisible = this.#isVisible;
		this.#isVisible = this.#isSeenIn(this.#target, messageAge);
		if (wasVisible && !this.#isVisible) {
			this.emit({type: 'skip', reason: 'unseen'});
		}

		return this.#isVisible;
	}

	/** Show `action`. */
	protected send(action: Action, interval: number, onLate: () => void, settle: (result: Result) => void): void {
		const {platform} = this.bot;
		this.#count();
		const target = this.#target;
		void this.#call(async signal => platform.send(target, action, signal), deadlineFor(interval), settle, onLate);
	}

	/** Take the indicator down. */
	protected stop(settle: (result: Result) => void): void {
		const {platform} = this.bot;
		const target = this.#target;
		void this.#call(async signal => platform.stop!(target, signal), deadlineFor(Infinity), settle);
	}

	/** Abort the send in flight, if there is one. */
	protected abort(reason: string): void {
		this.#sending?.abort(reason);
	}

	/** Settles when no call is in flight that a message would have to wait for, however it ended: one that takes too long is aborted. */
	protected async clear(): Promise<void> {
		const request = this.#sending;
		if (request) {
			const until = request.signal.aborted ? request.startedAt + this.bot.trip.longest : now() + patience;
			// It keeps the process alive: a message waits for it.
			const timer = setTimeout(() => {
				request.abort('A message is waiting');
				request.release();
			}, until - now());
			await request.over;
			clearTimeout(timer);
		}

		await this.#chat?.landed();
	}

	/** A message got through. */
	protected reached(): void {
		this.#chat?.reached();
	}

	/** A message failed. That says something of the chat if it is gone, or wants silence, which is told if it `isHeld`; else only of the message. */
	protected judge(error: unknown, isHeld: boolean): Failure {
		const failure = explain(this.bot.platform, error);
		if (typeof failure === 'object') {
			// What the limit was for isn't said, and messages have more of them: unless it is known to be the platform that is busy.
			this.#learn('doubling' in failure ? failure : {after: failure.after, scope: 'chat'});
			if (isHeld && this.#chat?.isSilent) {
				this.emit({type: 'wait', reason: 'silence'});
			}
		} else if (failure === 'gone') {
			this.#learn(failure);
		}

		return failure;
	}

	#learn(failure: Failure): void {
		const {budget} = this.bot;
		if (failure === 'revoked') {
			budget.refused('revoked', firstProbe, longestProbe);
		} else if (failure === 'give-up' || failure === 'gone') {
			this.#known.refuse(failure);
		} else if (failure !== 'retry' && failure.scope === 'bot') {
			const ms = Math.max(failure.after, leastSilence);
			if ('doubling' in failure) {
				budget.refused('silence', ms, longestSilence);
			} else {
				budget.silence(ms);
			}
		} else if (failure !== 'retry') {
			this.#known.silence(Math.max(failure.after, leastSilence));
		}
	}

	/** Nobody holds the chat any more: keep what is worth remembering of it. */
	protected close(key: string): void {
		if (this.#chat?.isMemorable) {
			this.bot.memory.keep(key, this.#chat);
		}
	}

	/** Tell what stands in the way of a call to this chat, if anything does. */
	protected tellObstacle(): void {
		if (this.#chat?.isRefusing) {
			this.emit({type: 'skip', reason: 'refused'});
		} else if (this.#chat?.isSilent) {
			this.emit({type: 'wait', reason: 'silence'});
		}
	}

	protected emit(event: Untargeted<TypingEvent<Target, Action>>): void {
		if (this.bot.events.isHeard) {
			this.bot.events.emit({target: this.#target, ...event});
		}
	}

	#isSeenIn(target: Target, messageAge = Infinity): boolean {
		return answerOf(() => this.bot.platform.visible?.(target, messageAge)) ?? true;
	}

	get #known(): Chat {
		return (this.#chat ??= new Chat());
	}

	async #call(perform: Perform, deadline: number, settle: (result: Result) => void, onLate?: () => void): Promise<void> {
		const answered = this.bot.budget.note(false);
		const request = new Request();
		this.#request = request; // First: what the platform does may well come back here.
		this.#sending = onLate && request; // Of the two kinds only a send is of interest if it lands late.
		const outcome = await request.send(perform, deadline, onLate);
		answered();
		this.#request = this.#sending = undefined;
		settle(this.#resultOf(request, outcome));
		request.release();
	}

	#resultOf({startedAt, signal: {aborted, reason}}: Request, {landed, error}: Outcome): Result {
		let failure: Failure | undefined;
		if (landed) {
			this.#chat?.accepted();
			this.bot.budget.accepted();
		} else {
			const isOurs = error === reason; // Then the platform has nothing to explain.
			const timedOut = isOurs && reason?.name === 'TimeoutError';
			failure = isOurs ? 'retry' : explain(this.bot.platform, error);
			// Aborted, it failed because of that, unless the client is deaf and the platform had something to say.
			if (aborted && !timedOut && failure === 'retry') {
				this.#known.landsBy = startedAt + this.bot.trip.longest; // What the client has written can't be called back.
				failure = undefined;
			} else {
				failure = this.#failed(startedAt, failure, error, timedOut);
			}
		}

		return {landed, aborted, startedAt, failure, error};
	}

	get #peer(): string {
		return answerOf(() => this.bot.platform.peer?.(this.#target)) ?? this.key;
	}

	/** Count a call against the budget of the peer. */
	#count(): void {
		const {platform, sends} = this.bot;
		if (platform.chatLimit) {
			const since = now() - platform.chatLimit.interval;
			const recent = sends.recall(this.#peer)?.filter(at => at > since) ?? nothing;
			sends.keep(this.#peer, recent.length === 0 ? [now()] : [...recent, now()]);
		}
	}

	/** Show it elsewhere, if the platform knows where. */
	#detour(error: unknown): boolean | undefined {
		const {platform} = this.bot;
		return answerOf(() => {
			const target = platform.fallback?.(this.#target, error);
			if (target !== undefined) {
				this.#address = platform.key(target);
				this.#target = target;
			}

			return target !== undefined;
		});
	}

	/** Tell of a failed call, once, and back off. */
	#failed(startedAt: number, failure: Failure, error: unknown, timedOut: boolean): Failure {
		const {events} = this.bot;
		this.emit({type: 'failure', reason: timedOut ? 'timeout' : 'error', failure, error});
		events.error(error, this.#target);
		if (!timedOut && this.#known.mayDetour && this.#detour(error)) {
			this.#known.detour(error);
			return 'retry'; // At once: it was the wrong address, there is no reason to back off.
		}

		if (typeof failure !== 'object') {
			this.#known.failed(startedAt, timedOut);
		}

		this.#learn(failure);
		return failure;
	}
}

type Untargeted<Event> = Event extends unknown ? Omit<Event, 'target'> : never;
