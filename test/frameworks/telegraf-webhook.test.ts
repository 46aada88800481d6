import test from 'ava';
import {Telegram} from 'telegraf';
import {message} from 'telegraf/filters';
import {acts, assertQuiet, hook, install, isAction, seen, story, until, wait, world} from './telegraf-harness.ts';

const press = {id: 'q', from: {id: 7, is_bot: false, first_name: 'Ada'}, chat_instance: 'c', data: 'x'};

for (const webhookReply of [true, false]) {
	const mode = `webhookReply: ${webhookReply}`;

	test(`${mode}: covered until the reply, which has its own request; nothing of ours is in the response`, async t => {
		const w = await world(t, {client: {webhookReply}});
		const {server, bot} = w;
		install(w);
		let isEnded: boolean | undefined;
		const {answers, failed} = await hook(t, w);
		bot.on('message', async ctx => {
			await seen(server, isAction, 3);
			isEnded = answers.length > 0;
			const sent = await ctx.reply('done');
			t.is(sent.text, 'done', 'the handler has its answer');
		});
		server.write({chat: 7, text: 'hello'});
		await until(() => answers.length === 1);
		t.false(isEnded, 'the response waits for the handler');
		t.like(answers, [{status: 200, body: ''}]);
		t.true(server.log.every(arrival => !arrival.webhookReply));
		const view = server.chat(7);
		t.is(view.spans.length, 1);
		t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
		await assertQuiet(t, server, 7);
		t.deepEqual([...failed, ...w.errors, ...w.caught], []);
	});

	test(`${mode}: the first call of the handler keeps its place, and typing goes on past the end of the response`, async t => {
		const w = await world(t, {client: {webhookReply}});
		const {server, bot} = w;
		install(w);
		const {answers, failed} = await hook(t, w);
		let before = 0;
		bot.on('callback_query', async ctx => {
			await seen(server, isAction, 2);
			await ctx.answerCbQuery('one moment');
			before = server.chat(7).calls;
			await seen(server, isAction, before + 2);
			await ctx.reply('done');
		});
		const chat = {id: 7, type: 'private' as const, first_name: 'Ada'};
		server.push({callback_query: {...press, message: {message_id: 950, date: 1, chat, text: 'x'}}});
		await seen(server, 'sendMessage');
		await seen(server, 'answerCallbackQuery');
		await until(() => answers.length === 1);
		const call = server.log.find(({method}) => method === 'answerCallbackQuery')!;
		t.is(call.webhookReply, webhookReply);
		if (webhookReply) {
			t.like(JSON.parse(answers[0]!.body), {method: 'answerCallbackQuery', callback_query_id: 'q', text: 'one moment'});
			t.true(answers[0]!.at < server.chat(7).messages[0]!.at, 'the response ended with it');
		} else {
			t.is(answers[0]!.body, '');
		}

		const view = server.chat(7);
		t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
		await assertQuiet(t, server, 7);
		t.deepEqual([...failed, ...w.errors, ...w.caught], []);
	});

	test(`${mode}: a chat action of the handler's own is its own, and goes where Telegraf puts it`, async t => {
		const w = await world(t, {client: {webhookReply}});
		const {server, bot} = w;
		install(w, {interval: 4500});
		const {answers} = await hook(t, w);
		bot.on('message', async ctx => {
			await seen(server, isAction);
			await ctx.sendChatAction('find_location');
			await seen(server, isAction, 2);
			await ctx.reply('done');
		});
		server.write({chat: 7, text: 'hello'});
		await seen(server, 'sendMessage');
		await until(() => answers.length === 1);
		t.deepEqual(
			server.log.filter(arrival => isAction(arrival)).map(({payload, webhookReply: isReply}) => [payload['action'], isReply]),
			[
				['typing', false],
				['find_location', webhookReply],
			],
		);
		await assertQuiet(t, server, 7);
	});

	test(`${mode}: a blocked person is noticed, the signal aborted`, async t => {
		const w = await world(t, {client: {webhookReply}});
		const {server, bot} = w;
		install(w);
		server.block(7);
		const {answers} = await hook(t, w);
		bot.on('message', async ctx => until(() => ctx.typing.signal.aborted));
		server.write({chat: 7, text: 'hello'});
		await until(() => answers.length === 1);
		t.is(w.errors.length, 1);
		t.is((w.errors[0] as {code: number}).code, 403);
		t.deepEqual(w.caught, []);
	});

	for (const outcome of ['hang', {error_code: 429, parameters: {retry_after: 60}}, {error_code: 400}] as const) {
		const trouble = outcome === 'hang' ? 'typing that hangs' : `${outcome.error_code} for typing`;
		test(`${mode}: ${trouble}: the handler starts at once and runs to its end`, async t => {
			const w = await world(t, {client: {webhookReply}});
			const {server, bot} = w;
			install(w, {delay: 0});
			server.fail({method: 'sendChatAction', outcome});
			const {answers} = await hook(t, w);
			let startedAt = 0;
			let took = 0;
			bot.on('message', async ctx => {
				startedAt = performance.now();
				await seen(server, isAction);
				const repliedAt = performance.now();
				await ctx.reply('done');
				took = performance.now() - repliedAt;
			});
			server.write({chat: 7, text: 'hello'});
			await until(() => answers.length === 1 && took > 0);
			t.true(startedAt <= server.log.find(arrival => isAction(arrival))!.at, 'before anything was sent');
			t.true(took < 1500, `the reply took ${took} ms`);
			await assertQuiet(t, server, 7);
			t.deepEqual(w.caught, []);
		});
	}
}

test('webhook: a handler that throws reaches bot.catch as it is, and its indicator ends', async t => {
	const w = await world(t);
	const {server, bot, caught} = w;
	install(w);
	const mistake = new Error('mine');
	const {answers} = await hook(t, w);
	bot.on('message', async () => {
		await seen(server, isAction);
		throw mistake;
	});
	server.write({chat: 7, text: 'hello'});
	await until(() => answers.length === 1);
	t.is(caught[0]!.error, mistake);
	t.true(caught[0]!.ctx.typing.ended);
	const {calls} = server.chat(7);
	await wait(400);
	t.true(server.chat(7).calls - calls <= 1);
});

test('messages are seen by the client of their context: what all clients share, and bot.telegram, stay as they were', async t => {
	const w = await world(t);
	const {server, bot} = w;
	const shared = callApiOf(Telegram.prototype);
	const members = Object.getOwnPropertyNames(bot.telegram);
	install(w, {interval: 4500});
	let keys: string[] = [];
	bot.on(message('text'), async ctx => {
		keys = Object.keys(ctx.telegram);
		await seen(server, isAction);
		t.not(callApiOf(ctx.telegram), shared);
		await bot.telegram.sendMessage(8, 'not seen, and not harmed');
		await ctx.tg.sendMessage(7, 'seen');
		await seen(server, isAction, 2);
		await ctx.telegram.callApi('sendMessage', {chat_id: 7, text: 'seen too'});
	});
	await hook(t, w);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage', 3);
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'sendMessage', 'typing', 'sendMessage']);
	t.is(callApiOf(Telegram.prototype), shared);
	t.deepEqual(Object.getOwnPropertyNames(bot.telegram), members);
	t.false(keys.includes('callApi'), 'a client looks as it did');
	t.deepEqual(w.caught, []);
});

function callApiOf(client: object): unknown {
	return Reflect.get(client, 'callApi');
}
