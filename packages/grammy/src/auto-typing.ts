import {checkOptions, Settings, Typing, type IndicatorOptions} from '@auto-typing/core';
import {targetOf, telegram, type ChatAction, type ChatTarget} from '@auto-typing/telegram';
import type {Context, Middleware, MiddlewareFn} from 'grammy';
import {botTyping, type BotTyping} from './bot-typing.ts';
import {Target} from './target.ts';

/** What {@link autoTyping} and {@link withTyping} take. The first one that meets a bot decides its `limit` and its `throttle`. */
export type AutoTypingOptions = IndicatorOptions<ChatTarget, ChatAction>;

/** Add it to your context type to use `ctx.typing`. */
export interface TypingFlavor {
	/** The hold of this handler: what is shown, pausing, and the signal to hand on. */
	typing: Typing<ChatAction>;
}

/** Middleware that can end what it started. */
export interface TypingMiddleware<C extends Context> extends MiddlewareFn<C> {
	/** End all work in the chat `ctx` came from, and abort its `ctx.typing.signal`. */
	cancel(ctx: Context, reason?: unknown): void;

	/** End all, in all chats: for the bot's shut-down. Handlers that start later show nothing. */
	close(): Promise<void>;
}

/**
Keep the chat action up while downstream middleware runs.

Installed twice, or around one route inside another, it is a nested hold on the same indicator: a bot has one, however it was wired.

@throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects.
@example
```ts
import {autoTyping, type TypingFlavor} from '@auto-typing/grammy';
import {Bot, type Context} from 'grammy';

declare const ask: (question: string, signal: AbortSignal) => Promise<string>;

const bot = new Bot<Context & TypingFlavor>(process.env.BOT_TOKEN!);
const typing = autoTyping();
bot.use(typing);
bot.command('stop', ctx => typing.cancel(ctx));
bot.on('message:text', async ctx => ctx.reply(await ask(ctx.msg.text, ctx.typing.signal)));
```
*/
export function autoTyping<C extends Context = Context>(options: AutoTypingOptions = {}): TypingMiddleware<C> {
	// oxlint-disable-next-line promise-function-async -- one frame less to keep in memory while a handler works
	return withTyping<C>((_ctx, next) => next(), options);
}

/**
Keep the chat action up while `handler` runs. It works alone, and inside {@link autoTyping}.

@throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects.
@example
```ts
import {withTyping} from '@auto-typing/grammy';
import {Bot, InputFile} from 'grammy';

declare const drawChart: () => Promise<Uint8Array>;

const bot = new Bot(process.env.BOT_TOKEN!);
bot.command(
	'chart',
	withTyping(async ctx => ctx.replyWithPhoto(new InputFile(await drawChart())), {action: 'upload_photo'}),
);
```
*/
export function withTyping<C extends Context = Context>(
	handler: Middleware<C & TypingFlavor>,
	options: AutoTypingOptions = {},
): TypingMiddleware<C> {
	checkOptions(options);
	const settings = new Settings(facts, options);
	const run = functionOf(handler);
	const used = new Set<BotTyping>();
	let isClosed = false;

	const middleware: MiddlewareFn<C & Partial<TypingFlavor>> = (ctx, next) => {
		const target = targetOf(ctx.update);
		const outer = ctx.typing;
		const bot = target && botTyping(ctx, options);
		if (bot) {
			bot.watch(ctx.api);
			if (!used.has(bot)) {
				used.add(bot);
				bot.indicator.observe(options);
			}

			if (isClosed) {
				void bot.indicator.close();
			}
		}

		const isRecorded = isInConversation(ctx);
		if (bot && isRecorded) {
			// Its calls are recorded and replayed: a chat action must not be among them. The update has its hold outside.
			const hold = bot.indicator.current(new Target(target));
			if (hold) {
				ctx.typing = hold;
				return run(ctx as C & TypingFlavor, next);
			}
		}

		const typing =
			bot && !isRecorded
				? bot.indicator.start(new Target(target, ctx.api), settings, outer)
				: new Typing(settings, undefined, undefined, outer);
		ctx.typing = typing;
		const result = typing.during(() => run(ctx as C & TypingFlavor, next));
		return outer ? restore(result, () => (ctx.typing = outer)) : result;
	};

	return Object.assign(middleware as MiddlewareFn<C>, {
		cancel(ctx: Context, reason?: unknown) {
			const target = targetOf(ctx.update);
			if (target) {
				botTyping(ctx, options).indicator.cancel(new Target(target), reason);
			}
		},
		async close() {
			isClosed = true;
			await Promise.all([...used].map(async ({indicator}) => indicator.close()));
		},
	});
}

/** @throws {TypeError} */
function functionOf<C extends Context>(handler: Middleware<C>): MiddlewareFn<C> {
	if (typeof handler === 'function') {
		return handler;
	}

	if (typeof handler?.middleware !== 'function') {
		throw new TypeError(`Expected \`handler\` to be grammY middleware, got ${handler === null ? 'null' : typeof handler}`);
	}

	// Asked for anew every time: a composer may get more handlers later.
	return async (ctx, next) => handler.middleware()(ctx, next);
}

async function restore<Result>(work: Promise<Result>, undo: () => void): Promise<Result> {
	try {
		return await work;
	} finally {
		undo();
	}
}

/** By the mark that `@grammyjs/conversations` leaves on the contexts it makes: it has no other. */
function isInConversation(ctx: Context): boolean {
	return Object.getOwnPropertySymbols(ctx).some(({description}) => description?.startsWith('conversations.'));
}

/** What the options are checked against, before there is a bot. */
const facts = telegram(async () => {});
