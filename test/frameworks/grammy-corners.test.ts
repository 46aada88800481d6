import {
	conversations,
	createConversation,
	type Conversation,
	type ConversationData,
	type ConversationFlavor,
	type VersionedState,
} from '@grammyjs/conversations';
import {apiThrottler} from '@grammyjs/transformer-throttler';
import {autoTyping} from '@auto-typing/grammy';
import test from 'ava';
import type {Bot, Context} from 'grammy';
import {
	grammy,
	acts,
	assertNoToken,
	assertQuiet,
	here,
	install,
	isAction,
	poll,
	quick,
	runAtOnce,
	seen,
	story,
	until,
	wait,
	world,
	type Ctx,
} from './harness.ts';
import {corners} from './telegram-corners.ts';

corners(grammy);

type Convo = ConversationFlavor<Ctx>;

test('conversations with autoTyping outside and among the plugins: a later update finds the conversation where it was', async t => {
	const w = await world(t);
	const {server} = w;
	const bot = w.bot as unknown as Bot<Convo>;
	install(w);
	bot.use(conversations<Convo, Ctx>({plugins: [autoTyping(quick)]}));
	async function talk(conversation: Conversation<Convo, Ctx>, ctx: Ctx) {
		await conversation.external(async () => seen(server, isAction, 2));
		await ctx.reply('Your name?');
		const answer = await conversation.waitFor('message:text');
		await answer.reply(`Hello ${answer.msg.text}`);
	}

	bot.use(createConversation<Convo, Ctx>(talk));
	bot.command('start', async ctx => ctx.conversation.enter('talk'));
	await poll(t, w.bot);
	server.write({chat: 7, text: '/start'});
	await seen(server, 'sendMessage');
	server.write({chat: 7, text: 'Ada'});
	await Promise.race([seen(server, 'sendMessage', 2), wait(2500)]);
	t.deepEqual(
		server.chat(7).messages.map(({text}) => text),
		['Your name?', 'Hello Ada'],
	);
});

test('conversations with autoTyping among the plugins: no chat action is recorded in the conversation', async t => {
	const w = await world(t);
	const {server} = w;
	const bot = w.bot as unknown as Bot<Convo>;
	install(w, {interval: 4500});
	let state: VersionedState<ConversationData> | undefined;
	const adapter = {
		read: () => state,
		write: (_key: string, value: VersionedState<ConversationData>) => void (state = structuredClone(value)),
		delete: () => void (state = undefined),
	};
	bot.use(conversations<Convo, Ctx>({storage: {type: 'key', version: 0, adapter}, plugins: [autoTyping({...quick, interval: 4500})]}));
	async function talk(conversation: Conversation<Convo, Ctx>, ctx: Ctx) {
		await conversation.external(async () => seen(server, isAction, 1));
		await ctx.reply('One moment');
		await conversation.external(async () => seen(server, isAction, 2));
		await ctx.reply('Done');
		await conversation.wait();
	}

	bot.use(createConversation<Convo, Ctx>(talk));
	bot.command('start', async ctx => ctx.conversation.enter('talk'));
	await bot.handleUpdate(server.write({chat: 7, text: '/start'}));
	t.deepEqual(acts(story(server, 7)), ['typing', 'sendMessage', 'typing', 'sendMessage']);
	t.truthy(state);
	t.false(JSON.stringify(state).includes('sendChatAction'), 'a replay that finds or misses it waits for ever');
});

test('conversations with autoTyping among the plugins alone and no delay: no update gets stuck', async t => {
	const w = await world(t);
	const {server} = w;
	const bot = w.bot as unknown as Bot<Convo>;
	bot.use(conversations<Convo, Ctx>({plugins: [autoTyping({...quick, delay: 0})]}));
	async function talk(conversation: Conversation<Convo, Ctx>, ctx: Ctx) {
		for (let count = 0; count < 4; count++) {
			await ctx.reply(`question ${count}`);
			ctx = await conversation.waitFor('message:text');
			await conversation.external(async () => wait(60));
		}

		await ctx.reply('done');
	}

	bot.use(createConversation<Convo, Ctx>(talk));
	bot.command('start', async ctx => ctx.conversation.enter('talk'));
	const texts = ['/start', 'a', 'b', 'c', 'd'];
	for (const text of texts) {
		const ended = await Promise.race([bot.handleUpdate(server.write({chat: 7, text})).then(() => true), wait(1500)]);
		t.truthy(ended, `the update with "${text}" never ends`);
	}

	t.deepEqual(
		server.chat(7).messages.map(({text}) => text),
		['question 0', 'question 1', 'question 2', 'question 3', 'done'],
	);
});

