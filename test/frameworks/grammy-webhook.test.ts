import test from 'ava';
import type {ApiClientOptions} from 'grammy';
import {assertQuiet, hook, install, isAction, seen, until, wait, world} from './harness.ts';

const webhookReplies: ApiClientOptions = {canUseWebhookReply: () => true};

test('webhookCallback on node http: covered, quiet, answered with an empty 200', async t => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction, 3);
		await ctx.reply('done');
	});
	const {answers, failed} = await hook(t, w);
	server.write({chat: 7, text: 'hello'});
	await until(() => answers.length === 1);
	t.deepEqual(
		answers.map(({status, body}) => [status, body]),
		[[200, '']],
	);
	await assertQuiet(t, server, 7);
	t.deepEqual(failed, []);
});

test('webhookCallback that times out with "return": the handler goes on, and so does the indicator', async t => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	let before = 0;
	bot.on('message', async ctx => {
		await until(() => before > 0);
		await seen(server, isAction, before + 3);
		await ctx.reply('done');
	});
	const {answers, failed} = await hook(t, w, {onTimeout: 'return', timeoutMilliseconds: 100});
	server.write({chat: 7, text: 'hello'});
	await until(() => answers.length === 1);
	t.is(server.chat(7).messages.length, 0);
	before = Math.max(server.chat(7).calls, 1);
	await seen(server, 'sendMessage');
	const view = server.chat(7);
	t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
	await assertQuiet(t, server, 7);
	t.deepEqual(failed, []);
	t.deepEqual(
		answers.map(({status, body}) => [status, body]),
		[[200, '']],
	);
});

test('webhookCallback that throws at its timeout: the indicator goes on while the handler works', async t => {
	const w = await world(t, {webhookRetry: 60_000});
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction, 3);
		await ctx.reply('done');
	});
	const {failed} = await hook(t, w, {onTimeout: 'throw', timeoutMilliseconds: 40});
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	t.is(failed.length, 1);
	await assertQuiet(t, server, 7);
});

test("typing never becomes the webhook reply: the handler's first call does", async t => {
	const w = await world(t, {client: webhookReplies});
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction, 2);
		await ctx.reply('done');
	});
	const {answers} = await hook(t, w);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	t.is(answers.length, 1);
	t.like(JSON.parse(answers[0]!.body), {method: 'sendMessage', chat_id: 7, text: 'done'});
	t.true(server.log.find(({method}) => method === 'sendMessage')!.webhookReply);
	t.true(server.log.filter(arrival => isAction(arrival)).every(({webhookReply}) => !webhookReply));
	await assertQuiet(t, server, 7);
});

test('with webhook replies a second message goes over the network, and 403 on typing is still heard', async t => {
	const w = await world(t, {client: webhookReplies});
	const {server, bot} = w;
	install(w);
	server.block(8);
	bot.on('message', async ctx => {
		if (ctx.chat.id === 8) {
			await until(() => ctx.typing.signal.aborted);
			return;
		}

		await ctx.reply('one');
		await seen(server, isAction);
		await ctx.reply('two');
	});
	const {answers} = await hook(t, w);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage', 2);
	t.deepEqual(
		server.chat(7).messages.map(({text}) => text),
		['one', 'two'],
	);
	await assertQuiet(t, server, 7);
	server.write({chat: 8, text: 'hello'});
	await until(() => answers.length === 2);
	t.is(w.errors.length, 1);
});

test('webhook: a handler that throws reaches the callback as it is', async t => {
	const w = await world(t, {webhookRetry: 60_000});
	const {server, bot} = w;
	install(w);
	const mistake = new Error('mine');
	bot.on('message', async () => {
		await seen(server, isAction);
		throw mistake;
	});
	const {failed} = await hook(t, w);
	server.write({chat: 7, text: 'hello'});
	await until(() => failed.length === 1);
	t.is((failed[0] as {error: unknown}).error, mistake);
	const {calls} = server.chat(7);
	await wait(400);
	t.true(server.chat(7).calls - calls <= 1);
});
