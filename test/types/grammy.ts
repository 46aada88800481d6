import type {Typing} from '@auto-typing/core';
import {autoTyping, withTyping, type AutoTypingOptions, type TypingFlavor} from '@auto-typing/grammy';
import type {ChatAction} from '@auto-typing/telegram';
import {expectTypeOf} from 'expect-type';
import {Bot, Composer, type CommandContext, type Context, type Filter} from 'grammy';

// Checked by the compiler, never run: what a user's editor says.

type MyContext = Context & TypingFlavor;

const bot = new Bot<MyContext>('1:a');
const typing = autoTyping({interval: 4500, delay: 0, onEvent: event => expectTypeOf(event.target.chatId).toEqualTypeOf<number | string>()});

bot.use(typing);
bot.use(autoTyping<MyContext>());
new Bot('1:a').use(autoTyping()); // Needs no flavor.

bot.command('stop', ctx => typing.cancel(ctx));
bot.on('message:text', async ctx => {
	expectTypeOf(ctx.typing).toEqualTypeOf<Typing<ChatAction>>();
	expectTypeOf(ctx.typing.signal).toEqualTypeOf<AbortSignal>();
	expectTypeOf(ctx.typing.action).toEqualTypeOf<ChatAction>();
	ctx.typing.action = 'record_voice';
	// @ts-expect-error -- Telegram has no such action
	ctx.typing.action = 'thinking';
	await ctx.reply(ctx.msg.text);
});

// A wrapped handler keeps what the filter before it has learnt.
bot.on(
	'message:text',
	withTyping(async ctx => {
		expectTypeOf(ctx.typing).toEqualTypeOf<Typing<ChatAction>>();
	}),
);
bot.on(
	'message:text',
	withTyping<Filter<MyContext, 'message:text'>>(async ctx => {
		expectTypeOf(ctx.msg.text).toEqualTypeOf<string>();
	}),
);
bot.command(
	'chart',
	withTyping(
		async (ctx: CommandContext<MyContext>) => {
			expectTypeOf(ctx.match).toEqualTypeOf<string>();
		},
		{action: 'upload_photo'},
	),
);
bot.use(withTyping(new Composer<MyContext>()));

expectTypeOf(typing.close()).toEqualTypeOf<Promise<void>>();
expectTypeOf<AutoTypingOptions['delay']>().toEqualTypeOf<number | undefined>();

// @ts-expect-error -- milliseconds are numbers
autoTyping({delay: '200'});
// @ts-expect-error -- no such option
autoTyping({intervall: 3000});
// @ts-expect-error -- no such action
withTyping(async () => {}, {action: 'thinking'});
