import {autoRetry} from '@grammyjs/auto-retry';
import {conversations, createConversation, type Conversation, type ConversationFlavor} from '@grammyjs/conversations';
import {sequentialize} from '@grammyjs/runner';
import {apiThrottler, bypassThrottler} from '@grammyjs/transformer-throttler';
import {withTyping, type AutoTypingOptions} from '@auto-typing/grammy';
import test from 'ava';
import type {Bot} from 'grammy';
import {HttpError, type Middleware, type Transformer} from 'grammy';
import {acts, assertQuiet, install, isAction, poll, runAtOnce, seen, story, until, wait, world, type Ctx, type World} from './harness.ts';

type Convo = ConversationFlavor<Ctx>;

/** Three places for a transformer: on the bot, on the context before autoTyping sees it, and after. */
const places = ['on bot.api', 'on ctx.api before', 'on ctx.api after'] as const;

function wire(w: World, place: (typeof places)[number], transformer: Transformer, options?: AutoTypingOptions): void {
	const onContext: Middleware<Ctx> = async (ctx, next) => {
		ctx.api.config.use(transformer);
		await next();
	};

	if (place === 'on bot.api') w.bot.api.config.use(transformer);
	if (place === 'on ctx.api before') w.bot.use(onContext);
	install(w, options);
	if (place === 'on ctx.api after') w.bot.use(onContext);
}

