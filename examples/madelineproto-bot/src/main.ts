import {setTimeout as sleep} from 'node:timers/promises';
import {MadelineProto} from '@auto-typing/madelineproto';
import {TelegramApiServer} from '@auto-typing/simulator';
import {handle} from './bot.ts';

const {TAS_URL: url, TAS_SESSION: session, TAS_USERNAME: username, TAS_PASSWORD: password} = process.env;

const ada = 7;

/** Against a double of TelegramApiServer: one message that is answered, and one that is stopped. */
async function rehearse(): Promise<void> {
	const server = await TelegramApiServer.start();
	const {service} = server;
	const client = new MadelineProto(server.url);
	handle(client);
	await client.start();
	const from = performance.now();
	const say = (who: string, text: string) => console.log(`${((performance.now() - from) / 1000).toFixed(1)} s  ${who}: ${text}`);
	const write = (text: string) => {
		say('Ada', text);
		service.write({peer: ada, text});
	};

	service.listen(({method, payload}) => {
		if (method === 'messages.sendMessage') say('bot', String(payload['message']));
		if (method === 'messages.setTyping') say('bot', `(${(payload['action'] as {_: string})._})`);
	});
	const messages = async (count: number) => {
		while (service.chat(ada).messages.length < count) await service.next('messages.sendMessage');
	};

	write('How many letters are in this?');
	await messages(2);
	const [first, last] = service.chat(ada).messages;
	const covered = service.chat(ada).covered(first?.at ?? 0, last?.at ?? 0);
	console.log(`Ada saw “typing…” for ${(covered * 100).toFixed(0)} % of the time between the two messages.`);

	write('And in all of Wikipedia?');
	await sleep(2000);
	write('/stop');
	await messages(4);
	await client.close();
	await server.close();
}

/** Against a real server, until Ctrl-C. */
async function perform(url: string): Promise<void> {
	// Its message says enough: a server that isn't there is asked again and again.
	const onError = (error: unknown) => console.error((error as Error).message);
	const client = new MadelineProto(url, {session, username, password, onError});
	handle(client);
	process.once('SIGINT', () => void client.close());
	await client.start();
	console.log('TAS_URL is set: this is for real, on Telegram. Write to the account from another one. Ctrl-C ends it.');
}

try {
	if (!url && (session || username || password)) {
		throw new Error('For real it needs TAS_URL, such as http://127.0.0.1:9503.');
	}

	await (url ? perform(url) : rehearse());
} catch (error) {
	console.error((error as Error).message);
	process.exitCode = 1;
}
