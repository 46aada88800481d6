import {withTyping} from '@auto-typing/telegraf';
import test from 'ava';
import {Composer} from 'telegraf';
import {acts, assertQuiet, install, isAction, poll, seen, story, until, world, type Ctx} from './telegraf-harness.ts';

// Handlers of one update that are nested in each other, follow each other, or run side by side.

test('withTyping of one update one after another: the delay of each counts anew', async t => {
	const w = await world(t);
	const {server, bot} = w;
	const pass = async () => {};
	const slow = withTyping<Ctx>(
		async ctx => {
			await seen(server, isAction);
			await ctx.reply('done');
		},
		{delay: 100},
	);
	const fast = withTyping<Ctx>(pass, {delay: 100});
	bot.on('message', async ctx => {
		await slow(ctx, pass);
		await fast(ctx, pass);
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
});

test('withTyping of one update side by side: each has its own hold, whichever ends first, and then the one around', async t => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	let isDone = false;
	const quickOne = withTyping<Ctx>(async () => seen(server, isAction), {action: 'find_location'});
	const slowOne = withTyping<Ctx>(
		async ctx => {
			await until(() => isDone);
			ctx.typing.action = 'record_voice';
			await seen(server, ({payload}) => payload['action'] === 'record_voice');
		},
		{action: 'upload_document'},
	);
	const pass = async () => {};
	bot.on('message', async ctx => {
		const around = ctx.typing;
		await Promise.all([
			quickOne(ctx, pass).then(() => {
				isDone = true;
			}),
			slowOne(ctx, pass),
		]);
		t.is(ctx.typing, around);
		t.false(around.ended);
		await seen(server, ({payload}) => payload['action'] === 'typing');
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['upload_document', 'record_voice', 'typing', 'sendMessage']);
	t.deepEqual(w.caught, []);
});

test('a step that begins after a cancel begins cancelled', async t => {
	const w = await world(t);
	const {server, bot} = w;
	const typing = install(w);
	const pass = async () => {};
	const step = withTyping<Ctx>(async ctx => t.is(ctx.typing.signal.reason, 'enough'), {delay: 0});
	bot.on('message', async ctx => {
		typing.cancel(ctx, 'enough');
		await step(ctx, pass);
		await ctx.reply('stopped');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(story(server, 7), ['sendMessage']);
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

test('a fake without a client runs the handler: nothing is shown', async t => {
	const said: string[] = [];
	const handler = withTyping<Ctx>(async ctx => {
		ctx.typing.action = 'record_voice';
		await ctx.reply('done');
	});
	const fake = {update: {update_id: 1, message: {chat: {id: 7}}}, reply: async (text: string) => void said.push(text)};
	for (const ctx of [fake, {...fake, telegram: {sendMessage: fake.reply}}] as unknown as Ctx[]) {
		await handler(ctx, async () => {});
		handler.cancel(ctx);
	}

	t.deepEqual(said, ['done', 'done']);
});
