import type {FaultOutcome} from '@auto-typing/simulator';
import {acts, assertNoToken, assertQuiet, here, isAction, seen, story, suite, until, wait} from './telegram.ts';

const {both, on} = suite();
export {on as failures};

const outcomes: Array<[string, FaultOutcome]> = [
	['500', {error_code: 500}],
	['502 with HTML', 'html'],
	['a redirect', 'redirect'],
	['truncated JSON', 'malformed'],
	['a reset', 'reset'],
	['400', {error_code: 400, description: 'Bad Request: chat not found'}],
	['409', {error_code: 409}],
	['an odd code', {error_code: 499, description: 'odd'}],
	['429 without retry_after', {error_code: 429}],
];

for (const [name, outcome] of outcomes) {
	both(
		`${name} in answer to typing: the handler is unaffected, onError hears once, no token anywhere`,
		async (t, {world, install, poll}) => {
			const w = await world(t);
			const {server, bot} = w;
			install(w, {interval: 4500});
			server.fail({method: 'sendChatAction', times: 1, outcome});
			let aborted: boolean | undefined;
			bot.on('message', async ctx => {
				await until(() => w.errors.length === 1);
				await ctx.reply('done');
				aborted = ctx.typing.signal.aborted;
			});
			await poll(t, bot);
			server.write({chat: 7, text: 'hello'});
			await until(() => aborted !== undefined);
			await wait(250);
			t.is(server.chat(7).messages.length, 1);
			t.is(server.chat(7).after(server.chat(7).messages[0]!.at), 0);
			t.false(aborted);
			t.is(w.errors.length, 1);
			t.is(w.events.filter(event => event.type === 'failure' && event.reason === 'error').length, 1);
			t.deepEqual(w.caught, []);
			assertNoToken(t, server, w.errors, w.timeouts, w.events);
		},
	);
}

both('typing that hangs: a reply waits for it a moment at the most, and nothing shows after it', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 4500});
	server.fail({method: 'sendChatAction', outcome: 'hang'});
	let took = 0;
	bot.on('message', async ctx => {
		await seen(server, isAction);
		const started = performance.now();
		await ctx.reply('done');
		took = performance.now() - started;
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await until(() => took > 0);
	t.true(took < 1500, `took ${took} ms`);
	await assertQuiet(t, server, 7);
	t.deepEqual(w.caught, []);
	assertNoToken(t, server, w.errors, w.timeouts, w.events);
});

both('typing that hangs for ever is given up and tried again, and onError hears of it once', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	server.fail({method: 'sendChatAction', times: 1, outcome: 'hang'});
	bot.on('message', async ctx => {
		await seen(server, isAction, 3);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(w.errors, []);
	t.true(w.timeouts.length >= 1);
	t.is(w.timeouts.length, w.events.filter(event => event.type === 'failure' && event.reason === 'timeout').length);
	assertNoToken(t, server, w.timeouts, w.events);
});

both("a service that is gone: the handler's own error is its own, ours hold no token", async (t, {world, install, unreachable}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	const update = server.write({chat: 7, text: 'hello'});
	await server.close();
	bot.on('message', async ctx => {
		await until(() => w.errors.length >= 2);
		await t.throwsAsync(ctx.reply('done'), unreachable);
	});
	await bot.handleUpdate(update);
	assertNoToken(t, server, w.errors, w.timeouts, w.events);
});

both('answers of every broken kind, one after another: ours hold no token', async (t, {world, install, poll}) => {
	const w = await world(t);
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

both(
	'a blocked person: the signal is aborted, no call in later updates, reply errors reach bot.catch',
	async (t, {world, install, poll, refusal}) => {
		const w = await world(t);
		const {server, bot, caught} = w;
		install(w);
		server.block(7);
		const reasons: unknown[] = [];
		bot.on('message', async ctx => {
			if (reasons.length === 0) {
				await until(() => ctx.typing.signal.aborted);
				reasons.push(ctx.typing.signal.reason);
			} else {
				await wait(150);
			}

			await ctx.reply('done');
		});
		await poll(t, bot);
		for (let count = 0; count < 3; count++) server.write({chat: 7, text: 'hello'});
		await until(() => caught.length === 3);
		t.is(server.chat(7).calls, 1);
		t.is(refusal(reasons[0]).code, 403);
		for (const {error} of caught) t.deepEqual(refusal(error), {code: 403, method: 'sendMessage'});

		t.is(w.errors.length, 1);
		assertNoToken(t, server, w.errors, w.timeouts, w.events, reasons);
	},
);

both('a person who unblocks and writes: once a reply has landed typing is back', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	server.block(7);
	bot.on('message', async ctx => {
		if (ctx.msg.text === 'one') return until(() => w.errors.length === 1);
		if (ctx.msg.text === 'three') await seen(server, isAction, 2);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'one'});
	await until(() => w.errors.length === 1);
	server.unblock(7);
	server.write({chat: 7, text: 'two'});
	server.write({chat: 7, text: 'three'});
	await seen(server, 'sendMessage', 2);
	await assertQuiet(t, server, 7);
	t.deepEqual(w.caught, []);
});

both('a reply that is refused with 403 aborts the signal of the other handlers of that chat', async (t, {world, install, runAtOnce}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 4500});
	let aborted = 0;
	bot.on('message', async ctx => {
		if (ctx.msg.text === 'reply') {
			server.block(7);
			await ctx.reply('done').catch(() => {});
			return;
		}

		ctx.typing.signal.addEventListener('abort', () => aborted++);
		await until(() => ctx.typing.signal.aborted);
	});
	runAtOnce(t, w);
	server.write({chat: 7, text: 'work'});
	await seen(server, isAction);
	server.write({chat: 7, text: 'reply'});
	await until(() => aborted === 1);
	t.deepEqual(w.caught, []);
});

