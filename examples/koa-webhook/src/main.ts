import {randomUUID} from 'node:crypto';
import {once} from 'node:events';
import type {Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {BotApi} from '@auto-typing/simulator';
import {createClient} from './bot-api-client.ts';
import {createBot, type WebhookBot} from './bot.ts';

const {BOT_TOKEN: token, WEBHOOK_URL: url, PORT: port = '3000', SECRET_TOKEN: secret = randomUUID()} = process.env;

/** Ends without losing anything: no more requests, then the work in progress, then the indicator. */
async function shutDown({typing, indicator}: WebhookBot, server: Server): Promise<void> {
	server.close(); // What is put off, or finds nobody, Telegram delivers again: to the next process.
	console.log(`Shutting down: ${typing.running} in progress.`);
	await typing.drain(10_000);
	await indicator.close();
}

/** Against a simulated Bot API: a question, the same delivery once more, and the end of the process while it works on another. */
async function rehearse(): Promise<void> {
	const service = await BotApi.start({latency: 40});
	const bot = createBot(createClient(service.token, service.url), secret);
	const server = bot.app.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/telegram`;
	await createClient(service.token, service.url)('setWebhook', {url: webhook, secret_token: secret});

	const from = performance.now();
	const say = (who: string, text: string) => console.log(`${((performance.now() - from) / 1000).toFixed(1)} s  ${who}: ${text}`);
	service.listen(({method, payload}) => {
		if (method === 'sendMessage') say('bot', String(payload['text']));
		if (method === 'sendChatAction') say('bot', `${String(payload['action'])}…`);
	});
	const write = (text: string) => {
		say('Ada', text);
		return service.write({chat: 1, from: {id: 1, first_name: 'Ada'}, text});
	};

	const update = write('How long is this?');
	while (service.pending > 0) await sleep(1);
	say('service', 'The webhook has answered.');
	const again = await post(webhook, update, secret);
	say('service', `Delivered once more: ${again}. There will be one reply all the same.`);
	say('stranger', `Without the secret: ${await post(webhook, update, 'guessed')}.`);
	const {at} = await service.next('sendMessage');
	console.log(`The indicator was up for ${(service.chat(1).covered(from, at) * 100).toFixed(1)} % of the time it took.`);

	write('And this?');
	await sleep(1000);
	await shutDown(bot, server);
	await service.close();
	console.log(`${service.chat(1).messages.length} replies, none lost.`);
}

/** Posts an update as the service would, or somebody who is not the service. */
async function post(webhook: string, update: object, secret: string): Promise<string> {
	const response = await fetch(webhook, {
		method: 'POST',
		headers: {'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret, connection: 'close'},
		body: JSON.stringify(update),
	});
	return `${response.status} ${await response.text()}`;
}

/** On the real service, until Ctrl-C. */
async function perform(token: string, url: string): Promise<void> {
	const call = createClient(token);
	const bot = createBot(call, secret);
	const server = bot.app.listen(Number(port));
	await once(server, 'listening');
	await call('setWebhook', {url, secret_token: secret});
	console.log(`BOT_TOKEN is set: this is for real, on Telegram. Listening on port ${port}; Ctrl-C ends it.`);
	await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
	await shutDown(bot, server);
}

try {
	if (token && !url) throw new Error('Expected WEBHOOK_URL beside BOT_TOKEN: the https address under which Telegram reaches /telegram');
	await (token && url ? perform(token, url) : rehearse());
} catch (error) {
	// The message only: the rest of an error may have the token in it.
	console.error((error as Error).message);
	process.exitCode = 1;
}
