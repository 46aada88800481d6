import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {BotApi} from '@auto-typing/simulator';
import {run} from '@grammyjs/runner';
import {createBot} from './bot.ts';
import type {Model} from './model.ts';
import {startStandIn} from './stand-in.ts';

const {BOT_TOKEN: token, MODEL_URL: url, MODEL_KEY: key, MODEL: name = 'gpt-4o-mini'} = process.env;

/** Against a simulated Bot API: one question that is answered, and one that is stopped. */
async function rehearse(model: Model): Promise<void> {
	const server = await BotApi.start({latency: 60});
	const bot = createBot(server.token, model, {apiRoot: server.url});
	await bot.init();
	// Unlike `bot.start()` it works on many updates at once: so `/stop` gets through while the model is at work.
	const runner = run(bot, {runner: {silent: true}});
	const from = performance.now();
	const say = (who: string, text: string) => console.log(`${((performance.now() - from) / 1000).toFixed(1)} s  ${who}: ${text}`);
	const write = (text: string) => {
		say('Ada', text);
		server.write({chat: 1, from: {id: 1, first_name: 'Ada'}, text});
	};

	server.listen(({method, payload}) => {
		if (method === 'sendMessage') say('bot', String(payload['text']));
		if (method === 'sendChatAction') say('bot', `${String(payload['action'])}…`);
	});

	write('Why is the sky blue?');
	const {at} = await server.next('sendMessage');
	const covered = server.chat(1).covered(from, at);
	console.log(`The indicator was up for ${(covered * 100).toFixed(1)} % of the time the model took.`);

	write('And now write me a novel.');
	await sleep(2500);
	write('/stop');
	await server.next('sendMessage');
	// The handlers end when they have heard that their replies arrived.
	while (runner.size() > 0) await sleep(10);
	await runner.stop();
	await server.close();
}

/** On the real service, until Ctrl-C. */
async function perform(token: string, model: Model): Promise<void> {
	const bot = createBot(token, model);
	console.log('BOT_TOKEN is set: this is for real, on Telegram. Ctrl-C ends it.');
	await bot.init();
	console.log(`Write to @${bot.botInfo.username}.`);
	const runner = run(bot, {runner: {silent: true}});
	process.once('SIGINT', () => void runner.stop());
	await runner.task();
}

/** Without a model: a stand-in on this machine. */
async function withStandIn(work: (model: Model) => Promise<void>): Promise<void> {
	console.log('No MODEL_URL, so a slow stand-in answers.');
	const {url, server} = await startStandIn(after =>
		console.log(`The model noticed after ${(after / 1000).toFixed(1)} s that nobody waits for it any more.`),
	);
	try {
		await work({url, name: 'stand-in'});
	} finally {
		await once(server.close(), 'close');
	}
}

try {
	const work = async (model: Model) => (token ? perform(token, model) : rehearse(model));
	await (url ? work({url, name, key}) : withStandIn(work));
} catch (error) {
	// The message only: what is inside of a network error has the address of the call, and the token is part of that.
	console.error((error as Error).message);
	process.exitCode = 1;
}
