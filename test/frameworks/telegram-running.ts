import {spawn} from 'node:child_process';
import {assertQuiet, here, isAction, isMessage, seen, story, suite, until, wait} from './telegram.ts';

const {both, on} = suite();
export {on as running};

both('polling: covered until the reply, nothing after it', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction, 3);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	const view = server.chat(7);
	t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
	t.is(view.spans.length, 1);
	t.is(view.spans[0]!.action, 'typing');
	await assertQuiet(t, server, 7);
	t.deepEqual(w.errors, []);
	t.deepEqual(w.caught, []);
});

for (const end of ['cancel', 'pause', 'throw', 'return'] as const) {
	both(
		`a reply right after the end, with a call on its way that was aborted: nothing after it (${end})`,
		async (t, {world, install, poll}) => {
			const w = await world(t);
			const {server, bot} = w;
			// The chat actions take longer than the messages: sent one after the other they would arrive the other way round.
			server.fail({method: 'sendChatAction', outcome: {latency: 250}});
			bot.use(async (ctx, next) => {
				await next().catch(() => {});
				await (end === 'throw' || end === 'return' ? ctx.reply('done') : undefined);
			});
			install(w, {delay: 0, interval: 1000});
			bot.on('message', async ctx => {
				await until(() => w.events.filter(({type}) => type === 'send').length === 2);
				if (end === 'throw') throw new Error('the work failed');
				if (end === 'return') return;
				ctx.typing[end]();
				await ctx.reply('done');
			});
			await poll(t, bot);
			server.write({chat: 7, text: 'hello'});
			await seen(server, 'sendMessage');
			await seen(server, isAction, 2);
			const view = server.chat(7);
			t.deepEqual(
				view.messages.map(({text}) => text),
				['done'],
			);
			t.is(view.after(view.messages[0]!.at), 0);
		},
	);
}

both('a handler faster than the delay costs no call', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {delay: 2000});
	bot.on('message', async ctx => ctx.reply('done'));
	await poll(t, bot);
	for (let count = 0; count < 20; count++) server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage', 20);
	await wait(50);
	t.is(server.chat(7).calls, 0);
	t.is(w.events.filter(({type}) => type === 'end').length, 20);
});

both('many updates at once: many chats at once, each covered on its own', async (t, {world, install, runAtOnce}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 1000});
	bot.on('message', async ctx => {
		await seen(server, here(ctx.chat.id), 2);
		await ctx.reply('done');
	});
	runAtOnce(t, w);
	const chats = Array.from({length: 4}, (_, index) => index + 1);
	for (const chat of chats) server.write({chat, text: 'hello'});
	await seen(server, 'sendMessage', chats.length);
	await wait(200);
	for (const chat of chats) {
		const view = server.chat(chat);
		t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
		t.is(view.after(view.messages[0]!.at), 0);
	}
});

both(
	'many updates at once: overlapping handlers of one chat cost the calls of one, and each reply is followed by what is still at work',
	async (t, {world, install, runAtOnce}) => {
		const w = await world(t);
		const {server, bot} = w;
		install(w, {interval: 4000});
		const done: Array<() => void> = [];
		bot.on('message', async ctx => {
			await new Promise<void>(resolve => {
				done.push(resolve);
			});
			await ctx.reply('done');
		});
		runAtOnce(t, w);
		for (let count = 0; count < 5; count++) server.write({chat: 7, text: 'hello'});
		await until(() => done.length === 5);
		await seen(server, isAction);
		await wait(100);
		t.is(server.chat(7).calls, 1);
		for (const [index, end] of done.entries()) {
			end();
			await seen(server, 'sendMessage', index + 1);
			if (index < 4) await seen(server, isAction, index + 2);
		}

		await assertQuiet(t, server, 7);
		t.deepEqual(story(server, 7), Array.from({length: 5}, () => ['typing', 'sendMessage']).flat());
	},
);

both('many updates at once: /stop aborts the signal of the work in that chat and in no other', async (t, {world, install, runAtOnce}) => {
	const w = await world(t);
	const {server, bot} = w;
	const typing = install(w);
	const aborted: number[] = [];
	const reasons: unknown[] = [];
	bot.command('stop', ctx => typing.cancel(ctx, 'enough'));
	bot.on('message', async ctx => {
		const {signal} = ctx.typing;
		await new Promise<void>(resolve => {
			signal.addEventListener('abort', () => {
				aborted.push(ctx.chat.id);
				reasons.push(signal.reason);
				resolve();
			});
			void seen(server, here(8), 6).then(resolve);
		});
		await ctx.reply(signal.aborted ? 'stopped' : 'done');
	});
	runAtOnce(t, w);
	server.write({chat: 7, text: 'work'});
	server.write({chat: 8, text: 'work'});
	await Promise.all([seen(server, here(7), 2), seen(server, here(8), 2)]);
	server.write({chat: 7, text: '/stop'});
	await seen(server, 'sendMessage', 2);
	t.deepEqual(aborted, [7]);
	t.deepEqual(reasons, ['enough']);
	t.is(server.chat(7).messages[0]!.text, 'stopped');
	t.is(server.chat(8).messages[0]!.text, 'done');
	await assertQuiet(t, server, 7);
	await assertQuiet(t, server, 8);
	t.true(w.events.some(event => event.type === 'end' && event.reason === 'cancelled' && event.target.chatId === 7));
});

