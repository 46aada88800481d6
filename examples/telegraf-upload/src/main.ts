import {BotApi} from '@auto-typing/simulator';
import {createBot} from './bot.ts';

/** Against a simulated Bot API: somebody wants the report, and we look at what they see until they have it. */
async function rehearse(): Promise<void> {
	const server = await BotApi.start({latency: 60});
	const bot = createBot(server.token, {apiRoot: server.url});
	const polling = bot.launch();
	const from = performance.now();
	const seconds = (at: number) => `${((at - from) / 1000).toFixed(2)} s`;
	console.log('No BOT_TOKEN, so this is a rehearsal of about twelve seconds. Ada writes: "/report"');
	server.write({chat: 1, from: {id: 1, first_name: 'Ada'}, text: '/report'});
	const {at: until} = await server.next('sendDocument');

	const view = server.chat(1);
	for (const {from, to, action} of view.spans) console.log(`${seconds(from)} to ${seconds(to)}  ${action}…`);
	console.log(`${seconds(until)}  bot: sales.csv`);
	console.log(
		`The indicator was up for ${(view.covered(from, until) * 100).toFixed(1)} % of the time Ada waited, with ${view.calls} calls.`,
	);

	server.write({chat: 1, from: {id: 1, first_name: 'Ada'}, text: '/report'});
	await server.next('sendChatAction');
	console.log('She wants another one, and changes her mind: "/stop"');
	server.write({chat: 1, from: {id: 1, first_name: 'Ada'}, text: '/stop'});
	await server.next('sendMessage');
	console.log('The bot: "Stopped."');
	bot.stop();
	await polling;
	await server.close();
}

/** On the real service, until Ctrl-C. */
async function perform(token: string): Promise<void> {
	const bot = createBot(token);
	console.log('BOT_TOKEN is set: this is for real, on Telegram. Ctrl-C ends it.');
	process.once('SIGINT', () => bot.stop());
	await bot.launch(() => console.log(`Write /report to @${bot.botInfo?.username}.`));
}

const {BOT_TOKEN: token} = process.env;
try {
	await (token ? perform(token) : rehearse());
} catch (error) {
	// The message only: what is inside of a network error has the address of the call, and the token is part of that.
	console.error((error as Error).message);
	process.exitCode = 1;
}
