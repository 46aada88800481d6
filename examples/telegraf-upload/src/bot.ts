import {Readable} from 'node:stream';
import {setTimeout as work} from 'node:timers/promises';
import {withTyping} from '@auto-typing/telegraf';
import {Input, Telegraf, TelegramError, type Telegram} from 'telegraf';

/** A bot that takes ten seconds for a document: six to gather what is in it, and four to write it, while it is on its way already. */
export function createBot(token: string, telegram: Partial<Telegram['options']> = {}): Telegraf {
	const bot = new Telegraf(token, {telegram});

	const report = withTyping(async ctx => {
		const {signal} = ctx.typing;
		await work(6000, undefined, {signal}); // "typing…"
		await ctx.replyWithDocument(Input.fromReadableStream(Readable.from(rows(signal)), 'sales.csv')); // "sending a file…"
	});

	// Not awaited: Telegraf asks for new messages when all handlers of the last ones are done, and a /stop is a new message.
	bot.command('report', (ctx, next) => {
		report(ctx, next).catch((error: unknown) => {
			// Work that was cancelled ends with an error too, and that is no news. Of others as little as can be: the rest may have the token in it.
			const {name} = error as Error;
			if (name !== 'AbortError') console.error(error instanceof TelegramError ? error.message : name);
		});
	});

	bot.command('stop', async ctx => {
		report.cancel(ctx);
		await ctx.reply('Stopped.');
	});

	return bot;
}

/** The document, month by month. @throws {Error} An `AbortError` once nobody wants it any more */
async function* rows(signal: AbortSignal): AsyncGenerator<string> {
	yield 'month,sales\n';
	for (let month = 1; month <= 10; month++) {
		await work(400, undefined, {signal});
		yield `${month},${month * 1000}\n`;
	}
}