both(
	'many updates at once: typing ends with a cancel even if the handler goes on, and a later update starts anew',
	async (t, {world, install, runAtOnce}) => {
		const w = await world(t);
		const {server, bot} = w;
		const typing = install(w);
		let release = () => {};
		bot.command('stop', ctx => typing.cancel(ctx));
		bot.on('message', async ctx => {
			if (ctx.msg.text === 'again') {
				await seen(server, isAction, server.chat(7).calls + 2);
				await ctx.reply('again');
				return;
			}

			await new Promise<void>(resolve => {
				release = resolve;
			});
		});
		runAtOnce(t, w);
		server.write({chat: 7, text: 'work'});
		await seen(server, isAction, 2);
		server.write({chat: 7, text: '/stop'});
		await until(() => w.events.filter(event => event.type === 'end').length >= 2);
		const {calls} = server.chat(7);
		await wait(400);
		t.true(server.chat(7).calls - calls <= 1, 'at most the one on its way');
		server.write({chat: 7, text: 'again'});
		await seen(server, 'sendMessage');
		release();
		await assertQuiet(t, server, 7);
	},
);

for (const [kind, handler] of [
	[
		'synchronously',
		() => {
			throw new RangeError('mine');
		},
	],
	[
		'asynchronously',
		async () => {
			await wait(60);
			throw new RangeError('mine');
		},
	],
	['what is no error', async () => Promise.reject('mine')],
] as const) {
	both(`a handler that throws ${kind} reaches bot.catch untouched`, async (t, {world, install, poll}) => {
		const w = await world(t);
		const {server, bot, caught} = w;
		install(w);
		bot.on('message', handler);
		await poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await until(() => caught.length === 1);
		t.is(kind === 'what is no error' ? caught[0]!.error : (caught[0]!.error as Error).message, 'mine');
		if (kind !== 'what is no error') t.true(caught[0]!.error instanceof RangeError);
		t.is(caught[0]!.ctx.chat!.id, 7);
		t.true(caught[0]!.ctx.typing.ended);
		const {calls} = server.chat(7);
		await wait(300);
		t.true(server.chat(7).calls - calls <= 1, 'at most the one on its way');
	});
}

both(
	'close while handlers run: their signals are aborted, nothing more is sent, their replies go out',
	async (t, {world, install, runAtOnce}) => {
		const w = await world(t);
		const {server, bot} = w;
		const typing = install(w);
		const reasons: unknown[] = [];
		let release = () => {};
		const released = new Promise<void>(resolve => {
			release = resolve;
		});
		bot.on('message', async ctx => {
			ctx.typing.signal.addEventListener('abort', () => reasons.push(ctx.typing.signal.reason));
			await released;
			await ctx.reply('done');
		});
		runAtOnce(t, w);
		for (const chat of [1, 2, 3]) server.write({chat, text: 'hello'});
		for (const chat of [1, 2, 3]) await seen(server, here(chat));
		const [first, second] = [typing.close(), typing.close()];
		await Promise.all([first, second]);
		t.is(reasons.length, 3);
		t.is((reasons[0] as Error).name, 'AbortError');
		await wait(100); // What was on its way may have arrived.
		const calls = server.log.filter(arrival => isAction(arrival)).length;
		await wait(400);
		release();
		await seen(server, 'sendMessage', 3);
		server.write({chat: 4, text: 'hello'});
		await seen(server, 'sendMessage', 4);
		await wait(200);
		t.is(server.log.filter(arrival => isAction(arrival)).length, calls);
		t.deepEqual(w.caught, []);
		await typing.close();
	},
);

both('after close handlers work, with a signal that is aborted', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	const typing = install(w);
	let handled = 0;
	bot.on('message', async ctx => {
		if (++handled === 2) {
			t.true(ctx.typing.signal.aborted);
			await wait(200);
		}

		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await typing.close();
	const {calls} = server.chat(7);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage', 2);
	t.is(server.chat(7).calls, calls);
	t.is(w.caught.length, 0);
});

both('a process whose bot was stopped ends, though a handler hangs for ever', async (t, {world, hangingBot}) => {
	const {server} = await world(t);
	const child = spawn(
		process.execPath,
		['--conditions=@auto-typing/source', '--import=@oxc-node/core/register', '--input-type=module', '--eval', hangingBot],
		{
			cwd: new URL('../..', import.meta.url),
			env: {...process.env, TOKEN: server.token, ROOT: server.url},
			stdio: ['ignore', 'pipe', 'pipe'],
		},
	);
	t.teardown(() => child.kill('SIGKILL'));
	let output = '';
	child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
	server.write({chat: 7, text: 'hello'});
	const code = await new Promise<number | string | null>(resolve => {
		child.on('exit', (exit, signal) => resolve(exit ?? signal));
		setTimeout(resolve, 20_000, 'it did not end').unref();
	});
	// 13: Node's word for a top-level await that never settles; there is none here.
	t.is(code, 0, output);
	t.regex(output, /stopped/);
	t.true(server.chat(7).calls >= 1);
	t.is(server.log.filter(arrival => isMessage(arrival)).length, 0);
});
