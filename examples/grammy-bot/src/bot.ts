import {setTimeout as work} from 'node:timers/promises';
import {autoTyping, type TypingFlavor} from '@auto-typing/grammy';
import {Bot, type ApiClientOptions, type Context} from 'grammy';

/** A bot that takes its time, and looks alive all along. */
export function createBot(token: string, client: ApiClientOptions = {}): Bot<Context & TypingFlavor> {
	const bot = new Bot<Context & TypingFlavor>(token, {client});
	const typing = autoTyping();
	bot.use(typing);

	bot.command('stop', ctx => typing.cancel(ctx));

	bot.on('message:text', async ctx => {
		await work(3000, undefined, {signal: ctx.typing.signal});
		await ctx.reply('Give me a moment…');
		await work(6000, undefined, {signal: ctx.typing.signal});
		await ctx.reply('Here is your answer.');
	});

	bot.catch(({ctx, error}) => {
		// Work that was cancelled ends with an error too, and that is no news. Of others the message only: the rest may have the token in it.
		if (!ctx.typing.signal.aborted) console.error(error instanceof Error ? error.message : error);
	});

	return bot;
}
