import {request} from 'node:http';
import type {BotApi} from '@auto-typing/simulator';
import test from 'ava';
import {Bot, GrammyError, HttpError} from 'grammy';
import {serve} from './caller.ts';

const message = {chat_id: 7, text: 'hi'};
const action = {chat_id: 7, action: 'typing'};

/** A raw request whose body the test sends when it likes, to cut it wherever it likes. */
function raw(server: BotApi, method: string, type: string) {
	const client = request(`${server.url}/bot${server.token}/${method}`, {method: 'POST', agent: false, headers: {'content-type': type}});
	client.on('error', () => {});
	return client;
}

test('latency: half of it passes before a request takes effect, half before its answer', async t => {
	const {server, call} = await serve(t, {latency: 40});
	const start = performance.now();
	await call('sendMessage', message);
	const end = performance.now();
	const {at, settledAt} = server.log[0]!;
	// Timers may fire a moment early by this clock; a slow machine only makes the distances longer.
	t.true(at - start >= 18, `${at - start}`);
	t.true(settledAt! - at >= 18, `${settledAt! - at}`);
	t.true(end >= settledAt!);
});

test('latency: it can be changed at any time, also by a function, and by a fault for single requests', async t => {
	const {server, call} = await serve(t, {latency: 60_000});
	server.latency = 0;
	server.jitter = () => 1;
	t.true((await call('sendMessage', message)).ok);
	let asked = 0;
	server.latency = () => asked++;
	t.true((await call('sendMessage', message)).ok);
	t.is(asked, 2, 'once for each way');
	server.latency = 60_000;
	server.fail({method: 'sendMessage', outcome: {latency: 0}});
	t.true((await call('sendMessage', message)).ok);
	t.is(server.chat(7).messages.length, 3);
});

test('a request whose connection ends before it arrives takes effect all the same: what was written can’t be called back', async t => {
	const {server, call} = await serve(t, {latency: 400});
	const client = raw(server, 'sendMessage', 'application/json');
	await new Promise<void>(resolve => {
		client.end(JSON.stringify(message), resolve);
	});
	client.destroy();
	// This one started later, so it arrives later.
	await call('sendMessage', {...message, text: 'second'});
	t.deepEqual(
		server.chat(7).messages.map(({text}) => text),
		[message.text, 'second'],
	);
	t.is(server.log.length, 2);
});

test.serial('many requests on their way at once: no warning of a leak', async t => {
	const {call} = await serve(t, {latency: 100});
	const warnings: Error[] = [];
	const hear = (warning: Error) => warnings.push(warning);
	process.on('warning', hear);
	await Promise.all(Array.from({length: 20}, async () => call('sendMessage', message)));
	process.off('warning', hear);
	t.deepEqual(warnings, []);
});

test('a request whose connection ends after it arrived took effect', async t => {
	const {server, call} = await serve(t, {latency: () => (server.log.length === 0 ? 0 : 60_000)});
	const abort = new AbortController();
	const arrived = server.next('sendMessage');
	const answer = call('sendMessage', message, {signal: abort.signal});
	await arrived;
	abort.abort();
	await t.throwsAsync(answer, {any: true, name: 'AbortError'});
	t.is(server.chat(7).messages.length, 1);
});

test('an upload takes effect with its last byte, and not at all when it is cut off', async t => {
	const {server, call} = await serve(t);
	const head = ['chat_id"\r\n\r\n7', 'photo"; filename="a.jpg"\r\n\r\n']
		.map(part => `--x\r\ncontent-disposition: form-data; name="${part}`)
		.join('\r\n');
	const [whole, cut] = [
		raw(server, 'sendPhoto', 'multipart/form-data; boundary=x'),
		raw(server, 'sendPhoto', 'multipart/form-data; boundary=x'),
	];
	for (const client of [whole, cut]) {
		await new Promise<void>(resolve => {
			client.write(head + 'a'.repeat(100_000), () => resolve());
		});
	}

	await call('getMe');
	t.is(server.chat(7).messages.length, 0);
	const arrived = server.next('sendPhoto');
	const before = performance.now();
	cut.destroy();
	whole.end('a'.repeat(10) + '\r\n--x--\r\n');
	const {at, payload} = await arrived;
	t.true(at >= before);
	t.like(payload, {chat_id: 7, photo: {filename: 'a.jpg', size: 100_010}});
	await call('getMe');
	t.is(server.chat(7).messages.length, 1);
});

