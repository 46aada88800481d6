import {createServer, type IncomingMessage} from 'node:http';
import type {AddressInfo} from 'node:net';
import {LinqApi, type LinqApiOptions} from '@auto-typing/simulator';
import LinqAPIV3, {
	APIConnectionError,
	APIConnectionTimeoutError,
	InternalServerError,
	NotFoundError,
	PermissionDeniedError,
	RateLimitError,
} from '@linqapp/sdk';
import test, {type ExecutionContext} from 'ava';
import {Webhook} from 'standardwebhooks';

const message = (value: string) => ({message: {parts: [{type: 'text' as const, value}]}});

async function serve(t: ExecutionContext, options?: LinqApiOptions) {
	const server = await LinqApi.start(options);
	t.teardown(async () => server.close());
	const client = new LinqAPIV3({baseURL: server.url, apiKey: server.token, maxRetries: 0});
	return {server, client, chat: server.addChat().id};
}

/** What a call without the SDK is answered. */
async function raw(server: LinqApi, method: string, path: string, init: {headers?: Record<string, string>; body?: string} = {}) {
	const headers = {authorization: `Bearer ${server.token}`, ...init.headers};
	const response = await fetch(server.url + path, {method, ...init, headers});
	const body = await response.text();
	return {status: response.status, headers: response.headers, body: body === '' ? undefined : JSON.parse(body)};
}

