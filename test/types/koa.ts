import {Indicator, type Typing} from '@auto-typing/core';
import {autoTyping, type AutoTypingOptions, type Delivery, type DeliveryStore, type TypingState} from '@auto-typing/koa';
import {targetOf, telegram, type ChatAction, type ChatTarget} from '@auto-typing/telegram';
import {bodyParser} from '@koa/bodyparser';
import {Router} from '@koa/router';
import {expectTypeOf} from 'expect-type';
import Koa from 'koa';

// Checked by the compiler, never run: what a user's editor says.

const indicator = new Indicator(telegram(async () => {}));
const typing = autoTyping(indicator, ctx => targetOf(ctx.request.body as object), {respond: 200, once: ctx => ctx.get('x-id')});

// On an application that says nothing of its state, what comes after knows of the hold.
new Koa()
	.use(bodyParser())
	.use(typing)
	.use(ctx => {
		expectTypeOf(ctx.state.typing).toEqualTypeOf<Typing<ChatAction>>();
	});

interface MyState {
	user: string;
}
interface MyContext {
	database: {find(id: number): string};
}

// On one that does, it adds to what there is.
const app = new Koa<MyState, MyContext>();
app
	.use(bodyParser())
	.use(autoTyping(indicator, () => undefined))
	.use(ctx => {
		expectTypeOf(ctx.state.user).toEqualTypeOf<string>();
		expectTypeOf(ctx.database.find(1)).toEqualTypeOf<string>();
		expectTypeOf(ctx.state.typing).toEqualTypeOf<Typing<ChatAction>>();
		expectTypeOf(ctx.state.typing.signal).toEqualTypeOf<AbortSignal>();
		ctx.state.typing.action = 'record_voice';
		// @ts-expect-error -- Telegram has no such action
		ctx.state.typing.action = 'thinking';
	});

// The functions of the options know the application's state and context, where they are told.
autoTyping<ChatTarget, ChatAction, MyState, MyContext>(
	indicator,
	ctx => {
		expectTypeOf(ctx.state).toEqualTypeOf<MyState>();
		return {chatId: Number(ctx.database.find(1))};
	},
	{
		once: ctx => ctx.state.user,
		respond(ctx) {
			ctx.body = {for: ctx.state.user};
		},
	},
);

// With a router: one that declares the state, or none at all.
const router = new Router<MyState & TypingState<ChatAction>, MyContext>();
router.post('/', typing, ctx => {
	expectTypeOf(ctx.state.typing).toEqualTypeOf<Typing<ChatAction>>();
	expectTypeOf(ctx.state.user).toEqualTypeOf<string>();
});
router.post(
	'/inline',
	autoTyping(indicator, async ctx => targetOf(ctx.request.body as object)),
	ctx => {
		expectTypeOf(ctx.state.typing).toEqualTypeOf<Typing<ChatAction>>();
	},
);
app.use(router.routes());
new Router().post('/', bodyParser(), typing, async ctx => ctx.state.typing.signal);

expectTypeOf(typing.drain(10_000)).toEqualTypeOf<Promise<void>>();
expectTypeOf(typing.running).toEqualTypeOf<number>();
expectTypeOf<AutoTypingOptions['respond']>().extract<number>().toEqualTypeOf<number>();

// A store may be a Map, or asynchronous.
autoTyping(indicator, () => undefined, {once: () => 1, store: new Map<string, Delivery>()});
declare const store: DeliveryStore;
expectTypeOf(store.get('id')).extract<Delivery>().toEqualTypeOf<Delivery>();
const remote: DeliveryStore = {get: async () => null, set: async () => 'OK', delete: async () => 1, add: async () => true};
void remote;

// @ts-expect-error -- milliseconds are numbers
autoTyping(indicator, () => undefined, {delay: '200'});
// @ts-expect-error -- no such option
autoTyping(indicator, () => undefined, {answer: 200});
// @ts-expect-error -- no such action
autoTyping(indicator, () => undefined, {action: 'thinking'});
// @ts-expect-error -- the target is in the platform's own terms
autoTyping(indicator, () => 'chat');
// @ts-expect-error -- a platform is no indicator
autoTyping(indicator.platform, () => undefined);
// @ts-expect-error -- it needs to know how long
void typing.drain();