const errors: Array<[outcome: {error_code: number; description?: string; parameters?: {retry_after: number}}, description: string]> = [
	[{error_code: 400, description: 'Bad Request: CHAT_WRITE_FORBIDDEN'}, 'Bad Request: CHAT_WRITE_FORBIDDEN'],
	[{error_code: 401}, 'Unauthorized'],
	[{error_code: 403}, 'Forbidden: bot was blocked by the user'],
	[{error_code: 404}, 'Not Found'],
	[{error_code: 409}, 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'],
	[{error_code: 429, parameters: {retry_after: 3}}, 'Too Many Requests: retry after 3'],
	[{error_code: 500}, 'Internal Server Error'],
	[{error_code: 502}, 'Bad Gateway'],
	[{error_code: 503}, 'Service Unavailable'],
	[{error_code: 504}, 'Gateway Timeout'],
];

for (const [outcome, description] of errors) {
	test(`fail: ${description}`, async t => {
		const {server, call} = await serve(t);
		server.fail({outcome});
		const answer = await call('sendChatAction', action);
		t.like(answer, {status: outcome.error_code, ok: false, error_code: outcome.error_code, description});
		t.is(answer.headers.get('retry-after'), outcome.error_code === 429 ? '3' : null);
		t.deepEqual(answer.parameters, outcome.parameters);
		t.like(server.log[0], {outcome: 'refused', status: outcome.error_code, effect: false});
		const api = new Bot(server.token, {client: {apiRoot: server.url}}).api;
		const error = await t.throwsAsync(api.sendChatAction(7, 'typing'), {instanceOf: GrammyError});
		t.is(error.error_code, outcome.error_code);
	});
}

for (const outcome of ['reset', 'html', 'redirect', 'malformed'] as const) {
	test(`fail: ${outcome} is a network error to grammY`, async t => {
		const {server} = await serve(t);
		server.fail({outcome});
		const {api} = new Bot(server.token, {client: {apiRoot: server.url}});
		await t.throwsAsync(api.sendMessage(7, 'hi'), {instanceOf: HttpError});
		t.like(server.log[0], {method: 'sendMessage', outcome});
		t.is(server.chat(7).messages.length, outcome === 'malformed' ? 1 : 0, 'only a truncated answer comes from a message that landed');
	});
}

test('fail: the answers look like what they are', async t => {
	const {server} = await serve(t);
	const get = async (outcome: 'html' | 'redirect' | 'malformed') => {
		server.fail({outcome, times: 1});
		return fetch(`${server.url}/bot${server.token}/getMe`, {redirect: 'manual'});
	};

	const html = await get('html');
	t.deepEqual([html.status, html.headers.get('content-type')], [502, 'text/html']);
	const redirect = await get('redirect');
	t.deepEqual([redirect.status, redirect.headers.get('location')], [302, '/moved']);
	const moved = await fetch(`${server.url}/moved`);
	t.deepEqual([moved.status, moved.headers.get('content-type')], [200, 'text/html']);
	const malformed = await get('malformed');
	t.deepEqual([malformed.status, malformed.headers.get('content-type')], [200, 'application/json']);
	t.true((await malformed.text()).startsWith('{"ok":true,"result":{'));
});

test('fail: hang never answers, until the client gives up', async t => {
	const {server, call} = await serve(t);
	server.fail({outcome: 'hang', times: 1});
	const abort = new AbortController();
	const arrived = server.next('sendChatAction');
	const answer = call('sendChatAction', action, {signal: abort.signal});
	const arrival = await arrived;
	t.like(arrival, {outcome: 'hang', status: 0, effect: false, settledAt: undefined});
	t.true((await call('sendMessage', message)).ok, 'others are answered meanwhile');
	t.is(arrival.settledAt, undefined);
	abort.abort();
	await t.throwsAsync(answer, {any: true, name: 'AbortError'});
	t.deepEqual(server.chat(7).spans, []);
});

test('fail: hits the method and the chat it names, so many times, the newest rule first, until it is taken back', async t => {
	const {server, call} = await serve(t);
	const status = async (method: string, payload: object) => (await call(method, payload)).status;
	const end = server.fail({method: 'sendChatAction', outcome: {error_code: 500}});
	server.fail({chatId: 8, times: 1, outcome: {error_code: 403}});
	t.is(await status('sendMessage', message), 200);
	t.is(await status('sendChatAction', action), 500);
	t.is(await status('sendChatAction', {...action, chat_id: 8}), 403);
	t.is(await status('sendChatAction', {...action, chat_id: 8}), 500);
	end();
	t.is(await status('sendChatAction', action), 200);
});

test('fail: only the answer is lost if the rule says so', async t => {
	const {server, call} = await serve(t);
	server.fail({outcome: 'reset', effect: true, times: 1});
	await t.throwsAsync(call('sendMessage', message));
	server.fail({outcome: {error_code: 502}, effect: true, times: 1});
	t.is((await call('sendMessage', message)).status, 502);
	t.is(server.chat(7).messages.length, 2);
});

test('limit: so many sends and chat actions in the window of the whole bot', async t => {
	const {server, call} = await serve(t, {limit: {limit: 2, interval: 3_600_000, retryAfter: 7}});
	t.true((await call('sendChatAction', action)).ok);
	t.true((await call('sendMessage', {...message, chat_id: 8})).ok);
	const refused = await call('sendMessage', message);
	t.like(refused, {status: 429, error_code: 429, description: 'Too Many Requests: retry after 7', parameters: {retry_after: 7}});
	t.is(refused.headers.get('retry-after'), '7');
	t.true((await call('getMe')).ok, 'others do not count');
	t.true((await call('getUpdates')).ok);
	t.is(server.chat(7).messages.length, 0);
	server.limit = () => ({limit: 3, interval: 3_600_000});
	t.true((await call('sendMessage', message)).ok, 'a refused request used up nothing');
	server.limit = undefined;
	t.true((await call('sendMessage', message)).ok);
});

test('limit: with lock-out everything is refused, and told what is left', async t => {
	const {server, call} = await serve(t, {limit: {limit: 1, interval: 1, lockout: true, retryAfter: 3600}});
	// Whether two requests meet in one millisecond is up to the machine: shrink the window to nothing instead.
	server.limit = {limit: 0, interval: 1, lockout: true, retryAfter: 3600};
	t.is((await call('sendMessage', message)).parameters?.retry_after, 3600);
	server.limit = {limit: 1000, interval: 1, lockout: true, retryAfter: 3600};
	const again = await call('sendMessage', message);
	t.is(again.status, 429);
	t.true(again.parameters!.retry_after! > 3500 && again.parameters!.retry_after! <= 3600);
	server.limit = {limit: 1000, interval: 1};
	t.true((await call('sendMessage', message)).ok);
});

test('chatLimit: each chat has its own, and several may hold at once, for chosen methods', async t => {
	const hour = 3_600_000;
	const {call} = await serve(t, {
		chatLimit: [
			{limit: 2, interval: hour},
			{limit: 1, interval: hour, methods: ['sendChatAction']},
		],
	});
	const status = async (method: string, payload: object) => (await call(method, payload)).status;
	t.is(await status('sendChatAction', action), 200);
	t.is(await status('sendChatAction', action), 429);
	t.is(await status('sendMessage', message), 200);
	t.is(await status('sendMessage', message), 429);
	t.is(await status('sendMessage', {...message, chat_id: 8}), 200);
});

test('close ends every connection, hanging ones too, and may be called twice', async t => {
	const {server, call} = await serve(t);
	server.fail({method: 'sendMessage', outcome: 'hang'});
	const arrived = server.next('sendMessage');
	const [hanging, polling] = [call('sendMessage', message), call('getUpdates', {timeout: 50})];
	await arrived;
	await Promise.all([server.close(), t.throwsAsync(hanging), t.throwsAsync(polling)]);
	await server.close();
	await t.throwsAsync(call('getMe'));
});

test('listen hears every request once its outcome is known', async t => {
	const {server, call} = await serve(t);
	const heard: string[] = [];
	const end = server.listen(({method, outcome}) => heard.push(`${method} ${outcome}`));
	await call('getMe');
	await call('sendMessage');
	end();
	await call('getMe');
	t.deepEqual(heard, ['getMe ok', 'sendMessage refused']);
});