for (const place of places) {
	test(`auto-retry ${place}: a 429 on typing is heard, obeyed and not slept on, and the reply lands at once`, async t => {
		const w = await world(t);
		const {server, bot} = w;
		wire(w, place, autoRetry());
		server.fail({method: 'sendChatAction', times: 1, outcome: {error_code: 429, parameters: {retry_after: 30}}});
		bot.on('message', async ctx => {
			await until(() => w.errors.length === 1);
			await ctx.reply('done');
		});
		await poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await seen(server, 'sendMessage');
		await wait(300);
		t.is(server.chat(7).calls, 1);
		t.is((w.errors[0] as {error_code: number}).error_code, 429);
		t.is(w.errors.length, 1);
	});

	test(`auto-retry ${place}: a 429 on the reply is retried, nothing shows after it`, async t => {
		const w = await world(t);
		const {server, bot} = w;
		wire(w, place, autoRetry());
		server.fail({method: 'sendMessage', times: 2, outcome: {error_code: 429, parameters: {retry_after: 0.1}}});
		bot.on('message', async ctx => {
			await seen(server, isAction, 2);
			await ctx.reply('done');
		});
		await poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await seen(server, 'sendMessage', 3);
		await assertQuiet(t, server, 7);
		t.is(server.chat(7).messages.length, 1);
		t.deepEqual(w.caught, []);
	});

	for (const outcome of [{error_code: 502}, 'reset', 'html'] as const) {
		test(`auto-retry ${place}: ${typeof outcome === 'string' ? outcome : outcome.error_code} on typing doesn't hold up anything, and typing comes back`, async t => {
			const w = await world(t);
			const {server, bot} = w;
			wire(w, place, autoRetry());
			server.fail({method: 'sendChatAction', times: 1, outcome});
			bot.on('message', async ctx => {
				// Its first back-off would be three seconds.
				const started = performance.now();
				await seen(server, isAction, 3);
				t.true(performance.now() - started < 2500);
				await ctx.reply('done');
			});
			await poll(t, bot);
			server.write({chat: 7, text: 'hello'});
			await seen(server, 'sendMessage');
			t.is(w.errors.length, 1);
			await assertQuiet(t, server, 7);
			t.deepEqual(w.caught, []);
		});
	}

	test(`transformer-throttler ${place}: typing delays no reply and is not delayed`, async t => {
		const w = await world(t);
		const {server, bot} = w;
		wire(w, place, apiThrottler());
		const took: number[] = [];
		bot.on('message', async ctx => {
			await seen(server, isAction, 4);
			const started = performance.now();
			await ctx.reply('done');
			took.push(performance.now() - started);
		});
		await poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await seen(server, 'sendMessage');
		await assertQuiet(t, server, 7);
		const sends = server.log.filter(arrival => isAction(arrival)).map(({at}) => at);
		t.true(sends.at(-1)! - sends[0]! < 2500, 'one per second would take three');
		t.true(took[0]! < 700, `the reply took ${took[0]} ms: it waited in line behind a chat action`);
	});

	test(`transformer-throttler ${place}, in a group: a second reply waits for the first alone`, async t => {
		const w = await world(t);
		const {server, bot} = w;
		wire(w, place, apiThrottler({group: {maxConcurrent: 1, minTime: 300}}));
		bot.on('message', async ctx => {
			await seen(server, isAction, 1);
			await ctx.reply('one');
			await ctx.reply('two');
		});
		await poll(t, bot);
		server.write({chat: -7, text: 'hello'});
		await seen(server, 'sendMessage', 2);
		await assertQuiet(t, server, -7);
		t.deepEqual(acts(story(server, -7)).at(-1), 'sendMessage');
	});

	test(`a user's own test replaces the network by a transformer ${place}: typing goes through it, nothing reaches the service`, async t => {
		const w = await world(t);
		const {server, bot} = w;
		const calls: Array<{method: string; payload: object}> = [];
		const network: Transformer = async (_previous, method, payload) => {
			calls.push({method, payload: {...payload}});
			return {ok: true, result: true as never};
		};
		wire(w, place, network);
		bot.on('message', async ctx => {
			await until(() => calls.filter(({method}) => method === 'sendChatAction').length >= 3);
			await ctx.reply('done');
		});
		await bot.handleUpdate(server.write({chat: 7, text: 'hello'}));
		await wait(300);
		t.deepEqual(acts(calls.map(({method}) => method)), ['sendChatAction', 'sendMessage']);
		t.deepEqual(calls[0]!.payload, {chat_id: 7, action: 'typing'});
		t.is(server.log.length, 0);
	});

	test(`a user's own test answers with a refusal by a transformer ${place}: 403 aborts the signal`, async t => {
		const w = await world(t);
		const {server, bot} = w;
		wire(w, place, async () => ({ok: false, error_code: 403, description: 'Forbidden: bot was blocked by the user'}));
		const errors: unknown[] = [];
		bot.on('message', async ctx => {
			await until(() => ctx.typing.signal.aborted);
			await ctx.reply('done').catch((error: unknown) => errors.push(error));
		});
		await bot.handleUpdate(server.write({chat: 7, text: 'hello'}));
		t.is((errors[0] as {error_code: number}).error_code, 403);
		t.is((errors[0] as {method: string}).method, 'sendMessage');
		t.is(w.errors.length, 1);
	});
}

test("a user's own test whose network throws: the handler is unaffected", async t => {
	const w = await world(t);
	const {server, bot} = w;
	bot.api.config.use(async (_previous, method) => {
		throw new HttpError(`no network for ${method}`, new Error('no network'));
	});
	install(w);
	bot.on('message', async ctx => {
		await until(() => w.errors.length > 1);
		await t.throwsAsync(ctx.reply('done'), {message: /no network for sendMessage/, name: 'HttpError'});
	});
	await bot.handleUpdate(server.write({chat: 7, text: 'hello'}));
	t.is(server.log.length, 0);
});

test("transformer-throttler with its bypass: the bypass is left for the handler's call", async t => {
	const w = await world(t);
	const {server, bot} = w;
	bot.api.config.use(apiThrottler());
	install(w);
	bot.use(bypassThrottler);
	bot.on('message', async ctx => {
		await seen(server, isAction, 2);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
});

test('auto-retry and transformer-throttler together, under a server that refuses at random', async t => {
	const w = await world(t, {latency: 10, jitter: 4});
	const {server, bot} = w;
	bot.api.config.use(apiThrottler({out: {maxConcurrent: 1, minTime: 50}}), autoRetry());
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction, 1);
		await ctx.reply('done');
	});
	server.fail({method: 'sendMessage', times: 4, outcome: {error_code: 429, parameters: {retry_after: 0.1}}});
	server.fail({method: 'sendChatAction', times: 1, outcome: 'reset'});
	runAtOnce(t, w);
	for (const chat of [1, 2, 3, 4]) server.write({chat, text: 'hello'});
	await until(() => [1, 2, 3, 4].every(chat => server.chat(chat).messages.length === 1));
	await wait(300);
	for (const chat of [1, 2, 3, 4]) t.is(server.chat(chat).after(server.chat(chat).messages[0]!.at), 0);
	t.deepEqual(w.caught, []);
});

