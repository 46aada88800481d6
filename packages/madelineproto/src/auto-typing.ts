import type {Typing, TypingOptions} from '@auto-typing/core';
import type {MtprotoAction, MtprotoTarget} from '@auto-typing/mtproto';
import type {ClientTypingOptions, Peer} from './client-typing.ts';
import {Installation} from './installation.ts';
import {MadelineProto} from './madelineproto.ts';
import type {MessageEvent} from './message-event.ts';
import {checkFunction} from './options.ts';

/** What {@link autoTyping} and {@link withTyping} take. The first one that meets a client decides its `limit` and its `throttle`. */
export type AutoTypingOptions = ClientTypingOptions;

/** What can end what it started. */
export interface TypingControl {
	/** End all work in the chat an event came from, and abort its `event.typing.signal`. */
	cancel(event: MessageEvent, reason?: unknown): void;

	/** End all, in all chats: for the shut-down. Handlers that start later show nothing. `client.close()` does it, too. */
	close(): Promise<void>;
}

/** The typing of one client. */
export interface ClientTypingControl extends TypingControl {
	/**
	Show the indicator in a chat while `work` runs: for a queue, a script, whatever no message began.

	@param target - `{peer}`, with `topMsgId` for a topic, and `account` for a session that isn't the client's own.
	@param options - Override those of {@link autoTyping}.
	*/
	run<Result>(
		target: MtprotoTarget<Peer>,
		work: (typing: Typing<MtprotoAction>) => Result | PromiseLike<Result>,
		options?: TypingOptions<MtprotoAction>,
	): Promise<Result>;
}

/** A handler of `client.onMessage`, with the indicator up while it runs. */
export interface TypingHandler<Result> extends TypingControl {
	(event: MessageEvent): Promise<Result>;
}

/**
Keep the indicator up while the handlers of a client run, those added later included.

Installed twice, or around a handler with its own {@link withTyping}, it is a nested hold on the same indicator: a client has one, however it
was wired.

@throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects.
@example
```ts
import {autoTyping, MadelineProto} from '@auto-typing/madelineproto';

declare const ask: (question: string, signal: AbortSignal) => Promise<string>;

const client = new MadelineProto('http://127.0.0.1:9503');
const typing = autoTyping(client);
client.onMessage(async event => {
	if (event.text === '/stop') {
		typing.cancel(event);
	} else {
		await event.reply(await ask(event.text, event.typing.signal));
	}
});
await client.start();
```
*/
export function autoTyping(client: MadelineProto, options: AutoTypingOptions = {}): ClientTypingControl {
	if (!(client instanceof MadelineProto)) {
		throw new TypeError(`Expected \`client\` to be a MadelineProto, got ${client === null ? 'null' : typeof client}`);
	}

	const installation = new Installation(options);
	const typing = installation.meet(client);
	client.use({handle: async (event, next) => installation.during(event, next)});
	return {
		...controlOf(installation),
		async run(target, work, own) {
			if (typeof target !== 'object' || target === null) {
				throw new TypeError(`Expected \`target\` to be {peer}, got ${target === null ? 'null' : typeof target}`);
			}

			checkFunction('work', work);
			return typing.indicator.run(typing.target(target), work, own ? installation.override(own) : installation.settings);
		},
	};
}

/**
Keep the indicator up while `handler` runs. It works alone, and inside {@link autoTyping}.

@throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects.
@example
```ts
import {MadelineProto, withTyping} from '@auto-typing/madelineproto';

declare const draw: (signal: AbortSignal) => Promise<string>;

const client = new MadelineProto('http://127.0.0.1:9503', {session: 'bot'});
client.onMessage(
	withTyping(async event => event.reply(await draw(event.typing.signal)), {action: 'upload_photo'}),
);
await client.start();
```
*/
export function withTyping<Result>(
	handler: (event: MessageEvent) => Result | PromiseLike<Result>,
	options: AutoTypingOptions = {},
): TypingHandler<Result> {
	checkFunction('handler', handler);
	const installation = new Installation(options);
	const wrapped = async (event: MessageEvent): Promise<Result> => installation.during(event, async () => handler(event));
	return Object.assign(wrapped, controlOf(installation));
}

function controlOf(installation: Installation): TypingControl {
	return {
		cancel: (event, reason) => installation.cancel(event, reason),
		close: async () => installation.close(),
	};
}
