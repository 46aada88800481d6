import type {GramjsClient} from './client.ts';
import {Installation} from './installation.ts';
import type {AutoTypingOptions, TypingControl} from './with-typing.ts';

/**
Keep typing up while any handler runs that is added to `client` from now on.

Installed twice, or together with {@link withTyping}, it is a nested hold on the same indicator: a client has one, however it was wired.

@throws {TypeError | RangeError} For a wrong client or option: names it, what it got and what it expects.
@example
```ts
import {autoTyping, type TypingFlavor} from '@auto-typing/gramjs';
import {TelegramClient} from 'telegram';
import {NewMessage, type NewMessageEvent} from 'telegram/events/index.js';

declare const client: TelegramClient;
declare const ask: (question: string, signal: AbortSignal) => Promise<string>;

const typing = autoTyping(client);
client.addEventHandler(event => typing.cancel(event), new NewMessage({pattern: /^\/stop/}));
client.addEventHandler(async (event: NewMessageEvent & TypingFlavor) => {
	await event.message.respond({message: await ask(event.message.text, event.typing.signal)});
}, new NewMessage({incoming: true}));
```
*/
export function autoTyping(client: GramjsClient, options: AutoTypingOptions = {}): TypingControl {
	const installation = new Installation(options);
	if (typeof client?.invoke !== 'function' || typeof client.addEventHandler !== 'function') {
		throw new TypeError(`Expected \`client\` to be a TelegramClient, got ${client === null ? 'null' : typeof client}`);
	}

	installation.meet(client).handlers.coverBy(handler => installation.cover(handler));
	return {cancel: installation.cancel.bind(installation), close: installation.close.bind(installation)};
}
