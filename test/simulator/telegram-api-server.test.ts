import {once} from 'node:events';
import {MtprotoService, TelegramApiServer, type MtprotoOutcome, type TelegramApiServerOptions} from '@auto-typing/simulator';
import test, {type ExecutionContext} from 'ava';
import {WebSocket} from 'ws';

const typing = {_: 'sendMessageTypingAction'};
const forum = -1_000_000_000_043;
const path = '/api/messages.setTyping';
const granted = {success: true, errors: [], response: true};

/** The recorded table's server: Alice wrote to a bot. */
async function serve(t: ExecutionContext, options: TelegramApiServerOptions = {}) {
	const service = new MtprotoService({
		account: {id: 777, bot: true},
		peers: [
			{id: 555, username: 'alice'},
			{id: forum, topics: [43]},
		],
	});
	const server = await TelegramApiServer.start({service, ...options});
	t.teardown(async () => server.close());
	const ask = async (path: string, init?: RequestInit) => {
		const response = await fetch(`${server.url}${path}`, init);
		const text = await response.text();
		return {status: response.status, text, type: response.headers.get('content-type'), body: JSON.parse(text) as Record<string, unknown>};
	};
	const post = async (path: string, body: unknown, type = 'application/json', headers = {}) =>
		ask(path, {method: 'POST', headers: {'content-type': type, ...headers}, body: typeof body === 'string' ? body : JSON.stringify(body)});
	return {server, service, ask, post};
}

function errorIn(body: Record<string, unknown>): Record<string, unknown> {
	return (body['errors'] as Array<Record<string, unknown>>)[0] ?? {};
}

const missing = {exception: 'danog\\MadelineProto\\Exception', message: 'Missing required parameter action', code: 0};

test('GET with a nested query, bare or in an array of any name', async t => {
	const {service, ask} = await serve(t);
	for (const query of [
		'peer=@alice&action[_]=sendMessageTypingAction',
		'data[peer]=@alice&data[action][_]=sendMessageTypingAction',
		'whatever%5Bpeer%5D=555&whatever%5Baction%5D%5B_%5D=sendMessageTypingAction',
	]) {
		const {status, body, type} = await ask(`${path}?${query}`);
		t.is(status, 200);
		t.deepEqual(body, granted);
		t.is(type, 'application/json;charset=utf-8');
	}

	t.is(service.chat(555).calls, 3);
	t.is(service.chat(555).spans.length, 1);
});

test('POST of JSON', async t => {
	const {service, post} = await serve(t);
	const {status, body, text} = await post(`${path}/`, {peer: forum, action: typing, top_msg_id: 43});
	t.is(status, 200);
	t.deepEqual(body, granted);
	t.true(text.startsWith('{\n    "success"'), 'printed as PHP prints it');
	t.is(service.chat(forum, {topic: 43}).spans.length, 1);
	t.is(service.chat(forum).calls, 0);
	const {at} = service.log[0]!;
	t.is((await post(path, {peer: forum, action: {_: 'sendMessageCancelAction'}, top_msg_id: 43})).status, 200);
	t.is(service.chat(forum, {topic: 43}).spans[0]?.from, at);
	t.is(service.chat(forum, {topic: 43}).spans[0]?.to, service.log[1]?.at);
});

for (const type of [
	'application/x-www-form-urlencoded',
	'application/json; charset=utf-8',
	'application/json;charset=utf-8',
	'text/plain',
]) {
	test(`POST as ${type} lacks its parameters`, async t => {
		const {service, post} = await serve(t);
		const form = new URLSearchParams({peer: '555', 'action[_]': 'sendMessageTypingAction'});
		const {status, body} = await post(path, type.includes('form') ? form.toString() : JSON.stringify({peer: 555, action: typing}), type);
		t.is(status, 400);
		t.like(errorIn(body), missing);
		t.is(body['response'], null);
		t.is(service.log.length, 0);
	});
}

test('what is no JSON is nothing', async t => {
	const {post} = await serve(t);
	for (const text of ['{"peer":', '5', 'null', '']) {
		t.like(errorIn((await post(path, text)).body), missing);
	}
});

const refusals: Array<[MtprotoOutcome & {message: string}, number, string]> = [
	[{message: 'CHAT_WRITE_FORBIDDEN'}, 403, 'ChatWriteForbiddenError'],
	[{message: 'PEER_ID_INVALID'}, 400, 'PeerIdInvalidError'],
	[{message: 'FLOOD_WAIT_30'}, 420, 'FloodWaitError'],
	[{message: 'AUTH_KEY_UNREGISTERED'}, 401, 'AuthKeyUnregisteredError'],
	[{message: 'RPC_CALL_FAIL', code: -500}, 400, 'RpcCallFailError'],
];
for (const [outcome, status, name] of refusals) {
	test(`${outcome.message} is HTTP ${status}, with all that PHP knows of it`, async t => {
		const {service, post} = await serve(t);
		service.fail({outcome});
		const answer = await post(path, {peer: 555, action: typing});
		t.is(answer.status, status);
		t.like(answer.body, {success: false, response: null});
		const {file, line, backtrace, ...error} = errorIn(answer.body);
		t.deepEqual(Object.keys(errorIn(answer.body)), ['exception', 'message', 'file', 'line', 'code', 'backtrace', 'previous_exception']);
		t.like(error, {exception: `danog\\MadelineProto\\RPCError\\${name}`, message: outcome.message, previous_exception: null});
		t.deepEqual([typeof file, typeof line, Array.isArray(backtrace)], ['string', 'number', true]);
		t.is(service.chat(555).refused.length, 1);
	});
}

