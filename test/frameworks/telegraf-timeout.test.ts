import {BotApi} from '@auto-typing/simulator';
import {autoTyping, withTyping, type AutoTypingOptions} from '@auto-typing/telegraf';
import test from 'ava';
import {hook, install, isAction, makeBot, poll, quick, seen, until, wait, world, type Ctx} from './telegraf-harness.ts';

for (const way of ['polling', 'webhook'] as const) {
	test(`${way}: a handler that Telegraf gives up loses its indicator, and nothing else`, async t => {
		const handlerTimeout = 1000;
		const w = await world(t, {handlerTimeout});
		const {server, bot, caught} = w;
		install(w, {handlerTimeout, interval: 300});
		let aborted: boolean | undefined;
		let release = () => {};
		const released = new Promise<void>(resolve => {
			release = resolve;
		});
		bot.on('message', async ctx => {
			await released;
			aborted = ctx.typing.signal.aborted;
			await ctx.reply('late');
			await wait(400);
		});
		const {answers} = way === 'webhook' ? await hook(t, w) : {answers: [1]};
		if (way === 'polling') await poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await until(() => caught.length === 1 && answers.length === 1);
		t.is((caught[0]!.error as Error).name, 'TimeoutError');
		t.true(server.chat(7).calls >= 2, 'up while it worked');
		await wait(50); // What was on its way may have arrived.
		const {calls} = server.chat(7);
		await wait(900);
		t.is(server.chat(7).calls, calls, 'no call after it was given up');
		release();
		await seen(server, 'sendMessage');
		await wait(400);
		t.is(server.chat(7).calls, calls, 'nor after its late reply');
		t.false(aborted, 'the work goes on, as it does in Telegraf');
		await until(() => w.events.some(({type}) => type === 'end'));
		t.true(w.events.some(event => event.type === 'end' && event.reason === 'ceiling'));
		t.deepEqual(w.errors, []);
	});
}

test('a handler that was given up can be cancelled', async t => {
	const w = await world(t, {handlerTimeout: 200});
	const {server, bot, caught} = w;
	const typing = install(w, {handlerTimeout: 200});
	let reason: unknown;
	bot.command('stop', ctx => typing.cancel(ctx, 'enough'));
	bot.on('message', async ctx => {
		ctx.typing.signal.addEventListener('abort', () => {
			reason = ctx.typing.signal.reason;
		});
		await until(() => reason !== undefined);
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await until(() => caught.length === 1);
	server.write({chat: 7, text: '/stop'});
	await until(() => reason !== undefined);
	t.is(reason, 'enough');
});

/** How long a hold shows, in milliseconds after the start of the update. */
async function spans(options: AutoTypingOptions, inner?: AutoTypingOptions): Promise<number[]> {
	const server = await BotApi.start();
	const bot = makeBot(server);
	const found: number[] = [];
	const startedAt = performance.now();
	const note = (ctx: Ctx) => found.push(Math.round((ctx.typing.until - startedAt) / 500) * 500);
	bot.use(autoTyping(options));
	bot.use(async (ctx, next) => {
		note(ctx);
		await wait(600);
		await next();
	});
	bot.use(
		withTyping<Ctx>(async (ctx, next) => {
			note(ctx);
			await next();
		}, inner),
	);
	bot.use(withTyping<Ctx>(ctx => void note(ctx), inner));
	await bot.handleUpdate(server.write({chat: 7, text: 'hello'}) as never);
	await server.close();
	return found;
}

test('the time is that of Telegraf by default, and counts from the start of the update', async t => {
	t.deepEqual(await spans({}), [90_000, 90_000, 90_000]);
	t.deepEqual(await spans({handlerTimeout: 20_000}), [20_000, 20_000, 20_000]);
	t.deepEqual(await spans({handlerTimeout: 20_000, maxDuration: 5000}, {maxDuration: 30_000}), [5000, 20_000, 20_000]);
	t.deepEqual(await spans({handlerTimeout: Infinity}), [600_000, 600_500, 600_500]);
	t.deepEqual(await spans({}, {handlerTimeout: Infinity}), [90_000, 600_500, 600_500]);
});

test('a handler that follows another one of the same update has what that left of the time', async t => {
	const {server} = await world(t);
	const bot = makeBot(server);
	const pass = async () => {};
	let until = 0;
	const first = withTyping<Ctx>(
		async ctx => {
			({until} = ctx.typing);
			await wait(50);
		},
		{handlerTimeout: 20_000},
	);
	let left = 0;
	const second = withTyping<Ctx>(ctx => {
		left = ctx.typing.until;
	});
	bot.use(async ctx => {
		await first(ctx, pass);
		await second(ctx, pass);
	});
	await bot.handleUpdate(server.write({chat: 7, text: 'hello'}) as never);
	t.true(Math.abs(left - until) < 10, `${left} and ${until}`);
});

for (const [options, name, message] of [
	[{handlerTimeout: '90s'}, 'TypeError', /`handlerTimeout`.*number.*string/],
	[{handlerTimeout: null}, 'TypeError', /`handlerTimeout`.*null/],
	[{handlerTimeout: -1}, 'RangeError', /`handlerTimeout`.*-1/],
	[{handlerTimeout: Number.NaN}, 'RangeError', /`handlerTimeout`.*NaN/],
] as const) {
	test(`handlerTimeout ${String(options.handlerTimeout)} is told at install time`, t => {
		t.throws(() => autoTyping(options as unknown as AutoTypingOptions), {name, message});
		t.throws(() => withTyping(async () => {}, options as unknown as AutoTypingOptions), {name, message});
	});
}

test('a handler within its time is not touched', async t => {
	const w = await world(t, {handlerTimeout: 5000});
	const {server, bot, caught} = w;
	install(w, {...quick, handlerTimeout: 5000});
	bot.on('message', async ctx => {
		await seen(server, isAction, 3);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	t.deepEqual(caught, []);
});