test('conversations with autoTyping outside: shown while it works, not while it waits', async t => {
	const w = await world(t);
	const {server} = w;
	const bot = w.bot as unknown as Bot<Convo>;
	install(w);
	bot.use(conversations<Convo, Ctx>());
	const steps: string[] = [];
	async function talk(conversation: Conversation<Convo, Ctx>, ctx: Ctx) {
		await conversation.external(async () => seen(server, isAction, 2));
		await ctx.reply('Your name?');
		const answer = await conversation.waitFor('message:text');
		const already = await conversation.external(() => server.chat(7).calls);
		await conversation.external(async () => seen(server, isAction, already + 2));
		await answer.reply(`Hello ${answer.msg.text}`);
		await conversation.external(() => void steps.push('done'));
	}

	bot.use(createConversation<Convo, Ctx>(talk));
	bot.command('start', async ctx => ctx.conversation.enter('talk'));
	await poll(t, w.bot);
	server.write({chat: 7, text: '/start'});
	await seen(server, 'sendMessage');
	await wait(400);
	t.false(isAction(server.log.filter(({chatId}) => chatId === 7).at(-1)!), 'nothing is sent while it waits for the person');
	server.write({chat: 7, text: 'Ada'});
	await seen(server, 'sendMessage', 2);
	await assertQuiet(t, server, 7);
	t.deepEqual(
		server.chat(7).messages.map(({text}) => text),
		['Your name?', 'Hello Ada'],
	);
	t.deepEqual(acts(story(server, 7)), ['typing', 'sendMessage', 'typing', 'sendMessage']);
	t.deepEqual(steps, ['done']);
	t.deepEqual(w.caught, []);
});

test('conversations before autoTyping: the handlers after both are seen working', async t => {
	const w = await world(t);
	const {server} = w;
	const bot = w.bot as unknown as Bot<Convo>;
	bot.use(conversations<Convo, Ctx>());
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await ctx.reply('done');
	});
	await poll(t, w.bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'sendMessage']);
	t.deepEqual(w.caught, []);
});

test('conversations between autoTyping and withTyping: a handler outside of all conversations has its own options', async t => {
	const w = await world(t);
	const {server} = w;
	const bot = w.bot as unknown as Bot<Convo>;
	install(w);
	bot.use(conversations<Convo, Ctx>());
	bot.on(
		'message',
		withTyping<Convo>(
			async ctx => {
				await seen(server, isAction);
				await ctx.reply('done');
			},
			{action: 'upload_photo'},
		),
	);
	await poll(t, w.bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	t.deepEqual(acts(story(server, 7)), ['upload_photo', 'sendMessage']);
	t.deepEqual(w.caught, []);
});

test('runner with sequentialize: the updates of a chat wait for each other, and a second one shows typing for its own work only', async t => {
	const w = await world(t);
	const {server, bot} = w;
	bot.use(sequentialize(ctx => String(ctx.chat?.id)));
	install(w);
	let running = 0;
	bot.on('message', async ctx => {
		t.is(++running, 1);
		const before = server.chat(7).calls;
		await until(() => server.chat(7).calls >= before + 2);
		await ctx.reply('done');
		running--;
	});
	runAtOnce(t, w);
	for (let count = 0; count < 3; count++) server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage', 3);
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'sendMessage', 'typing', 'sendMessage', 'typing', 'sendMessage']);
});
