import {checkOptions, Settings, Typing, type TypingOptions} from '@auto-typing/core';
import type {MtprotoAction} from '@auto-typing/mtproto';
import {typingOf, type ClientTyping, type ClientTypingOptions} from './client-typing.ts';
import type {MadelineProto} from './madelineproto.ts';
import {MessageEvent} from './message-event.ts';
import {madelineproto} from './platform.ts';

/** What the options are checked against, before any client is met. */
const facts = madelineproto(async () => {});

/** One set of options, wherever they are in use. */
export class Installation {
	readonly settings: Settings<MtprotoAction>;
	readonly #options: ClientTypingOptions;
	readonly #met = new Set<ClientTyping>();
	#isClosed = false;

	/** @throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects. */
	constructor(options: ClientTypingOptions) {
		checkOptions(options);
		this.#options = options;
		this.settings = new Settings(facts, options);
	}

	/** The settings with some of the options different. */
	override(options: TypingOptions<MtprotoAction>): Settings<MtprotoAction> {
		const own = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
		return new Settings(facts, {...this.#options, ...own});
	}

	meet(client: MadelineProto): ClientTyping {
		const typing = typingOf(client, this.#options);
		if (!this.#met.has(typing)) {
			this.#met.add(typing);
			typing.indicator.observe(this.#options);
			if (this.#isClosed) {
				void typing.close();
			}
		}

		return typing;
	}

	/** Show the indicator in the chat of an event while `work` runs. */
	async during<Result>(event: MessageEvent, work: () => Promise<Result>): Promise<Result> {
		const client = this.meet(event.client);
		const around = MessageEvent.holdOf(event);
		const outer = around?.ended ? undefined : around; // The handler before this one had a hold of its own.
		const target = client.targetOf(event);
		const typing = target ? client.indicator.start(target, this.settings, outer) : new Typing(this.settings, undefined, undefined, outer);
		const forget = target && client.remember(target, event.message.id);
		MessageEvent.hold(event, typing);
		try {
			return await typing.during(work);
		} finally {
			forget?.();
			// Whoever hears of an error may want to know whether the work was cancelled.
			MessageEvent.hold(event, outer ?? typing);
		}
	}

	cancel(event: MessageEvent, reason?: unknown): void {
		if (!(event instanceof MessageEvent)) {
			throw new TypeError(`Expected \`event\` to be the event of a message, got ${event === null ? 'null' : typeof event}`);
		}

		const client = this.meet(event.client);
		const target = client.targetOf(event);
		if (target) {
			client.indicator.cancel(target, reason);
		}
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		await Promise.all([...this.#met].map(async typing => typing.close()));
	}
}
