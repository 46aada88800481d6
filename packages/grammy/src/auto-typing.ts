import type {Typing} from '@auto-typing/core';
import {middlewareFor, type ChatAction, type MiddlewareLike, type TelegramTypingOptions} from '@auto-typing/telegram';
import type {Api, Context, Middleware, MiddlewareFn} from 'grammy';
import {bots} from './framework.ts';

/** What {@link autoTyping} and {@link withTyping} take. The first one that meets a bot decides its `limit` and its `throttle`. */
export type AutoTypingOptions = TelegramTypingOptions;

/** Add it to your context type to use `ctx.typing`. */
export interface TypingFlavor {
	/** The hold of this handler: what is shown, pausing, and the signal to hand on. */
	typing: Typing<ChatAction>;
}

/** Middleware that can end what it started. */
export interface TypingMiddleware<C extends Context> extends MiddlewareFn<C> {
	/** Settles as the handler does. */
	(...parameters: Parameters<MiddlewareFn<C>>): Promise<unknown>;

	/** End all work in the chat `ctx` came from, that of `ctx` itself included, and abort its `ctx.typing.signal`. */
	cancel(ctx: Context, reason?: unknown): void;

	/** See the messages that go out through `bot.api`, too: a context has an API of its own. */
	watch(api: Api): void;

	/** End all, in all chats: for the bot's shut-down. Handlers that start later show nothing, and their signal is aborted. */
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
	return middlewareFor(bots, handler as MiddlewareLike<Context>, options);
}
