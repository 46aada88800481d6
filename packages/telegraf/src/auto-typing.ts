import type {Typing} from '@auto-typing/core';
import {middlewareFor, type ChatAction, type MiddlewareLike, type TelegramTypingOptions} from '@auto-typing/telegram';
import type {Context, Middleware, MiddlewareFn, Telegram} from 'telegraf';
import {bots} from './framework.ts';
import {settingsWithin} from './handler-timeout.ts';

/** What {@link autoTyping} and {@link withTyping} take. The first one that meets a bot decides its `limit` and its `throttle`. */
export interface AutoTypingOptions extends TelegramTypingOptions {
	/**
	What `new Telegraf` was given as `handlerTimeout`: after this long Telegraf gives a handler up, and the indicator lapses. The work itself goes
	on, as it does in Telegraf, and its `ctx.typing.signal` is left alone. In milliseconds.

	@default 90_000, as in Telegraf; inside another hold, what is left of the outer one's time
	@see https://telegraf.js.org/interfaces/Telegraf.Options.html#handlerTimeout
	*/
	readonly handlerTimeout?: number | undefined;
}

/** Add it to your context type to use `ctx.typing`. */
export interface TypingFlavor {
	/** The hold of this handler: what is shown, pausing, and the signal to hand on. */
	typing: Typing<ChatAction>;
}

/** A context with `ctx.typing`: use it as it is, or extend it. */
export interface TypingContext extends Context, TypingFlavor {}

/** Middleware that can end what it started. */
export interface TypingMiddleware<C extends Context> extends MiddlewareFn<C> {
	/** Settles as the handler does. */
	(...parameters: Parameters<MiddlewareFn<C>>): Promise<unknown>;

	/** End all work in the chat `ctx` came from, that of `ctx` itself included, and abort its `ctx.typing.signal`. */
	cancel(ctx: Context, reason?: unknown): void;

	/** See the messages that go out through `bot.telegram`, too: a context has a client of its own. */
	watch(telegram: Telegram): void;

	/** End all, in all chats: for the bot's shut-down. Handlers that start later show nothing, and their signal is aborted. */
	close(): Promise<void>;
}

/**
Keep the chat action up while downstream middleware runs.

Installed twice, or around one route inside another, it is a nested hold on the same indicator: a bot has one, however it was wired.

@throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects.
@example
```ts
import {autoTyping, type TypingContext} from '@auto-typing/telegraf';
import {Telegraf} from 'telegraf';
import {message} from 'telegraf/filters';

declare const ask: (question: string, signal: AbortSignal) => Promise<string>;

const bot = new Telegraf<TypingContext>(process.env.BOT_TOKEN!);
const typing = autoTyping();
bot.use(typing);
bot.command('stop', ctx => typing.cancel(ctx));
bot.on(message('text'), async ctx => ctx.reply(await ask(ctx.message.text, ctx.typing.signal)));
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
import {withTyping} from '@auto-typing/telegraf';
import {Input, Telegraf} from 'telegraf';

declare const drawChart: () => Promise<Buffer>;

const bot = new Telegraf(process.env.BOT_TOKEN!);
bot.command(
	'chart',
	withTyping(async ctx => ctx.replyWithPhoto(Input.fromBuffer(await drawChart())), {action: 'upload_photo'}),
);
```
*/
export function withTyping<C extends Context = Context>(
	handler: Middleware<C & TypingFlavor>,
	options: AutoTypingOptions = {},
): TypingMiddleware<C> {
	return middlewareFor(bots, handler as MiddlewareLike<Context>, options, settingsWithin);
}
