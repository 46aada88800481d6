import {setTimeout as sleep} from 'node:timers/promises';
import {run} from '@grammyjs/runner';
import {createBot} from './bot.ts';

/** Runs the bot of the demo on the real service, until Ctrl-C. */
export async function runForReal(token: string): Promise<void> {
	const {bot, typing} = createBot(token, {}, (_chatId, reason) =>
		console.log('Gave up the work:', reason instanceof Error ? reason.message : reason),
	);
	console.log('BOT_TOKEN is set: this is for real, on Telegram. Ctrl-C ends it.');
	await bot.init();
	console.log(`@${bot.botInfo.username} is waiting for you. Ask it anything, or try /plan, /draw, and /stop while it thinks.`);

	const runner = run(bot, {runner: {silent: true}});
	const stop = async () => {
		await typing.close();
		await Promise.race([runner.stop(), sleep(2000, undefined, {ref: false})]);
	};

	process.once('SIGINT', () => void stop()).once('SIGTERM', () => void stop());
	await runner.task();
}
