import {setTimeout as sleep} from 'node:timers/promises';
import {run} from '@grammyjs/runner';
import {BotApi} from '@auto-typing/simulator';
import {createBot} from './bot.ts';

/** Against a simulated Bot API: somebody writes, and we look at what they see until they have their answer. */
async function rehearse(): Promise<void> {
	const server = await BotApi.start({latency: 60});
	const bot = createBot(server.token, {apiRoot: server.url});
	await bot.init();
	// Unlike `bot.start()` it works on many updates at once: so `/stop` gets through while another handler is at work.
	const runner = run(bot, {runner: {silent: true}});

	const from = performance.now();
	const seconds = (at: number) => `${((at - from) / 1000).toFixed(2)} s`;
	console.log('No BOT_TOKEN, so this is a rehearsal of about nine seconds. Ada writes: "Hello?"');
	server.write({chat: 1, from: {id: 1, first_name: 'Ada'}, text: 'Hello?'});
	await server.next('sendMessage');
	const {at: until} = await server.next('sendMessage');

	const view = server.chat(1);
	for (const {from, to, action} of view.spans) console.log(`${seconds(from)} to ${seconds(to)}  ${action}…`);
	for (const {at, text} of view.messages) console.log(`${seconds(at)}  bot: ${text}`);
	console.log(
		`The indicator was up for ${(view.covered(from, until) * 100).toFixed(1)} % of the time Ada waited, with ${view.calls} calls.`,
	);

	// The handler ends when it has heard that its reply arrived.
	while (runner.size() > 0) await sleep(10);
	await runner.stop();
	await server.close();
}

/** On the real service, until Ctrl-C. */
async function perform(token: string): Promise<void> {
	const bot = createBot(token);
	console.log('BOT_TOKEN is set: this is for real, on Telegram. Ctrl-C ends it.');
	await bot.init();
	console.log(`Write to @${bot.botInfo.username}.`);
	const runner = run(bot, {runner: {silent: true}});
	process.once('SIGINT', () => void runner.stop());
	await runner.task();
}

const {BOT_TOKEN: token} = process.env;
try {
	await (token ? perform(token) : rehearse());
} catch (error) {
	// The message only: what is inside of a network error has the address of the call, and the token is part of that.
	console.error((error as Error).message);
	process.exitCode = 1;
}
