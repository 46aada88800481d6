import {autoTyping, withTyping, type TypingContext} from '@auto-typing/telegraf';
import test from 'ava';
import {Composer, Scenes, session, Telegraf, type Telegram, type Middleware} from 'telegraf';
import {message} from 'telegraf/filters';
import {
	telegraf,
	acts,
	assertQuiet,
	here,
	install,
	isAction,
	poll,
	quick,
	seen,
	story,
	until,
	world,
	type Ctx,
} from './telegraf-harness.ts';
import {corners} from './telegram-corners.ts';

corners(telegraf);

// As Telegraf's users write a context with scenes.
interface Session extends Scenes.WizardSession {
	asked?: number;
}

type CallApi = (this: Telegram, ...call: Parameters<Telegram['callApi']>) => Promise<unknown>;

interface SceneCtx extends TypingContext {
	session: Session;
	scene: Scenes.SceneContextScene<SceneCtx, Scenes.WizardSessionData>;
	wizard: Scenes.WizardContextWizard<SceneCtx>;
}

test('scenes and sessions: a wizard is covered step by step, and its session survives', async t => {
	const w = await world(t);
	const {server} = w;
	const bot = w.bot as unknown as Telegraf<SceneCtx>;
	install(w);
	const order = new Scenes.WizardScene<SceneCtx>(
		'order',
		async ctx => {
			await seen(server, isAction, 2);
			await ctx.reply('What would you like?');
			return ctx.wizard.next();
		},
		async ctx => {
			const {calls} = server.chat(7);
			await seen(server, isAction, calls + 2);
			ctx.session.asked = (ctx.session.asked ?? 0) + 1;
			t.is(ctx.typing.action, 'typing');
			await ctx.reply(`One ${ctx.text}, order ${ctx.session.asked}`);
			return ctx.scene.leave();
		},
	);
	bot.use(session());
	bot.use(new Scenes.Stage<SceneCtx>([order]).middleware());
	bot.command('order', async ctx => ctx.scene.enter('order'));
	await poll(t, w.bot);
	server.write({chat: 7, text: '/order'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	server.write({chat: 7, text: 'tea'});
	await seen(server, 'sendMessage', 2);
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'sendMessage', 'typing', 'sendMessage']);
	t.is(server.chat(7).messages.at(-1)!.text, 'One tea, order 1');
	t.deepEqual(w.caught, []);
});

test('withTyping as a step of a scene, without autoTyping around it', async t => {
	const w = await world(t);
	const {server} = w;
	const bot = w.bot as unknown as Telegraf<SceneCtx>;
	const scene = new Scenes.BaseScene<SceneCtx>('work');
	scene.enter(
		withTyping(
			async ctx => {
				await seen(server, isAction, 2);
				await ctx.reply('done');
				await ctx.scene.leave();
			},
			{...quick, action: 'record_voice'},
		),
	);
	bot.use(session());
	bot.use(new Scenes.Stage<SceneCtx>([scene]).middleware());
	bot.command('work', async ctx => ctx.scene.enter('work'));
	await poll(t, w.bot);
	server.write({chat: 7, text: '/work'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['record_voice', 'sendMessage']);
	t.deepEqual(w.caught, []);
});

test('beside ctx.persistentChatAction in the same bot: both show, none disturbs the other, nothing of ours after the reply', async t => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await ctx.persistentChatAction(
			'record_video',
			async () => {
				await seen(server, arrival => arrival.payload['action'] === 'record_video', 2);
			},
			{intervalDuration: 200},
		);
		const {calls} = server.chat(7);
		await seen(server, isAction, calls + 1);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual([...new Set(story(server, 7))].toSorted(), ['record_video', 'sendMessage', 'typing']);
	t.deepEqual(w.caught, []);
	t.deepEqual(w.errors, []);
});