test('conversations with autoTyping among the plugins: /stop aborts ctx.typing.signal in the conversation', async t => {
	const w = await world(t);
	const {server} = w;
	const bot = w.bot as unknown as Bot<Convo>;
	const typing = install(w);
	w.bot.command('stop', ctx => typing.cancel(ctx));
	bot.use(conversations<Convo, Ctx>({plugins: [autoTyping(quick)]}));
	let aborted: boolean | undefined;
	async function talk(conversation: Conversation<Convo, Ctx>, ctx: Ctx) {
		const {signal} = ctx.typing;
		await conversation.external(async () => {
			await Promise.race([until(() => signal.aborted).catch(() => {}), wait(2500)]);
			aborted = signal.aborted;
		});
	}

	bot.use(createConversation<Convo, Ctx>(talk));
	bot.command('start', async ctx => ctx.conversation.enter('talk'));
	runAtOnce(t, w);
	server.write({chat: 7, text: '/start'});
	await seen(server, isAction);
	server.write({chat: 7, text: '/stop'});
	await until(() => aborted !== undefined);
	t.true(aborted);
});

test('transformer-throttler under a transformer that copies the payload, as parse-mode does: typing delays no reply', async t => {
	const w = await world(t);
	const {server, bot} = w;
	bot.api.config.use(apiThrottler());
	bot.api.config.use(async (previous, method, payload, signal) =>
		previous(method, {...payload, parse_mode: 'HTML'} as typeof payload, signal),
	);
	install(w);
	let took = 0;
	bot.on('message', async ctx => {
		await wait(1500);
		const started = performance.now();
		await ctx.reply('done');
		took = performance.now() - started;
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await until(() => took > 0);
	t.true(server.chat(7).calls >= 2, 'calls that were given up keep the line busy for those that follow');
	t.true(took < 500, `the reply took ${Math.round(took)} ms`);
});

test("a transformer that clones the payload, as a user's own test may: typing goes out", async t => {
	const w = await world(t);
	const {server, bot} = w;
	const calls: unknown[] = [];
	bot.api.config.use(async (previous, method, payload, signal) => {
		calls.push(structuredClone({method, payload}));
		return previous(method, payload, signal);
	});
	install(w);
	bot.on('message', async ctx => {
		await until(() => server.chat(7).calls > 0 || w.errors.length > 0);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	t.deepEqual(w.errors, []);
	t.is(server.chat(7).calls, 1);
});

test('a raw call without parameters works as it does without the middleware', async t => {
	const w = await world(t);
	const {server, bot} = w;
	const call = async (ctx: Context) => (ctx.api.raw as unknown as {getMyCommands(): Promise<unknown>}).getMyCommands();
	const results: unknown[] = [];
	bot.use(async (ctx, next) => {
		results.push(await call(ctx)); // bare grammY
		await next();
	});
	install(w);
	bot.on('message', async ctx => {
		results.push(await call(ctx));
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await until(() => results.length === 2 || w.caught.length > 0);
	t.deepEqual(
		w.caught.map(({error}) => String(error)),
		[],
	);
	t.deepEqual(results, [[], []]);
});

test('bot.start with getMe, one update after the other', async t => {
	const w = await world(t);
	const {server, bot} = w;
	(bot as unknown as {me?: unknown}).me = undefined;
	install(w);
	bot.on('message', async ctx => {
		await seen(server, here(ctx.chat.id), 2);
		await ctx.reply('done');
	});
	await poll(t, bot);
	for (const chat of [1, 2, 3]) server.write({chat, text: 'hello'});
	await seen(server, 'sendMessage', 3);
	for (const chat of [1, 2, 3]) await assertQuiet(t, server, chat);
	t.deepEqual(acts(server.log.filter(({chatId}) => chatId).map(({chatId}) => String(chatId))), ['1', '2', '3']);
});

test('sensitiveLogs: even then ours hold no token', async t => {
	const w = await world(t, {client: {sensitiveLogs: true}});
	const {server, bot} = w;
	install(w, {interval: 4500});
	for (const outcome of ['html', 'reset', 'redirect', 'malformed'] as const) server.fail({method: 'sendChatAction', times: 1, outcome});
	bot.on('message', async ctx => {
		await until(() => w.errors.length === 4);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	assertNoToken(t, server, w.errors, w.timeouts, w.events);
});
