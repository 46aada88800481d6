import type {AnyAction} from './action.ts';
import type {Bot} from './bot.ts';
import {Budget} from './budget.ts';
import {Events, type Observer} from './events.ts';
import {Lease} from './lease.ts';
import {Memory} from './memory.ts';
import {
	checkFunction,
	checkObject,
	checkOptions,
	checkPlatform,
	checkTarget,
	Settings,
	type IndicatorOptions,
	type TypingOptions,
} from './options.ts';
import {letOut, type Send} from './message.ts';
import type {Platform} from './platform.ts';
import {Trip} from './trip.ts';
import {Typing} from './typing.ts';

/** `close` waits this many milliseconds at the most for calls that are on their way. */
const farewell = 5000;

/**
All indicators of one bot on one platform, with the one throttle they share.

@example
```ts
import {Indicator, type Platform} from '@auto-typing/core';

declare const platform: Platform<{chatId: number}>;
declare const think: (signal: AbortSignal) => Promise<string>;

const indicator = new Indicator(platform, {delay: 0});
const answer = await indicator.run({chatId: 1}, async typing => think(typing.signal));
```
*/
export class Indicator<Target, Action extends AnyAction = 'typing'> {
	readonly platform: Platform<Target, Action>;
	readonly #options: TypingOptions<Action>;
	readonly #settings: Settings<Action>;
	readonly #bot: Bot<Target, Action>;
	#isClosed = false;
	#closed: Promise<void> | undefined;

	/** @throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects. */
	constructor(platform: Platform<Target, Action>, options: IndicatorOptions<Target, NoInfer<Action>> = {}) {
		checkPlatform(platform);
		checkOptions(options);
		const events = new Events<Target, Action>();
		events.add(options);
		this.platform = platform;
		this.#options = options;
		this.#settings = new Settings(platform, options);
		this.#bot = {
			platform,
			events,
			budget: new Budget(options.limit ?? platform.limit, options.throttle, error => events.error(error)),
			memory: new Memory(),
			sends: new Memory(),
			trip: new Trip(),
			leases: new Map(),
			onEnd: () => {},
		};
	}

	/** How many chats have an indicator, or are about to. */
	get size(): number {
		return this.#bot.leases.size;
	}

	/**
	The options of this indicator, overridden by others: made once, they are checked once, and need not be for each handler.

	@throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects.
	*/
	settings(options?: TypingOptions<Action>): Settings<Action> {
		if (options === undefined) {
			return this.#settings;
		}

		if (options instanceof Settings) {
			return options;
		}

		checkObject(options);
		return new Settings(this.platform, {...this.#options, ...defined(options)});
	}

	/** Tell one more observer what the engine does. Adding one twice changes nothing. */
	observe(observer: Observer<Target, Action>): void {
		checkOptions(observer);
		this.#bot.events.add(observer);
	}

	/** Show the indicator in `target` while `handler` runs. Its result and its errors pass through untouched. */
	async run<Result>(
		target: Target,
		handler: (typing: Typing<Action>) => Result | PromiseLike<Result>,
		options?: TypingOptions<Action>,
	): Promise<Result> {
		checkFunction('handler', handler);
		const typing = this.start(target, options);
		return typing.during(() => handler(typing));
	}

	/**
	Show the indicator in `target` until the returned hold ends. Prefer {@link run}, or `using`.

	@param options - Override those of the indicator. `Settings` made once are the fastest.
	@param outer - The hold of the handler around this one: it is paused, stopped and cancelled together with this one, which is shown where it
	is, if they share a chat.
	*/
	start(target: Target, options?: TypingOptions<Action>, outer?: Typing<Action>): Typing<Action> {
		const settings = this.settings(options);
		if (this.#isClosed) {
			const typing = new Typing(settings);
			typing.cancel(closedReason(), 'closed');
			return typing;
		}

		const lease = this.#lease(target);
		const typing = new Typing(settings, lease, settings.action, outer);
		lease.add(typing, outer && !outer.ended ? undefined : target); // An upload within a handler tells less of the chat than its update.
		return typing;
	}

	/**
	Let a message out to `target`: nothing is sent there until it has left, and it clears the indicator once it has landed. Its result and its
	errors pass through untouched.

	@param send - Sends it. A message with a file awaits `gate.close()` just before its last bytes leave.
	@param upload - What to show until then, if it carries a file.
	*/
	async message<Result>(target: Target, send: Send<Result>, upload?: Action): Promise<Result> {
		checkFunction('send', send);
		const lease = this.#lease(target);
		const answered = this.#bot.budget.note(true);
		try {
			return await letOut(lease, send, upload);
		} finally {
			answered();
		}
	}

	/**
	Make a call of the bot that is no message, such as an edit: it never waits, and typing counts it against the budget that both share. Its result
	and its errors pass through untouched.
	*/
	async count<Result>(call: () => Promise<Result>): Promise<Result> {
		checkFunction('call', call);
		const answered = this.#bot.budget.note(false);
		try {
			return await call();
		} finally {
			answered();
		}
	}

	/** The most recent hold of a chat, if anybody works there. */
	current(target: Target): Typing<Action> | undefined {
		return this.#bot.leases.get(this.#key(target))?.latest;
	}

	/** End every hold of a chat and abort its `signal`: a bot's `/stop` in one line. */
	cancel(target: Target, reason?: unknown): void {
		this.#bot.leases.get(this.#key(target))?.cancel(reason);
	}

	/** End all, send the `stop`s that are owed, and settle, in five seconds at the most. What starts later is cancelled at once. */
	async close(): Promise<void> {
		this.#isClosed = true; // First: what is cancelled below may start something in answer.
		this.#closed ??= this.#close();
		return this.#closed;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	async #close(): Promise<void> {
		for (const lease of this.#bot.leases.values()) {
			lease.cancel(closedReason(), 'closed');
		}

		if (this.size > 0) {
			await new Promise<void>(resolve => {
				// It keeps the process alive, as else only a message does that waits: what is owed may be waiting for its next try, and somebody for this.
				const timer = setTimeout(resolve, farewell);
				this.#bot.onEnd = () => {
					if (this.size === 0) {
						clearTimeout(timer);
						resolve();
					}
				};
			});
		}
	}

	/** Checked here, for all platforms: an update may have no chat, and what `key` throws then names neither it nor the target. */
	#key(target: Target): string {
		checkTarget(target);
		return this.platform.key(target);
	}

	#lease(target: Target): Lease<Target, Action> {
		const key = this.#key(target);
		let lease = this.#bot.leases.get(key);
		if (!lease) {
			lease = new Lease(key, target, this.#bot);
			this.#bot.leases.set(key, lease);
		}

		return lease;
	}
}

function closedReason(): DOMException {
	return new DOMException('The indicator was closed', 'AbortError');
}

/** Without the members that are `undefined`: they mean "the default", not "nothing". */
function defined<T extends object>(options: T): Partial<T> {
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