/** A webhook that answers with what `status` says. */
async function hook(t: ExecutionContext, status: (attempt: number) => number) {
	const got: Array<{headers: IncomingMessage['headers']; body: string; at: number}> = [];
	const http = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => void chunks.push(chunk));
		request.on('end', () => {
			got.push({headers: request.headers, body: Buffer.concat(chunks).toString(), at: performance.now()});
			const code = status(got.length);
			if (code === 0) response.socket?.resetAndDestroy();
			else response.writeHead(code).end();
		});
	});
	await new Promise<void>(resolve => {
		http.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => {
		http.close();
		http.closeAllConnections();
	});
	return {url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/?version=2026-02-03`, got};
}

test('typing shows, and a stop and a message take it down', async t => {
	const {server, client, chat} = await serve(t);
	await server.write({chat, text: 'hello'});
	await client.chats.typing.start(chat);
	await client.chats.typing.stop(chat);
	await client.chats.typing.start(chat);
	const sent = await client.chats.messages.send(chat, message('hi'));
	await client.chats.typing.start(chat);
	await client.chats.sendVoicememo(chat, {voice_memo_url: 'https://example.com/1.m4a'});
	t.is(sent.chat_id, chat);
	t.deepEqual(
		server.log.map(({method, status}) => `${method} ${status}`),
		['typing.start 204', 'typing.stop 204', 'typing.start 204', 'messages.send 202', 'typing.start 204', 'voicememo.send 202'],
	);
	const view = server.chat(chat);
	t.is(view.spans.length, 3);
	t.deepEqual(
		view.spans.map(({to}) => to),
		[1, 3, 5].map(index => server.log[index]?.at),
	);
	t.is(view.messages[0]?.text, 'hi');
	t.is(view.messages.length, 2, 'a stop is no message');
});

test('typing that nobody ends shows for 90 s, or for 60 s where you look for gaps', async t => {
	const {server, client, chat} = await serve(t);
	await server.write({chat, text: 'hello'});
	await client.chats.typing.start(chat);
	const at = server.log[0]!.at;
	t.deepEqual(server.chat(chat).spans, [{from: at, to: at + 90_000, action: 'typing'}]);
	t.deepEqual(server.chat(chat.toUpperCase(), 60_000).spans, [{from: at, to: at + 60_000, action: 'typing'}]);
});

test('a chat without a message in the last five minutes answers 204, and shows nothing', async t => {
	let now = 1_800_000_000_000;
	const {server, client, chat} = await serve(t, {now: () => now});
	await client.chats.typing.start(chat);
	t.is(server.log.at(-1)?.status, 204);
	t.deepEqual(server.chat(chat).spans, [], 'there never was a message');
	await server.write({chat, text: 'hello', at: now - 60_000});
	now += 4 * 60_000 - 1;
	await client.chats.typing.start(chat);
	t.is(server.chat(chat).spans.length, 1);
	await client.chats.typing.stop(chat);
	now += 1;
	await client.chats.typing.start(chat);
	t.is(server.chat(chat).spans.length, 1);
	await client.chats.messages.send(chat, message('still there?'));
	await client.chats.typing.start(chat);
	t.is(server.chat(chat).spans.length, 2, 'a message of the bot counts, too');
});

test('SMS and RCS answer 204 and show nothing; a group answers 403', async t => {
	const {server, client} = await serve(t);
	for (const service of ['SMS', 'RCS'] as const) {
		const {id} = server.addChat({service});
		await server.write({chat: id, text: 'hello'});
		await client.chats.typing.start(id);
		await client.chats.typing.stop(id);
		t.deepEqual(server.chat(id).spans, []);
		t.is(server.chat(id).calls, 1);
	}

	const {id} = server.addChat({isGroup: true});
	await server.write({chat: id, text: 'hello'});
	for (const call of [client.chats.typing.start(id), client.chats.typing.stop(id)]) {
		const error = await t.throwsAsync(call, {instanceOf: PermissionDeniedError});
		t.is((error.error as any).error.code, 2005);
	}

	t.is((await client.chats.messages.send(id, message('hi'))).chat_id, id, 'but it takes messages');
	t.is(server.chat(id).refused.length, 2);
});

test('the envelope of an error is the vendor’s', async t => {
	const {server, chat} = await serve(t);
	const {status, body} = await raw(server, 'POST', `/v3/chats/${crypto.randomUUID()}/typing`);
	t.is(status, 404);
	t.regex(body.trace_id, /^[\da-f]{32}$/);
	t.deepEqual(body, {
		success: false,
		error: {status: 404, code: 2001, message: 'Resource not found', doc_url: 'https://docs.linqapp.com/error/codes/2xxx/2001/'},
		trace_id: body.trace_id,
	});
	const json = {'content-type': 'application/json'};
	const rows: Array<[Promise<{status: number; body: any}>, number, number]> = [
		[raw(server, 'POST', '/v3/chats/7/typing'), 400, 1002],
		[raw(server, 'POST', `/v3/chats/${chat}/typing`, {headers: {authorization: 'Bearer wrong'}}), 401, 2004],
		[raw(server, 'POST', `/v3/chats/${chat}/typing`, {headers: {authorization: server.token}}), 401, 2004],
		[raw(server, 'GET', `/v3/chats/${chat}/typing`), 404, 2001],
		[raw(server, 'POST', '/v3/nothing'), 404, 2001],
		[raw(server, 'POST', `/v3/chats/${chat}/messages`), 400, 1001],
		[raw(server, 'POST', `/v3/chats/${chat}/messages`, {headers: json, body: '{'}), 400, 1003],
		[raw(server, 'POST', `/v3/chats/${chat}/messages`, {headers: json, body: '[]'}), 400, 1003],
		[raw(server, 'POST', `/v3/chats/${chat}/messages`, {headers: json, body: `"${'x'.repeat(2 ** 20)}"`}), 413, 1003],
		...[
			[],
			[{}],
			[null],
			[{type: 'text', value: ''}],
			[{type: 'media'}],
			[
				{type: 'link', value: 'u'},
				{type: 'text', value: 't'},
			],
		].map((parts): [Promise<{status: number; body: any}>, number, number] => [
			raw(server, 'POST', `/v3/chats/${chat}/messages`, {headers: json, body: JSON.stringify({message: {parts}})}),
			400,
			1004,
		]),
	];
	for (const [answer, status, code] of rows) {
		const {status: got, body} = await answer;
		t.deepEqual([got, body.error.status, body.error.code], [status, status, code]);
	}

	t.is(server.chat(chat).messages.length, 0);
	t.deepEqual(server.chat(chat).spans, []);
});

test('more than 30 messages a minute are refused, with the time to wait', async t => {
	let now = 1_800_000_000_000;
	const {server, chat} = await serve(t, {now: () => now});
	const send = async () => raw(server, 'POST', `/v3/chats/${chat}/messages`, {body: JSON.stringify(message('hi'))});
	for (let count = 0; count < 30; count++) {
		t.is((await send()).status, 202);
	}

	now += 20_000;
	const {status, headers, body} = await send();
	t.deepEqual([status, body.error.code, body.error.retry_after, headers.get('retry-after')], [429, 1007, 40, '40']);
	t.is((await raw(server, 'POST', `/v3/chats/${chat}/typing`)).status, 204, 'typing is no message');
	now += 40_000;
	t.is((await send()).status, 202);
});

test('faults: refusals, resets, hang-ups, delays, as often as they are wanted, where they are wanted', async t => {
	const {server, client, chat} = await serve(t);
	const other = server.addChat().id;
	await server.write({chat, text: 'hello'});
	const start = client.chats.typing.start.bind(client.chats.typing);
	server.fail({method: 'typing.start', chatId: chat, times: 1, outcome: {status: 429, code: 1007, retryAfter: 7}});
	const error = await t.throwsAsync(start(chat), {instanceOf: RateLimitError});
	t.is(error.headers.get('retry-after'), '7');
	t.is((error.error as any).error.retry_after, 7);
	await t.notThrowsAsync(start(other));
	await t.notThrowsAsync(start(chat));
	await client.chats.typing.stop(chat);

	server.fail({times: 1, outcome: 'reset'});
	await t.throwsAsync(start(chat), {instanceOf: APIConnectionError});
	server.fail({times: 1, outcome: 'html'});
	await t.throwsAsync(start(chat), {instanceOf: InternalServerError});
	const before = server.chat(chat).spans.length;
	server.fail({times: 1, outcome: 'hang', effect: true});
	await t.throwsAsync(start(chat, {timeout: 200}), {instanceOf: APIConnectionTimeoutError});
	t.is(server.chat(chat).spans.length, before + 1, 'only its answer was lost');
	await client.chats.typing.stop(chat);

	const late = server.next('typing.start');
	server.fail({times: 1, outcome: {late: 300}});
	await t.throwsAsync(start(chat, {timeout: 100}));
	const {at} = await late;
	t.is(server.chat(chat).visible(at), 'typing', 'it takes effect although nobody waits');
	const end = server.fail({outcome: {latency: 60_000}});
	await t.throwsAsync(start(chat, {timeout: 100}));
	end();
	t.is(server.log.length, 9, 'what is aborted on its way never arrives');
});

test('a webhook is signed as the standard says, and the SDK believes it', async t => {
	const {server, client, chat} = await serve(t);
	const {url, got} = await hook(t, () => 200);
	const {signing_secret: secret, id} = await client.webhookSubscriptions.create({target_url: url, subscribed_events: ['message.received']});
	const event = await server.write({chat, text: 'hello'});
	t.is(got.length, 1);
	const {headers, body} = got[0]!;
	t.is(headers['webhook-id'], event.event_id);
	t.is(headers['x-webhook-event'], 'message.received');
	t.is(headers['x-webhook-subscription-id'], id);
	t.deepEqual(new Webhook(secret).verify(body, headers as Record<string, string>), event);
	const unwrapped = client.webhooks.unwrap(body, {headers: headers as Record<string, string>, key: secret});
	t.is(unwrapped.event_type, 'message.received');
	t.like(event.data, {direction: 'inbound', service: 'iMessage', chat: {id: chat, is_group: false}});
	await client.webhookSubscriptions.delete(id);
	await server.write({chat, text: 'anybody?'});
	t.is(got.length, 1);
});

test('a failed delivery is repeated with the same id and a signature of its time, until it is taken', async t => {
	const {server, client, chat} = await serve(t, {redelivery: [20, 40, 60]});
	const {url, got} = await hook(t, attempt => [503, 429, 0, 200][attempt - 1] ?? 200);
	await client.webhookSubscriptions.create({target_url: url, subscribed_events: ['message.received']});
	const event = await server.write({chat, text: 'hello'});
	t.deepEqual(
		got.map(({headers}) => headers['webhook-id']),
		[1, 2, 3, 4].map(() => event.event_id),
	);
	t.deepEqual(
		server.deliveries.map(({attempt, status}) => [attempt, status]),
		[
			[1, 503],
			[2, 429],
			[3, 0],
			[4, 200],
		],
	);
	await server.deliver(event);
	t.is(got.length, 5, 'and may come again');
});

test('a delivery that is refused is not repeated, one that nobody takes is given up', async t => {
	const {server, client, chat} = await serve(t, {redelivery: [5, 5, 5]});
	let status = 401;
	const {url, got} = await hook(t, () => status);
	await client.webhookSubscriptions.create({target_url: url, subscribed_events: ['message.received', 'message.sent']});
	await server.write({chat, text: 'hello'});
	t.is(got.length, 1);
	status = 500;
	await server.write({chat, text: 'hello?'});
	t.is(got.length, 5);
	status = 200;
	await client.chats.messages.send(chat, message('hi'));
	while (got.length < 6) await new Promise(resolve => void setTimeout(resolve, 5));
	t.like(JSON.parse(got[5]!.body), {event_type: 'message.sent', data: {direction: 'outbound', parts: [{value: 'hi'}]}});
});

test('the usual schedule is ten times within 25 minutes', async t => {
	const {server} = await serve(t);
	t.is(server.redelivery.length, 10);
	const total = server.redelivery.reduce((sum, pause) => sum + pause, 0);
	t.true(total > 24 * 60_000 && total < 26 * 60_000);
});

test('no webhook leads off this machine', async t => {
	const {server} = await serve(t);
	for (const target_url of ['https://example.com/', 'no', 5]) {
		const {status} = await raw(server, 'POST', '/v3/webhook-subscriptions', {
			body: JSON.stringify({target_url, subscribed_events: ['message.received']}),
		});
		t.is(status, 400);
	}
});

test('other calls a bot makes: reading, looking up', async t => {
	const {client, chat} = await serve(t);
	await t.notThrowsAsync(client.chats.markAsRead(chat));
	t.like(await client.chats.retrieve(chat), {id: chat, is_group: false, service: 'iMessage', health_status: {status: 'HEALTHY'}});
	await t.throwsAsync(client.chats.retrieve(crypto.randomUUID()), {instanceOf: NotFoundError});
});
