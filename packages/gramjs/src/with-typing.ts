import type {Typing} from '@auto-typing/core';
import type {MtprotoAction} from '@auto-typing/mtproto';
import type {NewMessageEvent} from 'telegram/events/index.js';
import type {ClientTypingOptions} from './client-typing.ts';
import {Installation} from './installation.ts';

/** What {@link autoTyping} and {@link withTyping} take. The first one that meets a client decides its `limit` and its `throttle`. */
export type AutoTypingOptions = ClientTypingOptions;

/** Add it to the type of an event to use `event.typing`: `NewMessageEvent & TypingFlavor`. */
export interface TypingFlavor {
	/** The hold of this handler: what is shown, pausing, and the signal to hand on. */
	readonly typing: Typing<MtprotoAction>;
}

/** Ends what was started. */
export interface TypingControl {
	/** End all work in the chat that `event` came from, and abort its `event.typing.signal`. */
	cancel(event: object, reason?: unknown): void;

	/**
	End all, in all chats: for shut-down, before `client.disconnect()`. Handlers that start later show nothing, and their `event.typing.signal` is
	aborted. It can't be started again.
	*/
	close(): Promise<void>;
}

/** A handler that is seen working, and can end what it started. */
export interface TypingHandler<Event, Result = unknown> extends TypingControl {
	(event: Event): Promise<Result>;
}

type Handler = (event: never) => unknown;

/** One handler, wrapped with the same options, is one function: GramJS removes handlers by identity. */
const wrapped = new WeakMap<Handler, WeakMap<object, TypingHandler<never>>>();

const noOptions: AutoTypingOptions = {};

/**
Keep typing up while `handler` runs. It works alone, and under {@link autoTyping}.

@throws {TypeError | RangeError} For a wrong handler or option: names it, what it got and what it expects.
@example
```ts
import {withTyping} from '@auto-typing/gramjs';
import {TelegramClient} from 'telegram';
import {NewMessage} from 'telegram/events/index.js';

declare const client: TelegramClient;
declare const ask: (question: string, signal: AbortSignal) => Promise<string>;

client.addEventHandler(
	withTyping(async event => {
		await event.message.respond({message: await ask(event.message.text, event.typing.signal)});
	}),
	new NewMessage({incoming: true}),
);
```
*/
export function withTyping<Event extends object = NewMessageEvent, Result = unknown>(
	handler: (event: Event & TypingFlavor) => Result | PromiseLike<Result>,
	options: AutoTypingOptions = noOptions,
): TypingHandler<Event, Result> {
	const installation = new Installation(options);
	if (typeof handler !== 'function') {
		throw new TypeError(`Expected \`handler\` to be a function, got ${handler === null ? 'null' : typeof handler}`);
	}

	const known = wrapped.get(handler)?.get(options);
	if (known) {
		// Its types are those of the same handler, which a map can't tell.
		return known as unknown as TypingHandler<Event, Result>;
	}

	const covered: TypingHandler<Event, Result> = Object.assign(installation.cover(handler) as (event: Event) => Promise<Result>, {
		cancel: installation.cancel.bind(installation),
		async close() {
			wrapped.get(handler)?.delete(options);
			return installation.close();
		},
	});
	const siblings = wrapped.get(handler) ?? new WeakMap<object, TypingHandler<never>>();
	wrapped.set(handler, siblings.set(options, covered));
	return covered;
}
