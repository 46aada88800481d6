import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {acts, assertQuiet, here, isAction, quick, seen, story, suite, until, wait, type Ctx, type Heard} from './telegram.ts';

const {both, on} = suite();
export {on as wiring};

both('autoTyping twice: the calls of one', async (t, {autoTyping, world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.use(autoTyping(quick));
	bot.use(autoTyping(quick));
	bot.on('message', async ctx => {
		await seen(server, isAction, 3);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	const sends = server.log.filter(arrival => isAction(arrival)).map(({at}) => at);
	t.is(sends.length, 3);
	t.true(sends[1]! - sends[0]! > 400, 'each an interval after the last');
	t.is(w.events.filter(({type}) => type === 'send').length, 3);
	t.is(server.chat(7).messages.length, 1);
});

both('withTyping alone', async (t, {withTyping, world, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	bot.command(
		'chart',
		withTyping(
			async ctx => {
				await seen(server, isAction, 2);
				await ctx.reply('done');
			},
			{...quick, action: 'upload_photo'},
		),
	);
	bot.on('message', async ctx => {
		await wait(100);
		await ctx.reply('other');
	});
	await poll(t, bot);
	server.write({chat: 7, text: '/chart'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['upload_photo', 'sendMessage']);
	server.write({chat: 8, text: 'hello'});
	await seen(server, 'sendMessage', 2);
	t.is(server.chat(8).calls, 0);
});

both('withTyping inside autoTyping: its action while it runs, the outer one after it', async (t, {withTyping, world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	let outer: unknown;
	bot.use(async (ctx, next) => {
		outer = ctx.typing;
		await seen(server, isAction, 1);
		await next();
		t.is(ctx.typing, outer as typeof ctx.typing, 'ctx.typing is the outer one again');
		await seen(server, isAction, server.chat(7).calls + 2);
		await ctx.reply('done');
	});
	bot.on(
		'message',
		withTyping(
			async ctx => {
				t.not(ctx.typing, outer as typeof ctx.typing);
				t.is(ctx.typing.action, 'record_voice');
				await seen(server, arrival => arrival.payload['action'] === 'record_voice', 2);
			},
			{...quick, action: 'record_voice'},
		),
	);
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'record_voice', 'typing', 'sendMessage']);
	const view = server.chat(7);
	t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
	t.deepEqual(w.caught, []);
});

both('withTyping inside withTyping, three deep, and one that throws', async (t, {withTyping, world, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	const action = async (name: string) => seen(server, arrival => arrival.payload['action'] === name);
	const innermost = withTyping(
		async () => {
			await action('upload_video');
			throw new Error('mine');
		},
		{...quick, action: 'upload_video'},
	);
	const middle = withTyping(
		async (ctx, next) => {
			await action('upload_photo');
			await t.throwsAsync(async () => innermost(ctx, next), {message: 'mine'});
			t.is(ctx.typing.action, 'upload_photo');
		},
		{...quick, action: 'upload_photo'},
	);
	bot.on(
		'message',
		withTyping(async (ctx, next) => {
			await action('typing');
			await middle(ctx, next);
			t.is(ctx.typing.action, 'typing');
			await ctx.reply('done');
		}, quick),
	);
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(
		acts(story(server, 7))
			.filter(act => act !== 'sendMessage')
			.slice(0, 3),
		['typing', 'upload_photo', 'upload_video'],
	);
	t.deepEqual(w.caught, []);
});

both('withTyping around a Composer, which passes on what it does not handle', async (t, {withTyping, world, poll, Composer}) => {
	const w = await world(t);
	const {server, bot} = w;
	const composer = new Composer();
	composer.command('work', async ctx => {
		await seen(server, isAction, 1);
		await ctx.reply('done');
	});
	bot.use(withTyping(composer, quick));
	bot.use(withTyping({middleware: () => composer.middleware()}, quick));
	bot.on('message', async ctx => ctx.reply('other'));
	await poll(t, bot);
	server.write({chat: 7, text: '/work'});
	server.write({chat: 8, text: 'hello'});
	await seen(server, 'sendMessage', 2);
	await assertQuiet(t, server, 7);
	t.is(server.chat(8).messages[0]!.text, 'other');
	t.deepEqual(w.caught, []);
});

both('autoTyping as an object: in a Composer, as a route, with its methods', async (t, {autoTyping, world, poll, useIn}) => {
	const w = await world(t);
	const {server, bot} = w;
	const typing = autoTyping(quick);
	useIn(bot, 7, typing);
	bot.on('message', async ctx => {
		if (ctx.chat.id === 7) await seen(server, isAction);
		else await wait(100);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	server.write({chat: 8, text: 'hello'});
	await seen(server, 'sendMessage', 2);
	await assertQuiet(t, server, 7);
	t.is(server.chat(8).calls, 0);
	t.is(typeof typing.cancel, 'function');
	t.is(typeof typing.close, 'function');
});

both(
	'two installations: each observer hears each event once, and one observer of both hears it once too',
	async (t, {autoTyping, world, poll}) => {
		const w = await world(t);
		const {server, bot} = w;
		const [first, second, both]: [Heard[], Heard[], Heard[]] = [[], [], []];
		const errors: unknown[][] = [[], []];
		const onBoth = (event: Heard) => void both.push(event);
		bot.use(autoTyping({...quick, onEvent: event => void first.push(event), onError: error => void errors[0]!.push(error)}));
		bot.use(autoTyping({...quick, onEvent: event => void second.push(event), onError: error => void errors[1]!.push(error)}));
		bot.use(autoTyping({...quick, onEvent: onBoth}));
		bot.use(autoTyping({...quick, onEvent: onBoth}));
		server.fail({method: 'sendChatAction', times: 1, outcome: {error_code: 500}});
		bot.on('message', async ctx => {
			await seen(server, isAction, 3);
			await ctx.reply('done');
		});
		await poll(t, bot);
		for (let count = 0; count < 2; count++) server.write({chat: 7, text: 'hello'});
		await seen(server, 'sendMessage', 2);
		await wait(50);
		const sends = server.log.filter(arrival => isAction(arrival)).length;
		for (const heard of [first, second, both]) t.is(heard.filter(({type}) => type === 'send').length, sends);
		t.deepEqual(
			first.map(({type}) => type),
			second.map(({type}) => type),
		);
		t.deepEqual(errors[0], errors[1]);
	},
);

both('observers that throw or reject harm nobody', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {
		onEvent() {
			throw new Error('a broken logger');
		},
		onError: async () => {
			throw new Error('a broken logger');
		},
	});
	server.fail({method: 'sendChatAction', times: 1, outcome: {error_code: 500}});
	bot.on('message', async ctx => {
		await seen(server, isAction, 2);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(w.caught, []);
});

both(
	'one budget for one bot, however it was wired: in no second more than the limit',
	async (t, {autoTyping, withTyping, world, install, runAtOnce}) => {
		const w = await world(t);
		const {server, bot} = w;
		const limit = {limit: 5, interval: 1000};
		install(w, {limit});
		bot.use(autoTyping({...quick, limit: {limit: 1000, interval: 1000}}));
		bot.on(
			'message',
			withTyping(async () => wait(1800), {...quick, action: 'find_location'}),
		);
		runAtOnce(t, w);
		for (let chat = 1; chat <= 12; chat++) server.write({chat, text: 'hello'});
		await until(() => w.events.filter(({type}) => type === 'end').length >= 36);
		const sends = server.log.filter(arrival => isAction(arrival)).map(({at}) => at);
		t.true(sends.length >= 4);
		for (const [index, at] of sends.entries()) {
			const later = sends[index + limit.limit];
			if (later !== undefined)
				t.true(later - at > 700, `a sixth call within a second: ${sends.map(at => Math.round(at - sends[0]!)).join(', ')}`);
		}
	},
);

both('one budget: an answer that is streamed by edits counts there, and what concerns no chat does not', async (t, framework) => {
	const w = await framework.world(t);
	const {server, bot} = w;
	framework.install(w, {delay: 2000, limit: {limit: 10, interval: 60_000}});
	bot.on('message', async ctx => {
		const client = framework.client(ctx);
		const {message_id: id} = await ctx.reply('…');
		for (let count = 0; count < 3; count++) await framework.editText(ctx, 7, id, `${count}`);
		for (let count = 0; count < 10; count++) await client.getMe();
		await seen(server, isAction);
		await client.sendMessage(9, 'elsewhere');
		for (let count = 3; count < 6; count++) await framework.editText(ctx, 7, id, `${count}`);
		ctx.typing.action = 'upload_photo';
		await until(() => w.events.some(({type, reason}) => type === 'wait' && reason === 'budget'));
	});
	await bot.handleUpdate(server.write({chat: 7, text: 'hello'}));
	t.is(server.chat(7).calls, 1);
});

both('two bots in one process have a budget, an indicator and a memory each', async (t, {autoTyping, world, poll}) => {
	const [one, two] = [await world(t), await world(t)];
	const typing = autoTyping({...quick, limit: {limit: 2, interval: 60_000}});
	for (const {bot, server} of [one, two]) {
		bot.use(typing);
		bot.on('message', async ctx => {
			await seen(server, isAction, 1);
			await ctx.reply('done');
		});
		await poll(t, bot);
	}

	one.server.block(9);
	one.server.write({chat: 7, text: 'hello'});
	await seen(one.server, 'sendMessage');
	two.server.write({chat: 7, text: 'hello'});
	await seen(two.server, 'sendMessage');
	await assertQuiet(t, one.server, 7);
	await assertQuiet(t, two.server, 7);
	t.is(one.server.chat(7).calls, 1);
	t.is(two.server.chat(7).calls, 1);
});

both('one installation, two bots: /stop of one does not touch the other, close ends both', async (t, {autoTyping, world, runAtOnce}) => {
	const [one, two] = [await world(t), await world(t)];
	const typing = autoTyping(quick);
	const aborted: string[] = [];
	for (const [name, {bot}] of [
		['one', one],
		['two', two],
	] as const) {
		bot.use(typing);
		bot.command('stop', ctx => typing.cancel(ctx));
		bot.on('message', async ctx => {
			await until(() => ctx.typing.signal.aborted);
			aborted.push(name);
		});
		runAtOnce(t, name === 'one' ? one : two);
	}

	for (const {server} of [one, two]) server.write({chat: 7, text: 'work'});
	await seen(one.server, isAction);
	await seen(two.server, isAction);
	one.server.write({chat: 7, text: '/stop'});
	await until(() => aborted.length === 1);
	await wait(50);
	t.deepEqual(aborted, ['one']);
	await typing.close();
	await until(() => aborted.length === 2);
});

both('the signal option ends the work of every chat, and leaves no listener behind', async (t, {world, install, runAtOnce}) => {
	const w = await world(t);
	const {server, bot} = w;
	const controller = new AbortController();
	let listeners = 0;
	const {signal} = controller;
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
	const reasons: unknown[] = [];
	bot.on('message', async ctx => {
		if (ctx.msg.text === 'quick') return;
		await until(() => ctx.typing.signal.aborted);
		reasons.push(ctx.typing.signal.reason);
	});
	runAtOnce(t, w);
	for (let chat = 1; chat < 20; chat++) server.write({chat, text: 'quick'});
	await until(() => w.events.filter(({type}) => type === 'end').length === 19);
	t.is(listeners, 0);
	server.write({chat: 7, text: 'work'});
	server.write({chat: 8, text: 'work'});
	await Promise.all([seen(server, here(7)), seen(server, here(8))]);
	controller.abort('enough');
	await until(() => reasons.length === 2);
	t.deepEqual(reasons, ['enough', 'enough']);
});

both('ctx.typing after the end: nothing is sent, nothing throws', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	let late: Ctx | undefined;
	bot.on('message', async ctx => {
		late = ctx;
		await seen(server, isAction);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await until(() => late!.typing.ended);
	const {typing} = late!;
	typing.action = 'upload_photo';
	typing.resume();
	typing.pause();
	typing.resume();
	typing.stop();
	typing.cancel();
	t.false(typing.signal.aborted);
	t.true(typing.ended);
	await late!.reply('late');
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).calls, 1);
	t.deepEqual(w.caught, []);
});

both('a handler that is not awaited by its middleware types no longer than that', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	let floating: Promise<unknown> | undefined;
	bot.on('message', ctx => {
		floating = (async () => {
			await wait(200);
			await ctx.reply('done');
		})();
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await floating;
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).calls, 0);
});

both('pause and resume around a wait', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction, 1);
		ctx.typing.pause();
		await wait(50);
		const {calls} = server.chat(7);
		await wait(800);
		t.is(server.chat(7).calls, calls);
		ctx.typing.resume();
		await seen(server, isAction, calls + 1);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(w.caught, []);
});

const wrong: Array<[object, 'TypeError' | 'RangeError', RegExp]> = [
	[{action: 'dancing'}, 'TypeError', /`action`.*upload_photo.*"dancing"/],
	[{action: 5}, 'TypeError', /`action`.*5/],
	[{action: null}, 'TypeError', /`action`.*null/],
	[{delay: -1}, 'RangeError', /`delay`.*-1/],
	[{delay: '200'}, 'TypeError', /`delay`.*number.*"200"/],
	[{delay: Number.NaN}, 'RangeError', /`delay`.*NaN/],
	[{delay: null}, 'TypeError', /`delay`.*null/],
	[{interval: 0}, 'RangeError', /`interval`.*0/],
	[{interval: 5000}, 'RangeError', /`interval`.*5000.*5000/],
	[{interval: 60_000}, 'RangeError', /`interval`.*5000.*60000/],
	[{interval: '4s'}, 'TypeError', /`interval`.*"4s"/],
	[{interval: Infinity}, 'RangeError', /`interval`.*Infinity/],
	[{maxDuration: -5}, 'RangeError', /`maxDuration`.*-5/],
	[{maxDuration: true}, 'TypeError', /`maxDuration`.*true/],
	[{signal: {}}, 'TypeError', /`signal`.*object/],
	[{signal: new AbortController()}, 'TypeError', /`signal`.*object/],
	[{signal: null}, 'TypeError', /`signal`.*null/],
	[{limit: 30}, 'TypeError', /`limit`.*30/],
	[{limit: {limit: 0, interval: 1000}}, 'RangeError', /`limit\.limit`.*0/],
	[{limit: {limit: 30}}, 'TypeError', /`limit\.interval`.*undefined/],
	[{limit: []}, 'TypeError', /`limit/],
	[{throttle: 5}, 'TypeError', /`throttle`.*function.*5/],
	[{onEvent: {}}, 'TypeError', /`onEvent`.*function.*object/],
	[{onError: 'console.error'}, 'TypeError', /`onError`.*function.*"console\.error"/],
];

for (const [options, name, message] of wrong) {
	both(
		`wrong option at install time: ${Object.keys(options)[0]} ${String(message)} ${String(Object.values(options)[0])}`,
		(t, {autoTyping, withTyping}) => {
			t.throws(() => autoTyping(options), {name, message});
			t.throws(() => withTyping(async () => {}, options), {name, message});
		},
	);
}

both('autoTyping handed over without being called: the first update says so', async (t, {autoTyping, world, poll}) => {
	const w = await world(t);
	w.bot.use(autoTyping as never);
	w.bot.on('message', () => t.fail('not reached'));
	await poll(t, w.bot);
	w.server.write({chat: 5, text: 'hi'});
	await until(() => w.caught.length > 0);
	const {error} = w.caught[0]!;
	t.true(error instanceof TypeError);
	t.regex((error as Error).message, /`options`.*got a context: write `autoTyping\(\)`/);
});

both('autoTyping of a bot, as it is autoTyping of a client on MTProto: told at install time', async (t, {autoTyping, world}) => {
	const {bot} = await world(t);
	const message = 'Expected `options` to be options, got a bot: write `bot.use(autoTyping())`';
	t.throws(() => autoTyping(bot as never), {instanceOf: TypeError, message});
});

both('cancel() refuses what is no context at once', (t, {autoTyping}) => {
	t.throws(() => autoTyping().cancel(undefined as never), {instanceOf: TypeError, message: /`ctx`.*undefined/});
	t.throws(() => autoTyping().cancel(7 as never), {instanceOf: TypeError, message: /`ctx`.*number/});
});

both('options that are undefined mean the default', (t, {autoTyping, withTyping}) => {
	const all = {
		action: undefined,
		delay: undefined,
		interval: undefined,
		maxDuration: undefined,
		signal: undefined,
		limit: undefined,
		throttle: undefined,
		onEvent: undefined,
		onError: undefined,
	};
	t.notThrows(() => autoTyping(all));
	t.notThrows(() => withTyping(async () => {}, all));
	t.notThrows(() => autoTyping({maxDuration: Infinity, delay: 0}));
});

both('a wrong action while the handler runs is told at once, and changes nothing', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		t.throws(
			() => {
				ctx.typing.action = 'dancing' as 'typing';
			},
			{instanceOf: TypeError, message: /dancing/},
		);
		await seen(server, isAction);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	t.deepEqual(acts(story(server, 7)), ['typing', 'sendMessage']);
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

both(
	'memory: contexts of the past can be collected, whatever became of their updates',
	async (t, {autoTyping, world, makeBot, cutOff, client}) => {
		const {server} = await world(t);
		const bot = makeBot(server);
		cutOff(bot);
		const typing = autoTyping({...quick, delay: 0, limit: {limit: 1_000_000, interval: 1000}});
		bot.use(typing);
		const refs: Array<WeakRef<object>> = [];
		bot.use(async ctx => {
			refs.push(new WeakRef(ctx), new WeakRef(ctx.typing));
			if (ctx.update.update_id % 3 === 0) await client(ctx).sendMessage(1, 'x');
			if (ctx.update.update_id % 3 === 1) await wait(1);
			if (ctx.update.update_id % 7 === 0) typing.cancel(ctx);
		});
		for (let id = 1; id <= 300; id++) {
			const user = {id, is_bot: false, first_name: 'x'};
			await bot.handleUpdate(
				id % 10 === 0
					? {update_id: id, inline_query: {id: 'x', from: user, query: '', offset: ''}}
					: {update_id: id, message: {message_id: id, date: 0, chat: {id, type: 'private', first_name: 'x'}, from: user, text: 'x'}},
			);
		}

		let left = refs.length;
		for (let round = 0; round < 40 && left > 10; round++) {
			await wait(50);
			collect();
			left = refs.filter(ref => ref.deref() !== undefined).length;
		}

		t.true(left <= 10, `${left} of ${refs.length} are left`);
	},
);
