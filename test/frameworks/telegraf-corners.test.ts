import {autoTyping, withTyping, type AutoTypingOptions, type TypingContext} from '@auto-typing/telegraf';
import {BotApi} from '@auto-typing/simulator';
import test from 'ava';
import {Composer, Context, Scenes, session, Telegraf, Telegram, type Middleware} from 'telegraf';
import {message} from 'telegraf/filters';
import {
	acts,
	assertNoToken,
	assertQuiet,
	here,
	hook,
	install,
	isAction,
	makeBot,
	poll,
	quick,
	runAtOnce,
	seen,
	story,
	until,
	wait,
	world,
	type Ctx,
} from './telegraf-harness.ts';

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

test('where persistentChatAction makes the handler wait, typing does not: the first call hangs', async t => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {delay: 0});
	server.fail({method: 'sendChatAction', outcome: 'hang'});
	let startedAt = 0;
	bot.on('message', async ctx => {
		startedAt = performance.now();
		await seen(server, isAction);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	t.true(startedAt < server.log.find(arrival => isAction(arrival))!.at);
	await assertQuiet(t, server, 7);
	t.deepEqual(w.caught, []);
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
		{...quick, handlerTimeout: Number.POSITIVE_INFINITY},
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

test('two bots made with one botInfo object: each types through its own token, and none is held against the other', async t => {
	const [one, two] = await Promise.all([BotApi.start(), BotApi.start({token: '99:AAother_token'})]);
	t.teardown(async () => Promise.all([one.close(), two.close()]));
	const {botInfo} = one;
	one.block(7);
	for (const server of [one, two]) {
		const bot = makeBot(server);
		bot.botInfo = botInfo;
		const typing = autoTyping<Ctx>(quick);
		bot.use(typing);
		bot.on('message', async () => seen(server, isAction));
		await bot.handleUpdate(server.write({chat: 7, text: 'hello'}) as never);
		await typing.close();
	}

	t.is(one.chat(7).calls, 1);
	t.is(two.chat(7).calls, 1);
});

test('one token on two servers, and one botInfo: each types on its own', async t => {
	const [one, two] = await Promise.all([BotApi.start(), BotApi.start()]);
	t.teardown(async () => Promise.all([one.close(), two.close()]));
	for (const server of [one, two]) {
		const bot = makeBot(server);
		bot.botInfo = one.botInfo;
		bot.use(autoTyping(quick));
		bot.on('message', async ctx => {
			await seen(server, isAction);
			await ctx.reply('done');
		});
		await bot.handleUpdate(server.write({chat: 7, text: 'hello'}) as never);
	}

	t.deepEqual(story(one, 7), ['typing', 'sendMessage']);
	t.deepEqual(story(two, 7), ['typing', 'sendMessage']);
});

test('close before the first update: handlers that start later show nothing', async t => {
	const w = await world(t);
	const {server, bot} = w;
	const typing = install(w);
	let aborted: boolean | undefined;
	bot.on('message', async ctx => {
		await wait(150);
		aborted = ctx.typing.signal.aborted;
	});
	await typing.close();
	await bot.handleUpdate(server.write({chat: 7, text: 'hello'}) as never);
	t.is(server.chat(7).calls, 0);
	t.true(aborted);
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

test('nobody who looks comes across the token: events, errors, targets, the middleware itself', async t => {
	const w = await world(t);
	const {server, bot} = w;
	const typing = install(w, {interval: 300});
	for (const outcome of ['html', 'reset', 'malformed', {error_code: 500}] as const)
		server.fail({method: 'sendChatAction', times: 1, outcome});
	let held: unknown;
	bot.on('message', async ctx => {
		held = ctx.typing;
		await until(() => w.errors.length >= 4);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	assertNoToken(t, server, w.errors, w.timeouts, w.events, typing, held);
});

test('two installations and a context without ctx.botInfo: the calls of one', async t => {
	const {server} = await world(t);
	const [outer, inner] = [autoTyping<Ctx>(quick), autoTyping<Ctx>(quick)];
	const update = server.write({chat: 7, text: 'hello'});
	const ctx = new Context(update as never, new Telegram(server.token, {apiRoot: server.url}), undefined as never) as unknown as Ctx;
	await outer(ctx, async () => void (await inner(ctx, async () => seen(server, isAction))));
	t.is(server.chat(7).calls, 1);
});

test('a composer that gets a handler after it was wrapped runs it', async t => {
	const w = await world(t);
	const composer = new Composer<Ctx>();
	w.bot.use(withTyping(composer));
	composer.on('message', async ctx => ctx.reply('late'));
	await w.bot.handleUpdate(w.server.write({chat: 7, text: 'hi'}) as never);
	t.deepEqual(
		w.server.chat(7).messages.map(({text}) => text),
		['late'],
	);
});

test('an update without a chat leaves no listener on the signal of the options', async t => {
	const w = await world(t);
	const {bot} = w;
	const {signal} = new AbortController();
	let listeners = 0;
	const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
	signal.addEventListener = (...args: Parameters<typeof add>) => {
		listeners++;
		add(...args);
	};
	signal.removeEventListener = (...args: Parameters<typeof remove>) => {
		listeners--;
		remove(...args);
	};
	install(w, {signal});
	const held: Array<Ctx['typing']> = [];
	bot.use(ctx => void held.push(ctx.typing));
	const user = {id: 7, is_bot: false, first_name: 'Ada'};
	for (let id = 1; id < 10; id++) await bot.handleUpdate({update_id: id, inline_query: {id: 'i', from: user, query: '', offset: ''}});
	t.is(listeners, 0);
	t.true(held.every(({ended}) => ended));
});

test('a webhook and many chats at once: each covered on its own', async t => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 1000});
	bot.on('message', async ctx => {
		await seen(server, here(ctx.chat.id), 2);
		await ctx.reply('done');
	});
	await hook(t, w);
	const chats = [1, 2, 3, 4, 5, 6];
	for (const chat of chats) server.write({chat, text: 'hello'});
	await seen(server, 'sendMessage', chats.length);
	for (const chat of chats) {
		const view = server.chat(chat);
		t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
		t.is(view.after(view.messages[0]!.at), 0);
	}
});

test('polling and many chats at once: 429 for one is silence for all, and no reply waits', async t => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 4500});
	server.fail({method: 'sendChatAction', times: 1, outcome: {error_code: 429, parameters: {retry_after: 30}}});
	bot.on('message', async ctx => {
		await until(() => w.errors.length === 1);
		await wait(50); // What was on its way before the answer may have arrived.
		const {calls} = server.chat(ctx.chat.id);
		await wait(300);
		t.is(server.chat(ctx.chat.id).calls, calls);
		await ctx.reply('done');
	});
	runAtOnce(t, w);
	for (const chat of [1, 2, 3]) server.write({chat, text: 'hello'});
	await seen(server, 'sendMessage', 3);
	t.deepEqual(w.caught, []);
});

for (const [name, install, words] of [
	['withTyping without a handler', () => withTyping(undefined as unknown as Middleware<Ctx>), /`handler`.*undefined/],
	['withTyping with options for a handler', () => withTyping({delay: 0} as unknown as Middleware<Ctx>), /`handler`.*object/],
	['autoTyping with null', () => autoTyping(null as unknown as AutoTypingOptions), /`options`.*null/],
	['autoTyping with a number', () => autoTyping(4000 as unknown as AutoTypingOptions), /`options`.*4000/],
	['autoTyping with a handler', () => autoTyping((async () => {}) as unknown as AutoTypingOptions), /`options`.*function/],
] as const) {
	test(`${name}: told at install time, in words`, t => {
		t.throws(install, {name: 'TypeError', message: words});
	});
}
