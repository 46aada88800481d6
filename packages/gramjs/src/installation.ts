import {checkOptions, Settings, Typing} from '@auto-typing/core';
import {mtproto, type MtprotoAction} from '@auto-typing/mtproto';
import type {Callback, GramjsClient} from './client.ts';
import {clientTyping, type ClientTyping, type ClientTypingOptions} from './client-typing.ts';
import {clientOf, type EventLike} from './event.ts';

/** An event while its handler works. */
type Held = EventLike & {typing?: Typing<MtprotoAction>};

/** One call of `autoTyping` or `withTyping`: the handlers it covers, with one set of options. */
export class Installation {
	readonly #options: ClientTypingOptions;
	readonly #settings: Settings<MtprotoAction>;
	readonly #used = new Set<ClientTyping>();
	#isClosed = false;

	/** @throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects. */
	constructor(options: ClientTypingOptions) {
		checkOptions(options);
		this.#options = options;
		this.#settings = new Settings(facts, options);
	}

	/** The indicator of a client. */
	meet(client: GramjsClient): ClientTyping {
		const typing = clientTyping(client, this.#options);
		if (!this.#used.has(typing)) {
			this.#used.add(typing);
			typing.indicator.observe(this.#options);
		}

		if (this.#isClosed) {
			void typing.indicator.close();
		}

		return typing;
	}

	/** A handler that is seen working. */
	cover(handler: Callback): (event: Held) => Promise<unknown> {
		// oxlint-disable-next-line promise-function-async -- one frame less to keep in memory while a handler works
		return event => {
			const before = event.typing instanceof Typing ? event.typing : undefined;
			// One that is over belongs to another handler: a raw update is the same event to all of them.
			const hold = this.#hold(event, before?.ended ? undefined : before);
			setTyping(event, hold);
			const result = hold.during(() => handler(event));
			return before ? restore(result, () => setTyping(event, before)) : result;
		};
	}

	/** End all work in the chat of an event. */
	cancel(event: EventLike, reason?: unknown): void {
		if (typeof event !== 'object' || event === null) {
			throw new TypeError(`Expected \`event\` to be an event of GramJS, got ${event === null ? 'null' : typeof event}`);
		}

		const client = clientOf(event);
		const typing = client && this.meet(client);
		const target = typing?.targetOf(event);
		if (target) {
			typing!.indicator.cancel(target, reason);
		}
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		await Promise.all([...this.#used].map(async typing => typing.indicator.close()));
	}

	#hold(event: EventLike, outer: Typing<MtprotoAction> | undefined): Typing<MtprotoAction> {
		const client = clientOf(event);
		const typing = client && this.meet(client);
		const target = typing?.targetOf(event);
		return target ? typing!.indicator.start(target, this.#settings, outer) : new Typing(this.#settings, undefined, undefined, outer);
	}
}

/** Not enumerable: whoever copies or logs an event is not interested in it. An event that is frozen has a handler all the same. */
function setTyping(event: Held, typing: Typing<MtprotoAction>): void {
	Reflect.defineProperty(event, 'typing', {value: typing, configurable: true, writable: true});
}

async function restore<Result>(work: Promise<Result>, undo: () => void): Promise<Result> {
	try {
		return await work;
	} finally {
		undo();
	}
}

/** What the options are checked against, before there is a client. */
const facts = mtproto(async () => {});