test('a short flood wait is slept on inside, and the call made again', async t => {
	const {service, post} = await serve(t);
	service.fail({outcome: {message: 'FLOOD_WAIT_1'}, times: 1});
	const from = performance.now();
	const {status, body} = await post(path, {peer: 555, action: typing});
	t.is(status, 200);
	t.deepEqual(body, granted);
	t.true(performance.now() - from > 950);
	t.is(service.log.length, 2);
	t.is(service.chat(555).spans.length, 1);
});

test('and it goes on if the client hangs up', async t => {
	const {service, server} = await serve(t);
	service.fail({outcome: {message: 'FLOOD_WAIT_1'}, times: 1});
	const hangUp = new AbortController();
	service.listen(() => hangUp.abort());
	const shown = service.next(({outcome}) => outcome === 'ok');
	const query = 'peer=555&action[_]=sendMessageTypingAction';
	await t.throwsAsync(fetch(`${server.url}${path}?${query}`, {signal: hangUp.signal}), {any: true, name: 'AbortError'});
	t.is((await shown).method, 'messages.setTyping');
	t.is(service.chat(555).spans.length, 1);
});

test('an unknown name, a bad action, a bad session, an unknown path', async t => {
	const {ask, post} = await serve(t);
	const unknown = await post(path, {peer: '@nobody', action: typing});
	t.is(unknown.status, 400);
	t.like(errorIn(unknown.body), {exception: 'danog\\MadelineProto\\PeerNotInDbException', code: 0});
	const action = await post(path, {peer: 555, action: {_: 'sendMessageDanceAction'}});
	t.is(action.status, 400);
	t.is((await post(path, {peer: 555, action: {_: 'dance'}})).status, 400);
	const session = await post('/api/other/messages.setTyping', {peer: 555, action: typing});
	t.is(session.status, 400);
	t.like(errorIn(session.body), {message: 'Session not found.', code: 0});
	for (const wrong of ['/', '/api', '/api/', '/v1/messages.setTyping']) {
		const {status, body} = await ask(wrong);
		t.is(status, 404, wrong);
		t.deepEqual(body, {success: false, errors: [{code: 404, message: 'Path not found'}]});
	}
});

test('several sessions: each by its name, none without one', async t => {
	const service = new MtprotoService({account: {id: 777, bot: true}, peers: [{id: 555}]});
	const other = service.addAccount({id: 778, bot: true});
	const {post} = await serve(t, {service, sessions: {one: service.account, 'users/two': other}});
	t.is((await post('/api/one/messages.setTyping', {peer: 555, action: typing})).status, 200);
	t.is((await post('/api/users/two/messages.setTyping', {peer: 555, action: typing})).status, 200);
	t.is(service.chat(555).calls, 1);
	t.is(service.chat(555, {account: other}).calls, 1);
	const {status, body} = await post(path, {peer: 555, action: typing});
	t.is(status, 400);
	t.regex(String(errorIn(body)['message']), /^Multiple sessions detected/);
});

test('from elsewhere: by a password, or from an address on the list', async t => {
	const basic = (text: string) => ({authorization: `Basic ${Buffer.from(text).toString('base64')}`});
	const shut = await serve(t, {from: '203.0.113.7', passwords: {ada: 'se:cret'}});
	const body = {peer: 555, action: typing};
	t.is((await shut.post(path, body, undefined, basic('ada:se:cret'))).status, 200);
	for (const headers of [{}, basic('ada:wrong'), basic('eve:se:cret'), basic('toString:'), {authorization: 'Bearer x'}]) {
		const answer = await shut.post(path, body, undefined, headers);
		t.is(answer.status, 401);
		t.deepEqual(answer.body, {success: false, errors: [{code: 401, message: 'Username or password is incorrect'}]});
	}

	const listed = await serve(t, {from: '203.0.113.7', allow: ['203.0.113.7']});
	t.is((await listed.post(path, body)).status, 200);
	const unlisted = await serve(t, {from: '203.0.113.8', allow: ['203.0.113.7']});
	t.is((await unlisted.post(path, body)).status, 401);
	const local = await serve(t, {passwords: {ada: 'secret'}});
	t.is((await local.post(path, body)).status, 200, 'this machine is free');
});