both('no rights in a group: given up, but the work goes on', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	server.block(-7, 'restricted');
	let aborted = false;
	bot.on('message', async ctx => {
		await until(() => w.errors.length === 1);
		await wait(300);
		aborted ||= ctx.typing.signal.aborted;
	});
	await poll(t, bot);
	server.write({chat: -7, text: 'hello'});
	await until(() => w.events.filter(({type}) => type === 'end').length === 1);
	server.write({chat: -7, text: 'hello'});
	await until(() => w.events.filter(({type}) => type === 'end').length === 2);
	t.is(server.chat(-7).calls, 1);
	t.false(aborted);
	t.true(w.events.some(event => event.type === 'skip' && event.reason === 'refused'));
});

both('401: all stops, in all chats, and the handlers go on', async (t, {world, install, runAtOnce}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 4500});
	let aborted = false;
	bot.on('message', async ctx => {
		await until(() => w.errors.length > 0);
		await wait(500);
		aborted ||= ctx.typing.signal.aborted;
		await ctx.reply('done');
	});
	runAtOnce(t, w);
	server.fail({method: 'sendChatAction', outcome: {error_code: 401}});
	for (const chat of [1, 2, 3, 4, 5]) server.write({chat, text: 'hello'});
	await seen(server, 'sendMessage', 5);
	server.write({chat: 6, text: 'hello'});
	await seen(server, 'sendMessage', 6);
	// Those that were on their way before the first answer.
	for (const chat of [1, 2, 3, 4, 5]) t.true(server.chat(chat).calls <= 1);
	t.is(server.chat(6).calls, 0);
	t.false(aborted);
	t.deepEqual(w.caught, []);
	t.true(w.errors.length <= 5);
});

both('429 on typing: silence for the whole bot, to the second, while replies go out', async (t, {world, install, runAtOnce}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 4500});
	bot.on('message', async ctx => {
		await seen(server, here(ctx.chat.id), ctx.chat.id === 1 ? 2 : 1);
		await ctx.reply('done');
	});
	runAtOnce(t, w);
	server.fail({method: 'sendChatAction', chatId: 1, times: 1, outcome: {error_code: 429, parameters: {retry_after: 0.5}}});
	server.write({chat: 1, text: 'hello'});
	await until(() => w.errors.length === 1);
	const refused = server.log.find(({refused}) => refused)!;
	server.write({chat: 2, text: 'hello'});
	await seen(server, 'sendMessage', 2);
	const later = server.log.filter(arrival => isAction(arrival) && arrival !== refused);
	t.true(later.length >= 1);
	t.true(
		later.every(({at}) => at >= refused.at + 499),
		'nothing before its time',
	);
	t.deepEqual(w.caught, []);
});

