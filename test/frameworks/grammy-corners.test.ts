import {autoRetry} from '@grammyjs/auto-retry';
import {
	conversations,
	createConversation,
	type Conversation,
	type ConversationData,
	type ConversationFlavor,
	type VersionedState,
} from '@grammyjs/conversations';
import {run} from '@grammyjs/runner';
import {apiThrottler} from '@grammyjs/transformer-throttler';
import {autoTyping, withTyping, type AutoTypingOptions} from '@auto-typing/grammy';
import {BotApi} from '@auto-typing/simulator';
import test from 'ava';
import {Bot, Composer, Context, InputFile, type Middleware} from 'grammy';
import {acts, assertQuiet, install, isAction, poll, quick, seen, story, until, wait, world, type Ctx} from './harness.ts';

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
	const runner = run(bot);
	t.teardown(async () => runner.isRunning() && runner.stop());
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

test('two bots made with one botInfo object, as in many tests: each types through its own token', async t => {
	const [one, two] = await Promise.all([BotApi.start(), BotApi.start()]);
	t.teardown(async () => Promise.all([one.close(), two.close()]));
	const {botInfo} = one;
	for (const server of [one, two]) {
		const bot = new Bot<Ctx>(server.token, {client: {apiRoot: server.url}, botInfo});
		bot.use(autoTyping(quick));
		bot.on('message', async ctx => {
			await wait(150);
			await ctx.reply('done');
		});
		await bot.handleUpdate(server.write({chat: 7, text: 'hello'}));
	}

	t.deepEqual(story(one, 7), ['typing', 'sendMessage']);
	t.deepEqual(story(two, 7), ['typing', 'sendMessage']);
});

test('two bots made with one botInfo object: what one refused, or closed, is not held against the other', async t => {
	const [one, two] = await Promise.all([BotApi.start(), BotApi.start({token: '99:AAother_token'})]);
	t.teardown(async () => Promise.all([one.close(), two.close()]));
	const {botInfo} = one;
	one.block(7);
	for (const server of [one, two]) {
		const bot = new Bot<Ctx>(server.token, {client: {apiRoot: server.url}, botInfo});
		const typing = autoTyping<Ctx>(quick);
		bot.use(typing);
		bot.on('message', async () => wait(200));
		await bot.handleUpdate(server.write({chat: 7, text: 'hello'}));
		await typing.close();
	}

	t.is(one.chat(7).calls, 1);
	t.is(two.chat(7).calls, 1);
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
	await bot.handleUpdate(server.write({chat: 7, text: 'hello'}));
	t.is(server.chat(7).calls, 0);
	t.true(aborted);
});

test('an upload that auto-retry on bot.api sends again shows its action again', async t => {
	const w = await world(t);
	const {server, bot} = w;
	bot.api.config.use(autoRetry());
	install(w);
	server.fail({method: 'sendPhoto', times: 1, outcome: {error_code: 429, parameters: {retry_after: 0.05}}});
	const counts: number[] = [];
	const file = new InputFile(async () => {
		const before = server.chat(7).calls;
		await Promise.race([seen(server, isAction, before + 1).catch(() => {}), wait(1500)]);
		counts.push(server.chat(7).calls - before);
		return new Uint8Array(1000);
	});
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await ctx.replyWithPhoto(file);
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendPhoto', 2);
	await assertQuiet(t, server, 7);
	t.true(counts[0]! > 0);
	t.true(counts[1]! > 0, 'nothing is renewed during the second upload, however long it takes');
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
	t.true(
		held.every(({ended}) => ended),
		'the hold of a handler ends with it, here as elsewhere',
	);
});

for (const [name, install, message] of [
	['withTyping without a handler', () => withTyping(undefined as unknown as Middleware<Ctx>), /`handler`.*undefined/],
	['withTyping with options for a handler', () => withTyping({delay: 0} as unknown as Middleware<Ctx>), /`handler`.*object/],
	['autoTyping with null', () => autoTyping(null as unknown as AutoTypingOptions), /`options`.*null/],
	['autoTyping with a number', () => autoTyping(4000 as unknown as AutoTypingOptions), /`options`.*4000/],
	['autoTyping with a handler', () => autoTyping((async () => {}) as unknown as AutoTypingOptions), /`options`.*function/],
] as const) {
	test(`${name}: told at install time, in words`, t => {
		t.throws(install, {name: 'TypeError', message});
	});
}

test('two installations and a context without ctx.me: the calls of one', async t => {
	const w = await world(t);
	const {server, bot} = w;
	const [outer, inner] = [autoTyping<Ctx>(quick), autoTyping<Ctx>(quick)];
	const ctx = new Context(server.write({chat: 7, text: 'hello'}), bot.api, undefined as never) as Ctx;
	await outer(ctx, async () => void (await inner(ctx, async () => wait(200))));
	t.is(server.chat(7).calls, 1);
});

test('a composer that gets a handler after it was wrapped runs it', async t => {
	const w = await world(t);
	const composer = new Composer<Ctx>();
	w.bot.use(withTyping(composer));
	composer.on('message', async ctx => ctx.reply('late'));
	await w.bot.handleUpdate(w.server.write({chat: 7, text: 'hi'}));
	t.deepEqual(
		w.server.chat(7).messages.map(({text}) => text),
		['late'],
	);
});