test('Telegraf.optional, branch, lazy, fork and compose around and inside it', async t => {
	const w = await world(t);
	const {server, bot} = w;
	const work = (text: string) =>
		withTyping<Ctx>(async ctx => {
			await seen(server, here(ctx.chat!.id));
			await ctx.reply(text);
		}, quick);
	bot.use(Telegraf.optional<Ctx>(ctx => ctx.chat?.id === 1, work('optional')));
	bot.use(Telegraf.branch<Ctx>(ctx => ctx.chat?.id === 2, work('branch'), Telegraf.passThru()));
	bot.use(
		Telegraf.optional<Ctx>(
			ctx => ctx.chat?.id === 3,
			Telegraf.lazy(async () => work('lazy')),
		),
	);
	bot.use(Telegraf.optional<Ctx>(ctx => ctx.chat?.id === 4, Telegraf.fork(work('fork'))));
	bot.use(Telegraf.optional<Ctx>(ctx => ctx.chat?.id === 5, Telegraf.compose([autoTyping(quick), autoTyping(quick), work('compose')])));
	await poll(t, bot);
	for (const chat of [1, 2, 3, 4, 5]) server.write({chat, text: 'hello'});
	await seen(server, 'sendMessage', 5);
	for (const [index, text] of ['optional', 'branch', 'lazy', 'fork', 'compose'].entries()) {
		await assertQuiet(t, server, index + 1);
		t.is(server.chat(index + 1).messages[0]!.text, text);
	}

	t.deepEqual(w.caught, []);
});

test('work that the handler does not wait for: Telegraf takes the next update of the chat, and /stop gets through', async t => {
	const w = await world(t);
	const {server, bot} = w;
	const typing = install(w);
	let reason: unknown;
	const work = withTyping<Ctx>(
		async ctx => {
			await until(() => ctx.typing.signal.aborted);
			reason = ctx.typing.signal.reason;
		},
		{...quick, handlerTimeout: Infinity},
	);
	bot.command('stop', ctx => typing.cancel(ctx, 'enough'));
	bot.on(message('text'), (ctx, next) => {
		work(ctx as unknown as Ctx, next).catch(() => {});
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'work'});
	await seen(server, isAction, 2);
	server.write({chat: 7, text: '/stop'});
	await until(() => reason !== undefined);
	t.is(reason, 'enough');
});

test("what another middleware made of the client's callApi is called, before us and after us", async t => {
	const w = await world(t);
	const {server, bot} = w;
	const heard: string[] = [];
	const wrap =
		(name: string): Middleware<Ctx> =>
		async (ctx, next) => {
			const {callApi} = ctx.telegram as {readonly callApi: CallApi};
			ctx.telegram.callApi = async function (this: Telegram, method, ...rest) {
				heard.push(`${name} ${method}`);
				return callApi.call(this, method, ...rest);
			} as Telegram['callApi'];
			await next();
		};

	bot.use(wrap('inner'));
	install(w);
	bot.use(wrap('outer'));
	bot.use(autoTyping(quick));
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(heard, ['outer sendMessage', 'inner sendMessage']);
	t.deepEqual(w.caught, []);
});

test('a fork, of which Telegraf runs both sides on one context', async t => {
	const w = await world(t);
	const {server, bot} = w;
	let isForkDone = false;
	const fork = withTyping<Ctx>(async () => seen(server, isAction), {action: 'find_location', delay: 0});
	bot.use(
		Composer.fork(async (ctx, next) => {
			await fork(ctx, next);
			isForkDone = true;
		}),
	);
	bot.on(
		'message',
		withTyping(
			async ctx => {
				await until(() => isForkDone);
				ctx.typing.action = 'record_voice';
				await seen(server, ({payload}) => payload['action'] === 'record_voice');
				await ctx.reply('done');
			},
			{delay: 0},
		),
	);
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(w.caught, []);
});

test('bot.launch with getMe: the chats of one batch side by side', async t => {
	const w = await world(t);
	const {server, bot} = w;
	bot.botInfo = undefined as unknown as NonNullable<typeof bot.botInfo>;
	install(w);
	bot.on('message', async ctx => {
		await seen(server, here(ctx.chat.id), 2);
		await ctx.reply('done');
	});
	await poll(t, bot);
	for (const chat of [1, 2, 3]) server.write({chat, text: 'hello'});
	await seen(server, 'sendMessage', 3);
	for (const chat of [1, 2, 3]) {
		const view = server.chat(chat);
		t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
		await assertQuiet(t, server, chat);
	}

	t.is(server.log.filter(({method}) => method === 'getMe').length, 1);
});
