import {autoTyping, type TypingFlavor, type TypingMiddleware} from '@auto-typing/grammy';
import {Bot, InputFile, type ApiClientOptions, type Context} from 'grammy';
import {ask, work} from './oracle.ts';
import {paced, sunset} from './sunset.ts';

type BotContext = Context & TypingFlavor;

/** How long the photo of `/draw` takes to upload, in milliseconds. */
export const uploadTime = 4000;

/**
The bot of the demo. Nothing in its handlers sends a chat action: that is all up to `autoTyping`.

@param onGiveUp - Told when work was given up because it had lost its point, and why.
*/
export function createBot(
	token: string,
	client: ApiClientOptions = {},
	onGiveUp: (chatId: number | undefined, reason: unknown) => void = () => {},
): {bot: Bot<BotContext>; typing: TypingMiddleware<BotContext>} {
	const bot = new Bot<BotContext>(token, {client});
	const typing = autoTyping<BotContext>();
	bot.use(typing);

	bot.command('start', async ctx => ctx.reply('Ask me anything. Or try /plan, /draw, and /stop while I think.'));

	bot.command('stop', async ctx => {
		typing.cancel(ctx);
		await ctx.reply('Stopped.');
	});

	bot.command('plan', async ctx => {
		const {signal} = ctx.typing;
		await work(3, signal);
		await ctx.reply('Let me look at the weather first.');
		await work(4, signal);
		await ctx.reply('Sun until four: to the lake, then bake bread.');
	});

	bot.command('draw', async ctx => {
		await work(2.5, ctx.typing.signal);
		await ctx.replyWithPhoto(new InputFile(paced(sunset(), uploadTime), 'sunset.png'), {caption: 'Sunset, oil on canvas.'});
	});

	bot.on('message:text', async ctx => ctx.reply(await ask(ctx.msg.text, ctx.typing.signal)));

	bot.catch(({ctx, error}) => {
		if (ctx.typing.signal.aborted) {
			onGiveUp(ctx.chatId, ctx.typing.signal.reason);
		} else {
			// The message only: what is inside of a network error has the address of the call, and the token is part of that.
			console.error(error instanceof Error ? error.message : 'A handler failed');
		}
	});

	return {bot, typing};
}
