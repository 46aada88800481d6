import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {BotApi} from '@auto-typing/simulator';
import test, {type ExecutionContext} from 'ava';
import {Bot, webhookCallback} from 'grammy';
import {serve} from './caller.ts';

const texts = (updates: any[]) => updates.map(update => update.message.text);

test('getUpdates: offset confirms, limit limits, a negative offset keeps the last', async t => {
	const {server, call} = await serve(t);
	for (const text of ['a', 'b', 'c', 'd']) server.write({chat: 7, text});
	const {result: all} = await call('getUpdates');
	t.deepEqual(texts(all), ['a', 'b', 'c', 'd']);
	t.is(server.pending, 4, 'nothing is confirmed yet');
	t.deepEqual(texts((await call('getUpdates', {limit: 1})).result), ['a']);
	t.deepEqual(texts((await call('getUpdates', {offset: all[0].update_id + 1})).result), ['b', 'c', 'd']);
	t.is(server.pending, 3);
	t.deepEqual(texts((await call('getUpdates', {offset: -1})).result), ['d']);
	t.is(server.pending, 1);
	t.deepEqual((await call('getUpdates', {offset: all[3].update_id + 1})).result, []);
});

test('getUpdates: a long poll ends with the first update', async t => {
	const {server, call} = await serve(t);
	const poll = call('getUpdates', {timeout: 50});
	await waiting(server);
	server.write({chat: 7, text: 'hello'});
	t.deepEqual(texts((await poll).result), ['hello']);
});

test('getUpdates: a second poll ends the first with 409', async t => {
	const {server, call} = await serve(t);
	const first = call('getUpdates', {timeout: 50});
	await waiting(server);
	const second = call('getUpdates', {timeout: 50});
	t.like(await first, {
		status: 409,
		description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
	});
	server.write({chat: 7, text: 'hello'});
	t.deepEqual(texts((await second).result), ['hello']);
});

test('getUpdates: a poll whose client is gone takes nothing with it', async t => {
	const {server, call} = await serve(t);
	const abort = new AbortController();
	const poll = call('getUpdates', {timeout: 50}, {signal: abort.signal});
	await waiting(server);
	const ended = server.next('getUpdates');
	abort.abort();
	await t.throwsAsync(poll, {any: true, name: 'AbortError'});
	await ended;
	server.write({chat: 7, text: 'hello'});
	t.is((await call('getUpdates')).result.length, 1);
});

test('allowed_updates: some kinds must be asked for, and the choice lasts', async t => {
	const {server, call} = await serve(t);
	const react = () => server.push({message_reaction: {} as never});
	react();
	t.is(server.pending, 0);
	await call('getUpdates', new URLSearchParams({allowed_updates: '["message_reaction"]'}));
	react();
	server.write({chat: 7, text: 'not asked for'});
	t.is(server.pending, 1);
	await call('getUpdates');
	react();
	t.is(server.pending, 2);
	await call('getUpdates', {allowed_updates: []});
	server.write({chat: 7, text: 'hello'});
	t.is(server.pending, 3);
});

test('a webhook and a poll exclude each other', async t => {
	const {server, call} = await serve(t);
	const poll = call('getUpdates', {timeout: 50});
	await waiting(server);
	t.like(await call('setWebhook', {url: 'http://127.0.0.1:9/'}), {result: true, description: 'Webhook was set'});
	t.like(await poll, {status: 409, description: 'Conflict: terminated by setWebhook request'});
	t.like(await call('getUpdates'), {
		status: 409,
		description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
	});
	t.like(await call('setWebhook', {url: ''}), {result: true, description: 'Webhook was deleted'});
	t.like(await call('deleteWebhook'), {result: true, description: 'Webhook is already deleted'});
	t.is((await call('getUpdates')).status, 200);
});

