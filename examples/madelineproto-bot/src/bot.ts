import {setTimeout as sleep} from 'node:timers/promises';
import {autoTyping, type MadelineProto} from '@auto-typing/madelineproto';

/** Counts the letters of what it is told, slowly. `/stop` ends it. */
export function handle(client: MadelineProto): void {
	const typing = autoTyping(client);
	client.onMessage(async event => {
		if (event.text === '/stop') {
			typing.cancel(event);
			await event.reply('Stopped.');
			return;
		}

		try {
			await event.reply('One moment…');
			await sleep(7000, undefined, {signal: event.typing.signal}); // Ends at once when nobody waits any more.
			await event.reply(`${event.text.length} letters.`);
		} catch (error) {
			if (!event.typing.signal.aborted) throw error;
		}
	});
}
