import {autoTyping, type TypingFlavor} from '@auto-typing/grammy';
import {Bot, type ApiClientOptions, type Context} from 'grammy';
import {ask, type Model} from './model.ts';

/** Passes every question on to a model, and drops it when the person no longer wants, or can have, the answer. */
export function createBot(token: string, model: Model, client: ApiClientOptions = {}): Bot<Context & TypingFlavor> {
	const bot = new Bot<Context & TypingFlavor>(token, {client});
	const typing = autoTyping();
	bot.use(typing);

	bot.command('stop', async ctx => {
		typing.cancel(ctx);
		await ctx.reply('Stopped.');
	});

	bot.on('message:text', async ctx => ctx.reply(await ask(model, ctx.msg.text, ctx.typing.signal)));

	bot.catch(async ({ctx, error}) => {
		// Stopped, or blocked by the person: nobody waits for an apology.
		if (ctx.typing.signal.aborted) return;
		// The message only: the rest of an error may have the token in it.
		console.error(error instanceof Error ? error.message : error);
		await ctx.reply('Sorry, that went wrong.').catch(() => {});
	});

	return bot;
}