test('a webhook gets what is pending, with its secret, and again until it says 2xx', async t => {
	const {server, call} = await serve(t, {webhookRetry: 1});
	server.write({chat: 7, text: 'hello'});
	let tries = 0;
	const secrets: unknown[] = [];
	const delivered = new Promise<void>(resolve => {
		void listen(t, (request, response) => {
			secrets.push(request.headers['x-telegram-bot-api-secret-token']);
			response.writeHead(++tries < 3 ? 500 : 200).end();
			if (tries === 3) resolve();
		}).then(async url => call('setWebhook', {url, secret_token: 's3-cret'}));
	});
	await delivered;
	t.deepEqual(secrets, ['s3-cret', 's3-cret', 's3-cret']);
	await until(() => server.pending === 0);
	t.like((await call('getWebhookInfo')).result, {
		pending_update_count: 0,
		max_connections: 40,
		last_error_message: 'Wrong response from the webhook: 500 Internal Server Error',
	});
});

test('a webhook that does not answer in time, or hangs up, gets the update again', async t => {
	const {server, call} = await serve(t, {webhookRetry: 1, webhookTimeout: 50});
	let tries = 0;
	const url = await listen(t, (request, response) => {
		tries++;
		// The first try is left hanging. On a slow machine even a later answer may come too late, so there may be more.
		if (tries === 2) request.socket.destroy();
		if (tries > 2) response.end();
	});
	await call('setWebhook', {url});
	server.write({chat: 7, text: 'hello'});
	await until(() => server.pending === 0);
	t.true(tries >= 3);
});

test('a webhook gets the updates of one chat in order, other chats beside it, and none once it is deleted', async t => {
	const {server, call} = await serve(t);
	const open: Array<[text: string, response: ServerResponse]> = [];
	const url = await listen(t, (request, response) => {
		void json(request).then(update => open.push([update.message.text, response]));
	});
	await call('setWebhook', {url});
	for (const [chat, text] of [
		[7, '7a'],
		[7, '7b'],
		[8, '8a'],
	] as const)
		server.write({chat, text});
	await until(() => open.length === 2);
	t.deepEqual(open.map(([text]) => text).toSorted(), ['7a', '8a']);
	for (const [, response] of open.splice(0)) response.end();
	await until(() => open.length === 1);
	t.is(open[0]?.[0], '7b');
	await call('deleteWebhook', {drop_pending_updates: true});
	server.write({chat: 9, text: 'later'});
	t.deepEqual(texts((await call('getUpdates')).result), ['later']);
});

test('a method call in the answer of a webhook is carried out, and its refusal is heard by nobody', async t => {
	const {server, call} = await serve(t);
	const url = await listen(t, (_request, response) => {
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({method: 'sendMessage', chat_id: 7, text: 'hi'}));
	});
	await call('setWebhook', {url});
	const first = server.next('sendMessage');
	server.write({chat: 7, text: 'hello'});
	t.like(await first, {webhookReply: true, status: 200});
	t.is(server.chat(7).messages[0]?.text, 'hi');
	server.block(7);
	const second = server.next('sendMessage');
	server.write({chat: 7, text: 'hello'});
	t.like(await second, {webhookReply: true, outcome: 'refused', status: 403});
});

test('grammY answers through its webhook', async t => {
	const {server} = await serve(t);
	const bot = new Bot(server.token, {client: {apiRoot: server.url, canUseWebhookReply: method => method === 'sendMessage'}});
	bot.on('message:text', async ctx => {
		await ctx.replyWithChatAction('typing');
		await ctx.reply('hi');
	});
	const handle = webhookCallback(bot, 'http', {secretToken: 's3cret'});
	const url = await listen(t, (request, response) => void handle(request, response));
	await bot.api.setWebhook(url, {secret_token: 's3cret'});
	const replied = server.next('sendMessage');
	server.write({chat: 7, text: 'hello'});
	t.true((await replied).webhookReply);
	t.is(server.chat(7).spans.length, 1);
});

/** Resolves once a poll waits at the server. */
async function waiting(server: BotApi): Promise<void> {
	await until(() => server.log.at(-1)?.outcome === 'pending');
}

async function until(condition: () => boolean): Promise<void> {
	while (!condition())
		await new Promise(resolve => {
			setTimeout(resolve, 1);
		});
}

async function json(request: IncomingMessage): Promise<any> {
	const chunks: Buffer[] = [];
	for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
	return JSON.parse(Buffer.concat(chunks).toString());
}

/** A bot's own server. */
async function listen(t: ExecutionContext, handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
	const server = createServer(handle);
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => {
		server.close();
		server.closeAllConnections();
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