both('429 on a reply that the handler catches: typing in that chat keeps silent too', async (t, {world, install, poll, refusal}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	server.fail({method: 'sendMessage', times: 1, outcome: {error_code: 429, parameters: {retry_after: 30}}});
	bot.on('message', async ctx => {
		await seen(server, isAction);
		const error = await t.throwsAsync(ctx.reply('done'));
		t.is(refusal(error).code, 429);
		const {calls} = server.chat(7);
		await wait(400);
		t.is(server.chat(7).calls, calls);
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await until(() => w.events.some(({type}) => type === 'end'));
	t.deepEqual(w.caught, []);
});

both('intermediate messages: it comes back after each, and not after the last', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 4500});
	bot.on('message', async ctx => {
		for (let step = 1; step <= 3; step++) {
			await seen(server, isAction, step);
			await ctx.reply(`step ${step}`);
		}

		await seen(server, isAction, 4);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage', 4);
	await assertQuiet(t, server, 7);
	t.deepEqual(story(server, 7), Array.from({length: 4}, () => ['typing', 'sendMessage']).flat());
});

both('a message that is wrong in itself clears nothing', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 4500});
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await t.throwsAsync(ctx.reply(' '), {message: /message text is empty/});
		await t.throwsAsync(ctx.reply('x'.repeat(5000)));
		await wait(200);
		t.is(server.chat(7).calls, 1, 'still up, and known to be');
		t.is(server.chat(7).spans.length, 1);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await until(() => server.chat(7).messages.length === 1);
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'sendMessage']);
	t.deepEqual(w.caught, []);
});

both(
	'edits, deletions, reactions, callback answers and drafts leave the indicator alone',
	async (t, {world, install, poll, client, editText}) => {
		const w = await world(t);
		const {server, bot} = w;
		install(w, {interval: 4500});
		bot.on('message', async ctx => {
			const {message_id: id} = await ctx.reply('one');
			await seen(server, isAction, 1);
			await editText(ctx, 7, id, 'two');
			await ctx.react('👍');
			await client(ctx).deleteMessage(7, id);
			await ctx.replyWithChatAction('typing');
			await wait(200);
			t.is(server.log.filter(arrival => here(7)(arrival)).length, 2, 'ours and theirs');
			t.is(server.chat(7).visible(performance.now()), 'typing');
			await ctx.reply('done');
		});
		await poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await seen(server, 'sendMessage', 2);
		await assertQuiet(t, server, 7);
		t.deepEqual(
			w.caught.map(({error}) => String(error)),
			[],
		);
	},
);

both(
	'copies, forwards, polls, dice, locations: every message clears it, none is followed by a stale call',
	async (t, {world, install, poll, client, rollDice}) => {
		const w = await world(t);
		const {server, bot} = w;
		install(w, {interval: 4500});
		bot.on('message', async ctx => {
			const id = ctx.msg.message_id;
			const sends: Array<() => Promise<unknown>> = [
				async () => ctx.copyMessage(7),
				async () => client(ctx).copyMessages(7, 7, [id]),
				async () => ctx.forwardMessage(7),
				async () => client(ctx).forwardMessages(7, 7, [id]),
				async () => rollDice(ctx),
				async () => ctx.replyWithLocation(1, 2),
				async () => ctx.replyWithVenue(1, 2, 'a', 'b'),
				async () => ctx.replyWithContact('1', 'a'),
				async () => ctx.replyWithPoll('?', ['a', 'b']),
			];
			for (const [index, send] of sends.entries()) {
				await seen(server, isAction, index + 1);
				await send();
			}
		});
		await poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await seen(server, 'sendPoll');
		await assertQuiet(t, server, 7);
		t.deepEqual(
			w.caught.map(({error}) => String(error)),
			[],
		);
		t.deepEqual(
			story(server, 7).filter((_, index) => index % 2 === 0),
			Array.from({length: 9}, () => 'typing'),
		);
	},
);

both(
	'replies at every phase of the refresh, over a slow and jittery network: nothing after them',
	async (t, {world, install, runAtOnce}) => {
		const w = await world(t, {latency: 60, jitter: 25});
		const {server, bot} = w;
		install(w, {delay: 10, limit: {limit: 10_000, interval: 1000}});
		runAtOnce(t, w);
		bot.on('message', async ctx => {
			await wait(10 + ctx.chat.id * 8);
			await ctx.reply('done');
		});
		const chats = Array.from({length: 60}, (_, index) => index + 1);
		for (const chat of chats) server.write({chat, text: 'hello'});
		await seen(server, 'sendMessage', chats.length);
		await wait(300);
		const late = chats.filter(chat => server.chat(chat).after(server.chat(chat).messages[0]!.at) > 0);
		t.deepEqual(late, []);
		t.deepEqual(w.errors, []);
	},
);
