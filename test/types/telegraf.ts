import type {Typing} from '@auto-typing/core';
import {autoTyping, withTyping, type AutoTypingOptions, type TypingContext, type TypingFlavor} from '@auto-typing/telegraf';
import type {ChatAction} from '@auto-typing/telegram';
import {expectTypeOf} from 'expect-type';
import {Composer, Telegraf, type Context, type Scenes} from 'telegraf';
import {message} from 'telegraf/filters';

// Checked by the compiler, never run: what a user's editor says.

const bot = new Telegraf<TypingContext>('1:a');
const typing = autoTyping({interval: 4500, delay: 0, onEvent: event => expectTypeOf(event.target.chatId).toEqualTypeOf<number | string>()});

bot.use(typing);
bot.use(autoTyping<TypingContext>());
new Telegraf('1:a').use(autoTyping()); // Needs no flavor.

// Contexts as Telegraf's users write them: extended, or put together.
interface WizardContext extends TypingContext {
	scene: Scenes.SceneContextScene<WizardContext, Scenes.WizardSessionData>;
	wizard: Scenes.WizardContextWizard<WizardContext>;
}

new Telegraf<WizardContext>('1:a').use(autoTyping());
new Telegraf<Context & TypingFlavor>('1:a').use(autoTyping(), async ctx => {
	expectTypeOf(ctx.typing).toEqualTypeOf<Typing<ChatAction>>();
});

bot.command('stop', ctx => typing.cancel(ctx));
bot.on(message('text'), async ctx => {
	expectTypeOf(ctx.typing).toEqualTypeOf<Typing<ChatAction>>();
	expectTypeOf(ctx.typing.signal).toEqualTypeOf<AbortSignal>();
	expectTypeOf(ctx.typing.action).toEqualTypeOf<ChatAction>();
	ctx.typing.action = 'record_voice';
	// @ts-expect-error -- Telegram has no such action
	ctx.typing.action = 'thinking';
	await ctx.reply(ctx.message.text);
});

// A wrapped handler keeps what the filter before it has learnt.
bot.on(
	message('text'),
	withTyping(async ctx => {
		expectTypeOf(ctx.typing).toEqualTypeOf<Typing<ChatAction>>();
		expectTypeOf(ctx.message.text).toEqualTypeOf<string>();
	}),
);
bot.command(
	'chart',
	withTyping(
		async ctx => {
			expectTypeOf(ctx.payload).toEqualTypeOf<string>();
			await ctx.replyWithPhoto({source: Buffer.of()});
		},
		{action: 'upload_photo'},
	),
);
bot.use(withTyping(new Composer<TypingContext>()));
bot.use(
	Telegraf.optional<TypingContext>(
		ctx => ctx.chat?.type === 'private',
		autoTyping(),
		withTyping(async () => {}),
	),
);

// Work that nobody waits for is a promise all the same.
const work = withTyping<TypingContext>(async () => {});
bot.use((ctx, next) => {
	work(ctx, next).catch(() => {});
});

expectTypeOf(typing.close()).toEqualTypeOf<Promise<void>>();
expectTypeOf<AutoTypingOptions['delay']>().toEqualTypeOf<number | undefined>();
expectTypeOf<AutoTypingOptions['handlerTimeout']>().toEqualTypeOf<number | undefined>();

// @ts-expect-error -- milliseconds are numbers
autoTyping({delay: '200'});
// @ts-expect-error -- no such option
autoTyping({intervall: 3000});
// @ts-expect-error -- no such action
withTyping(async () => {}, {action: 'thinking'});