test('a call that is never answered, one whose connection ends, and garbage', async t => {
	const {server, service, post} = await serve(t);
	service.fail({outcome: 'hang', times: 1});
	const query = 'peer=555&action[_]=sendMessageTypingAction';
	const hangUp = new AbortController();
	const arrived = service.next('messages.setTyping');
	const asked = fetch(`${server.url}${path}?${query}`, {signal: hangUp.signal});
	await arrived;
	t.is(await Promise.race([asked, new Promise(resolve => setTimeout(resolve, 300, 'no answer'))]), 'no answer');
	hangUp.abort();
	await t.throwsAsync(asked, {any: true, name: 'AbortError'});
	service.fail({outcome: 'drop', times: 1});
	await t.throwsAsync(post(path, {peer: 555, action: typing}), {message: 'fetch failed'});
	server.garble('html');
	const page = await fetch(`${server.url}${path}?${query}`);
	t.is(page.status, 502);
	server.garble('malformed');
	await t.throwsAsync(post(path, {peer: 555, action: typing}), {instanceOf: SyntaxError});
	t.is((await post(path, {peer: 555, action: typing})).status, 200);
});

test('a message in the old spelling, its answer in MadelineProto’s', async t => {
	const {service, post} = await serve(t);
	const {status, body} = await post('/api/bot/messages.sendMessage', {peer: forum, message: 'hi', reply_to_msg_id: 43, top_msg_id: 43});
	t.is(status, 200);
	t.is(service.chat(forum, {topic: 43}).messages.length, 1);
	const {updates} = body['response'] as {updates: Array<{_: string; message?: {peer_id: number; out: boolean}}>};
	t.like(updates.at(-1), {_: 'updateNewChannelMessage', message: {peer_id: forum, out: true, from_id: 777}});
	t.like(errorIn((await post('/api/messages.sendMessage', {peer: 555})).body), {message: 'Missing required parameter message'});
});

/** Listens, and keeps what it hears. */
async function listen(t: ExecutionContext, server: TelegramApiServer, path = '/events', headers = {}) {
	const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, {headers});
	t.teardown(() => socket.terminate());
	const heard: Array<{jsonrpc: string; id: null; result: {session: string; update: Record<string, unknown>}}> = [];
	socket.on('message', data => void heard.push(JSON.parse((data as Buffer).toString()) as (typeof heard)[number]));
	await once(socket, 'open');
	return {socket, heard, next: async () => once(socket, 'message')};
}

test('events, as MadelineProto tells them', async t => {
	const {server, service, post} = await serve(t);
	const {heard, next} = await listen(t, server);
	const quiet = await listen(t, server, '/events/bot/');
	service.write({peer: 555, text: 'hello'});
	await next();
	const {date, id} = (heard[0]!.result.update as {message: {date: number; id: number}}).message;
	t.deepEqual(heard[0], {
		jsonrpc: '2.0',
		result: {
			session: 'bot',
			update: {
				_: 'updateNewMessage',
				message: {_: 'message', out: false, id, from_id: 555, peer_id: 555, date, message: 'hello'},
				pts: 2,
				pts_count: 1,
			},
		},
		id: null,
	});
	service.write({peer: 555, text: 'short', short: true});
	await next();
	t.like(heard[1]?.result.update, {
		_: 'updateNewMessage',
		message: {_: 'message', out: false, from_id: 555, peer_id: 555, message: 'short'},
	});
	service.write({peer: forum, from: 555, text: 'topic', topic: 43});
	await next();
	t.like(heard[2]?.result.update, {
		_: 'updateNewChannelMessage',
		message: {peer_id: forum, from_id: 555, reply_to: {forum_topic: true, reply_to_msg_id: 43}},
	});
	await post('/api/messages.sendMessage', {peer: 555, message: 'mine'});
	t.like(heard[3]?.result.update, {message: {out: true, from_id: 777, peer_id: 555}});
	t.deepEqual(quiet.heard, heard);
});

test('events of one session, and those that nobody hears', async t => {
	const service = new MtprotoService({account: {id: 777, bot: true}});
	const other = service.addAccount({id: 778, bot: true});
	const {server} = await serve(t, {service, sessions: {one: service.account, two: other}});
	service.write({peer: 555, text: 'lost'});
	const [one, both] = [await listen(t, server, '/events/one'), await listen(t, server)];
	service.write({peer: 555, text: 'a'}, other);
	service.write({peer: 555, text: 'b'});
	await one.next();
	t.deepEqual(
		one.heard.map(({result}) => result.session),
		['one'],
	);
	t.deepEqual(
		both.heard.map(({result}) => result.session),
		['two', 'one'],
	);
	const closed = once(one.socket, 'close');
	server.dropEvents();
	await closed;
	t.is(server.listeners, 0);
});

test('who may not listen', async t => {
	const {server} = await serve(t, {from: '203.0.113.7', passwords: {ada: 'secret'}});
	const status = async (path: string, headers = {}) => {
		const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, {headers});
		const [, response] = (await once(socket, 'unexpected-response')) as [unknown, {statusCode: number}];
		socket.on('error', () => {});
		socket.terminate();
		return response.statusCode;
	};
	const authorization = `Basic ${Buffer.from('ada:secret').toString('base64')}`;
	t.is(await status('/events'), 401);
	t.is(await status('/events/other', {authorization}), 404);
	t.is(await status('/elsewhere', {authorization}), 404);
	t.is((await fetch(`${server.url}/events`)).status, 426);
	t.is((await listen(t, server, '/events', {authorization})).socket.readyState, WebSocket.OPEN);
});
