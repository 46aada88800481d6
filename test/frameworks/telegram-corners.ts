import {BotApi} from '@auto-typing/simulator';
import {assertNoToken, assertQuiet, here, isAction, quick, seen, story, suite, until, wait, type Ctx, type Framework} from './telegram.ts';

const {both, on} = suite();
export {on as corners};

both(
	'two bots made with one botInfo object: each types through its own token, and none is held against the other',
	async (t, {autoTyping, makeBot}) => {
		const [one, two] = await Promise.all([BotApi.start(), BotApi.start({token: '99:AAother_token'})]);
		t.teardown(async () => Promise.all([one.close(), two.close()]));
		const {botInfo} = one;
		one.block(7);
		for (const server of [one, two]) {
			const bot = makeBot(server);
			bot.botInfo = botInfo;
			const typing = autoTyping(quick);
			bot.use(typing);
			bot.on('message', async () => seen(server, isAction));
			await bot.handleUpdate(server.write({chat: 7, text: 'hello'}));
			await typing.close();
		}

		t.is(one.chat(7).calls, 1);
		t.is(two.chat(7).calls, 1);
	},
);

both('one token on two servers, and one botInfo: each types on its own', async (t, {autoTyping, makeBot}) => {
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
		await bot.handleUpdate(server.write({chat: 7, text: 'hello'}));
	}

	t.deepEqual(story(one, 7), ['typing', 'sendMessage']);
	t.deepEqual(story(two, 7), ['typing', 'sendMessage']);
});

both('close before the first update: handlers that start later show nothing', async (t, {world, install}) => {
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

both('a first call that hangs: the handler has started before it, and its reply is not held up', async (t, {world, install, poll}) => {
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

both('nobody who looks comes across the token: events, errors, targets, the middleware itself', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	const typing = install(w, {interval: 300});
	for (const outcome of ['html', 'reset', 'malformed', {error_code: 500}] as const)
		server.fail({method: 'sendChatAction', times: 1, outcome});
	let held: unknown;
	bot.on('message', async ctx => {
		held = ctx.typing;
		await until(() => w.errors.length + w.timeouts.length >= 4);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	assertNoToken(t, server, w.errors, w.timeouts, w.events, typing, held);
});

both('two installations and a context that does not know its bot: the calls of one', async (t, {autoTyping, world, strayContext}) => {
	const {server, bot} = await world(t);
	const [outer, inner] = [autoTyping(quick), autoTyping(quick)];
	const ctx = strayContext(bot, server.write({chat: 7, text: 'hello'}));
	await outer(ctx, async () => void (await inner(ctx, async () => seen(server, isAction))));
	t.is(server.chat(7).calls, 1);
});

both('a composer that gets a handler after it was wrapped runs it', async (t, {withTyping, world, Composer}) => {
	const w = await world(t);
	const composer = new Composer();
	w.bot.use(withTyping(composer));
	composer.on('message', async ctx => ctx.reply('late'));
	await w.bot.handleUpdate(w.server.write({chat: 7, text: 'hi'}));
	t.deepEqual(
		w.server.chat(7).messages.map(({text}) => text),
		['late'],
	);
});

both('an update without a chat leaves no listener on the signal of the options', async (t, {world, install}) => {
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

both('a webhook and many chats at once: each covered on its own', async (t, {world, install, hook}) => {
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

both('polling and many chats at once: 429 for one is silence for all, and no reply waits', async (t, {world, install, runAtOnce}) => {
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

for (const [name, wire, words] of [
	['withTyping without a handler', ({withTyping}: Framework) => withTyping(undefined as never), /`handler`.*undefined/],
	['withTyping with options for a handler', ({withTyping}: Framework) => withTyping({delay: 0} as never), /`handler`.*object/],
	['autoTyping with null', ({autoTyping}: Framework) => autoTyping(null as never), /`options`.*null/],
	['autoTyping with a number', ({autoTyping}: Framework) => autoTyping(4000 as never), /`options`.*4000/],
	['autoTyping with a handler', ({autoTyping}: Framework) => autoTyping((async () => {}) as never), /`options`.*function/],
] as const) {
	both(`${name}: told at install time, in words`, (t, framework) => {
		t.throws(() => wire(framework), {name: 'TypeError', message: words});
	});
}
