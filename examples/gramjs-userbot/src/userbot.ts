import {setTimeout as sleep} from 'node:timers/promises';
import {autoTyping, type TypingControl, type TypingFlavor} from '@auto-typing/gramjs';
import type {TelegramClient} from 'telegram';
import {CustomFile} from 'telegram/client/uploads.js';
import {NewMessage, type NewMessageEvent} from 'telegram/events/index.js';

type Event = NewMessageEvent & TypingFlavor;

/** How long a question is thought about, in milliseconds. */
const thinkingTime = 6000;

/** Commands that you give yourself, in any chat: what others write is left alone. While one is carried out the other side sees you typing. */
export function installCommands(client: TelegramClient): TypingControl {
	const typing = autoTyping(client);
	const on = (pattern: RegExp, handler: (event: Event) => Promise<unknown>) => {
		// oxlint-disable-next-line typescript/no-misused-promises -- GramJS awaits its handlers, though its types say nothing of it
		client.addEventHandler(handler, new NewMessage({outgoing: true, pattern}));
	};

	on(/^\.stop$/, async event => typing.cancel(event));

	on(/^\.ask /, async event => {
		try {
			await sleep(thinkingTime, undefined, {signal: event.typing.signal}); // A model, a search, a download
			await event.message.respond({message: 'Blue light is scattered more than red light.'});
		} catch (error) {
			// Stopped, or blocked: nobody waits for the answer.
			if (!event.typing.signal.aborted) throw error;
		}
	});

	on(/^\.file$/, async event => {
		const table = Buffer.from('wavelength,scattered\n400,0.9\n700,0.1\n'.repeat(40_000));
		await client.sendFile(event.message.peerId, {file: new CustomFile('table.csv', table.length, '', table), caption: 'In figures'});
	});

	return typing;
}
