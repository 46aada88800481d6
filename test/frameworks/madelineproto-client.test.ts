import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {inspect} from 'node:util';
import {autoTyping, MadelineProto, MadelineProtoError, withTyping, type MadelineProtoOptions} from '@auto-typing/madelineproto';
import {MtprotoService, TelegramApiServer} from '@auto-typing/simulator';
import test, {type ExecutionContext} from 'ava';
import {alice, forum, install, isTyping, quick, until, wait, world} from './madelineproto-harness.ts';

const secret = 'correct-horse';
const encoded = Buffer.from(`ada:${secret}`).toString('base64');
/** A server that sees us come from elsewhere. */
const shut = {from: '203.0.113.7', passwords: {ada: secret}};

function assertNoSecret(t: ExecutionContext, ...values: unknown[]): void {
	for (const value of values) {
		const text = `${inspect(value, {depth: 12, showHidden: true, getters: true})} ${String(value)} ${(value as Error).stack}`;
		t.false(text.includes(secret) || text.includes(encoded), text);
	}
}

test('any method, with a session and a password, and what comes of it', async t => {
	const {client, service, server} = await world(t, {session: 'bot', username: 'ada', password: secret, server: shut});
	t.true(await client.call('messages.setTyping', {peer: '@alice', action: {_: 'sendMessageTypingAction'}}));
	t.is(service.chat(alice).calls, 1);
	const sent = (await client.sendMessage(alice, 'hi')) as {_: string; out: boolean};
	t.like(sent, {_: 'updateShortSentMessage', out: true});
	t.deepEqual(
		service.chat(alice).messages.map(({text}) => text),
		[undefined],
	);
	const inUrl = new MadelineProto(server.url.replace('//', `//ada:${secret}@`));
	t.like(await inUrl.sendMessage('@alice', 'hi'), {out: true});
	assertNoSecret(t, client, inUrl);
});

test('a refusal is an error with everything that is known, and nothing of the request', async t => {
	const {client, service, server} = await world(t);
	service.fail({outcome: {message: 'USER_IS_BLOCKED'}, times: 1});
	const error = await t.throwsAsync(client.sendMessage(alice, 'private'), {instanceOf: MadelineProtoError});
	t.like(error, {
		name: 'MadelineProtoError',
		message: 'USER_IS_BLOCKED',
		code: 403,
		status: 403,
		exception: 'danog\\MadelineProto\\RPCError\\UserIsBlockedError',
		method: 'messages.sendMessage',
	});
	t.false(inspect(error).includes('private'));
	t.like(await t.throwsAsync(client.sendMessage('@nobody', 'hi')), {code: 0, status: 400});
	t.like(await t.throwsAsync(client.call('messages.sendMessage', {peer: alice})), {message: 'Missing required parameter message'});
	t.like(await t.throwsAsync(client.sendMessage(alice, 'hi', {}, {session: 'other'})), {message: 'Session not found.', status: 400});
	const lost = new MadelineProto(`${server.url}/elsewhere`);
	t.like(await t.throwsAsync(lost.sendMessage(alice, 'hi')), {message: 'Path not found', code: 404, exception: undefined});
	await t.throwsAsync(client.sendMessage(alice, 'hi', {}, {signal: AbortSignal.abort()}), {any: true, name: 'AbortError'});
});

test('a wrong password: told at the start, told by every call, and typing asks once', async t => {
	const w = await world(t, {username: 'ada', password: `${secret}!`, server: shut});
	const typing = autoTyping(w.client, {...quick, onError: error => void w.errors.push(error), onEvent: event => void w.events.push(event)});
	const refused = await t.throwsAsync(w.client.start(), {instanceOf: MadelineProtoError, message: /password/});
	t.like(refused, {code: 401, status: 401, method: 'events'});
	t.deepEqual(w.caught, [], 'told once: to whoever starts');
	const error = await t.throwsAsync(w.client.sendMessage(alice, 'hi'), {instanceOf: MadelineProtoError});
	t.like(error, {code: 401, message: 'Username or password is incorrect', exception: undefined});
	await typing.run({peer: alice}, async () => wait(1500));
	t.is(w.errors.length, 1, 'revoked: it stops everywhere');
	t.like(w.errors[0], {status: 401});
	t.true(w.events.some(event => event.type === 'failure' && event.failure === 'revoked'));
	assertNoSecret(t, refused, error, w.errors, w.events, w.caught, w.client);
	t.is(w.service.log.length, 0);
});

test('a session that is not there is told at the start', async t => {
	const {client} = await world(t, {session: 'other'});
	t.like(await t.throwsAsync(client.start(), {instanceOf: MadelineProtoError, message: /session/}), {status: 404});
});

test('messages of others are handled, own ones and other updates are not', async t => {
	const {client, service} = await world(t);
	const handled: string[] = [];
	const updates: string[] = [];
	client.onMessage(({text, peer, topMsgId, session}) => void handled.push(`${session} ${peer} ${topMsgId} ${text}`));
	const end = client.onUpdate(({_: type}, session) => void updates.push(`${session} ${type}`));
	await client.start();
	service.write({peer: alice, text: 'one'});
	service.write({peer: forum, from: alice, text: 'two', topic: 43});
	service.write({peer: forum, from: alice, text: 'three'});
	service.write({peer: forum, from: alice, text: 'four', topic: 43, replyTo: 43});
	await client.sendMessage(alice, 'mine');
	service.push({_: 'updateUserTyping', user_id: alice, action: {_: 'sendMessageTypingAction'}});
	service.write({peer: alice, text: 'five', short: true});
	await until(() => handled.length === 5);
	t.deepEqual(handled, [
		`bot ${alice} undefined one`,
		`bot ${forum} 43 two`,
		`bot ${forum} undefined three`,
		`bot ${forum} 43 four`,
		`bot ${alice} undefined five`,
	]);
	t.true(updates.includes('bot updateUserTyping'));
	t.is(updates.filter(update => /updateNew/.test(update)).length, 6);
	end();
	service.write({peer: alice, text: 'six'});
	await until(() => handled.length === 6);
	t.is(updates.length, 7);
});

test('handlers run one after the other, and what one throws is told with its event', async t => {
	const errors: Array<[unknown, string | undefined]> = [];
	const {client, service} = await world(t, {onError: (error, event) => void errors.push([error, event?.text])});
	const handled: string[] = [];
	client.onMessage(async () => {
		await wait(100);
		handled.push('first');
		throw new Error('broken');
	});
	const end = client.onMessage(() => void handled.push('second'));
	await client.start();
	service.write({peer: alice, text: 'hello'});
	await until(() => handled.length === 2);
	t.deepEqual(handled, ['first', 'second']);
	t.is(errors.length, 1);
	t.like(errors[0], {1: 'hello'});
	t.is((errors[0]![0] as Error).message, 'broken');
	end();
	service.write({peer: alice, text: 'again'});
	await until(() => errors.length === 2);
	t.deepEqual(handled, ['first', 'second', 'first']);
});

test('what a handler returns or throws passes through withTyping', async t => {
	const {client, service} = await world(t);
	const results: unknown[] = [];
	const fine = withTyping(async () => 5, quick);
	const broken = withTyping(async () => {
		throw new Error('broken');
	}, quick);
	client.onMessage(async event => {
		results.push(await fine(event), await broken(event).catch((error: unknown) => (error as Error).message));
	});
	await client.start();
	service.write({peer: alice, text: 'hello'});
	await until(() => results.length === 2);
	t.deepEqual(results, [5, 'broken']);
});

test('a dropped connection for events is made again: nothing handled twice, and only lost what the server loses', async t => {
	const w = await world(t);
	await install(w);
	const {server, service, client} = w;
	const handled: string[] = [];
	client.onMessage(async event => {
		handled.push(event.text);
		await wait(600);
		await event.reply(`re: ${event.text}`);
	});
	service.write({peer: alice, text: 'before'});
	await until(() => service.chat(alice).spans.length > 0);
	server.dropEvents();
	await until(() => server.listeners === 0);
	service.write({peer: alice, text: 'lost'});
	await until(() => server.listeners === 1);
	service.write({peer: alice, text: 'after'});
	await until(() => service.chat(alice).messages.length === 2);
	await wait(300);
	t.deepEqual(handled, ['before', 'after']);
	const view = service.chat(alice);
	t.is(view.after(view.messages[1]!.at), 0);
	t.is(server.listeners, 1);
});

test('a connection that is dead without a word is noticed, and made again', async t => {
	const {client, server, service} = await world(t, {heartbeat: 2000});
	const handled: string[] = [];
	client.onMessage(({text}) => void handled.push(text));
	await client.start();
	await wait(4500);
	service.write({peer: alice, text: 'alive'});
	await until(() => handled.length === 1);
	const dead = server.listeners;
	t.is(dead, 1, 'one that answers is left alone');
	server.freezeEvents();
	await until(() => {
		service.write({peer: alice, text: 'hello?'});
		return handled.length > 1;
	});
	t.deepEqual(new Set(handled), new Set(['alive', 'hello?']));
});

test('a server that is not there yet is asked again until it is, and one that comes back is found', async t => {
	const probe = createServer().listen(0, '127.0.0.1');
	await once(probe, 'listening');
	const {port} = probe.address() as AddressInfo;
	await new Promise(resolve => probe.close(resolve));
	const caught: unknown[] = [];
	const client = new MadelineProto(`http://127.0.0.1:${port}/`, {onError: error => void caught.push(error)});
	t.teardown(async () => client.close());
	const handled: string[] = [];
	client.onMessage(({text}) => void handled.push(text));
	const started = client.start();
	await until(() => caught.length > 1);
	t.is((caught[0] as {code?: string}).code, 'ECONNREFUSED');
	await t.throwsAsync(client.sendMessage(alice, 'hi'), {instanceOf: TypeError});
	const service = new MtprotoService({account: {id: 777, bot: true}});
	const first = await TelegramApiServer.start({service}, port);
	await started;
	service.write({peer: alice, text: 'one'});
	await until(() => handled.length === 1);
	await first.close();
	const second = await TelegramApiServer.start({service}, port);
	t.teardown(async () => second.close());
	await until(() => second.listeners === 1);
	service.write({peer: alice, text: 'two'});
	await until(() => handled.length === 2);
	t.deepEqual(handled, ['one', 'two']);
});

test('closed before it was started: it makes no connection that would keep the process', async t => {
	const {client, server} = await world(t);
	await client.close();
	await client.start();
	await wait(300);
	t.is(server.listeners, 0);
});

test('a message whose chat nobody can tell is handled, with a hold that holds nothing', async t => {
	const {client, server, service, caught} = await world(t);
	const typing = autoTyping(client, quick);
	const handled: Array<readonly [string, boolean]> = [];
	client.onMessage(async event => {
		typing.cancel(event);
		await wait(100);
		handled.push([event.text, event.typing.signal.aborted]);
	});
	await client.start();
	for (const peer of [{}, {peer_id: null}, {peer_id: {_: 'peerSomebody'}}]) {
		const message = {_: 'message', out: false, id: 1, date: 1, message: 'hello', ...peer};
		server.say(JSON.stringify({jsonrpc: '2.0', result: {session: 'bot', update: {_: 'updateNewMessage', message}}, id: null}));
	}

	await until(() => handled.length === 3 || caught.length > 0);
	t.deepEqual(caught, []);
	t.deepEqual(handled, [
		['hello', false],
		['hello', false],
		['hello', false],
	]);
	t.is(service.log.length, 0);
});

test('nonsense among the events is told, and passed over', async t => {
	const {client, server, service, caught} = await world(t);
	const handled: string[] = [];
	client.onMessage(({text}) => void handled.push(text));
	await client.start();
	for (const text of [
		'{"jsonrpc":',
		'null',
		'5',
		'{}',
		'{"result":null}',
		'{"result":{"session":"bot","update":null}}',
		'{"result":{"update":{}}}',
	]) {
		server.say(text);
	}

	service.write({peer: alice, text: 'hello'});
	await until(() => handled.length === 1);
	t.is(caught.length, 1);
	t.true(caught[0] instanceof SyntaxError);
});

test('several accounts behind one client have their own indicators', async t => {
	const service = new MtprotoService({account: {id: 777, bot: true}, peers: [{id: alice}]});
	const other = service.addAccount({id: 778, bot: true});
	const w = await world(t, {server: {service, sessions: {one: service.account, two: other}}});
	await install(w);
	const holds: unknown[] = [];
	w.client.onMessage(async event => {
		holds.push(event.typing);
		await wait(event.session === 'one' ? 300 : 900);
		await event.reply('done');
	});
	service.write({peer: alice, text: 'a'});
	service.write({peer: alice, text: 'b'}, other);
	await until(() => service.chat(alice, {account: other}).messages.length === 1);
	await wait(300);
	for (const account of [service.account, other]) {
		const view = service.chat(alice, {account});
		t.is(view.spans.length, 1, JSON.stringify(view.spans));
		t.is(view.spans[0]?.to, view.messages[0]?.at);
	}

	t.deepEqual([w.errors, w.caught], [[], []]);
});

test('without typing around it an event has a hold that holds nothing', async t => {
	const {client, service} = await world(t);
	let done = false;
	client.onMessage(async event => {
		event.typing.action = 'record_voice';
		await wait(300);
		done = !event.typing.signal.aborted;
	});
	await client.start();
	service.write({peer: alice, text: 'hello'});
	await until(() => done);
	t.is(service.log.filter(isTyping).length, 0);
});

const video = {_: 'documentAttributeVideo', duration: 1, w: 90, h: 90};

const own: Array<[string, object, string]> = [
	['sendMessage', {peer: alice, message: 'hi'}, 'Typing'],
	['sendMessage', {data: {peer: '@alice', message: 'hi'}}, 'Typing'],
	['sendPhoto', {peer: alice, file: '/tmp/a.jpg', caption: 'look'}, 'UploadPhoto'],
	['sendDocument', {peer: alice, file: '/tmp/a.pdf'}, 'UploadDocument'],
	['sendVideo', {peer: alice, file: '/tmp/a.mp4'}, 'UploadVideo'],
	['sendVoice', {peer: alice, file: '/tmp/a.ogg'}, 'UploadAudio'],
	// PHP makes the same of a list and of an object.
	[
		'messages.sendMedia',
		{peer: alice, message: '', media: {_: 'inputMediaUploadedDocument', file: '/tmp/a.mp4', attributes: {0: video}}},
		'UploadVideo',
	],
];
for (const [method, parameters, action] of own) {
	test(`MadelineProto’s own ${method} with ${Object.keys(parameters).join(', ')} is seen, too`, async t => {
		const {client, service, server} = await world(t);
		server.uploadTime = action === 'Typing' ? 0 : 300;
		const typing = autoTyping(client, quick);
		// Named as the client hears of her, or by her name: a chat is what it is called.
		const peer = 'data' in parameters ? '@alice' : alice;
		await typing.run({peer}, async () => {
			await until(() => service.chat(alice).calls > 0);
			await client.call(method, parameters);
		});
		await wait(100);
		const view = service.chat(alice);
		t.is(view.spans.at(-1)?.action, `sendMessage${action}Action`);
		t.is(view.messages.length, 1);
		t.true(view.after(view.messages[0]!.at) === 0, JSON.stringify(view.spans));
	});
}

test('what the typing does not understand is let out as it is', async t => {
	const {client, service} = await world(t);
	autoTyping(client, quick);
	service.fail({outcome: {message: 'PEER_ID_INVALID'}});
	for (const peer of [{_: 'updateNewMessage', message: {_: 'message', peer_id: alice}}, {}, '', undefined]) {
		t.like(await t.throwsAsync(client.call('messages.sendMessage', {peer, message: 'hi'})), {message: 'PEER_ID_INVALID'});
	}

	for (const parameters of [
		{media: {_: 'inputMediaUploadedPhoto', file: null}},
		{media: {_: 'inputMediaUploadedPhoto', file: {_: 5}}},
		{media: {_: 'inputMediaUploadedDocument', file: 'a', attributes: null, mime_type: null}},
		{media: {_: 'inputMediaUploadedDocument', file: 'a', attributes: {0: null}}},
		{multi_media: 5},
		{multi_media: [null]},
	]) {
		const call = client.call('messages.sendMedia', {peer: alice, message: '', media: {}, ...parameters});
		t.like(await t.throwsAsync(call), {message: 'PEER_ID_INVALID'}, JSON.stringify(parameters));
	}
});

test('wrong options are refused by their names, and show no secret', async t => {
	const make = (url: unknown, options: unknown) => () => new MadelineProto(url as string, options as MadelineProtoOptions);
	const wrong: Array<[unknown, unknown, RegExp]> = [
		['127.0.0.1:9503', {}, /`url`/],
		[`ftp://ada:${secret}@127.0.0.1`, {}, /`url`/],
		[`http://ada:${secret}@[`, {}, /`url`/],
		[`http://ada%zz:${secret}@127.0.0.1`, {}, /`url`/],
		[undefined, {}, /`url`/],
		['http://127.0.0.1', null, /`options`/],
		['http://127.0.0.1', {session: ''}, /`session`/],
		['http://127.0.0.1', {session: 5}, /`session`/],
		['http://127.0.0.1', {username: 'a:b', password: secret}, /`username`/],
		['http://127.0.0.1', {password: 5}, /`password`/],
		['http://127.0.0.1', {username: 'ada'}, /`password`/],
		['http://127.0.0.1', {password: secret}, /`username`/],
		[`http://:${secret}@127.0.0.1`, {}, /`username`/],
		['http://ada@127.0.0.1', {}, /`password`/],
		['http://127.0.0.1', {heartbeat: 0}, /`heartbeat`/],
		['http://127.0.0.1', {heartbeat: Number.NaN}, /`heartbeat`/],
		['http://127.0.0.1', {onError: 5}, /`onError`/],
	];
	for (const [url, options, message] of wrong) {
		const error = t.throws(make(url, options), {any: true, message}) as Error;
		t.true(error instanceof TypeError || error instanceof RangeError);
		assertNoSecret(t, error);
	}

	const client = new MadelineProto('http://127.0.0.1');
	t.throws(() => withTyping(5 as never), {instanceOf: TypeError, message: /`handler`/});
	t.throws(() => client.onMessage(null as never), {instanceOf: TypeError, message: /`handler`.*null/});
	t.throws(() => client.onUpdate({} as never), {instanceOf: TypeError, message: /`handler`.*object/});
	t.throws(() => withTyping(async () => {}, {interval: 6000}), {instanceOf: RangeError, message: /6000/});
	t.throws(() => withTyping(async () => {}, {action: 'upload_audio' as 'typing'}), {instanceOf: TypeError, message: /`action`/});
	t.throws(() => autoTyping({} as never), {instanceOf: TypeError, message: /`client`/});
	t.throws(() => autoTyping(client, {delay: -1}), {instanceOf: RangeError, message: /`delay`/});
	t.throws(() => autoTyping(client, {onEvent: 5 as never}), {instanceOf: TypeError, message: /`onEvent`/});
	await t.throwsAsync(client.call(''), {instanceOf: TypeError, message: /`method`/});
	await t.throwsAsync(client.call('getSelf', 5 as never), {instanceOf: TypeError, message: /`parameters`/});
	await t.throwsAsync(client.call('getSelf', {}, null as never), {instanceOf: TypeError, message: /`options`/});
	await t.throwsAsync(client.call('getSelf', {}, {session: 5 as never}), {instanceOf: TypeError, message: /`session`/});
});

test('wrong arguments are refused at once, not when the first message comes', async t => {
	const client = new MadelineProto('http://127.0.0.1');
	const typing = autoTyping(client);
	for (const wrong of [undefined, null, {}, alice] as never[]) {
		t.throws(() => typing.cancel(wrong), {instanceOf: TypeError, message: /`event`/});
	}

	await t.throwsAsync(
		typing.run(undefined as never, async () => {}),
		{instanceOf: TypeError, message: /`target`/},
	);
	await t.throwsAsync(
		typing.run('@alice' as never, async () => {}),
		{instanceOf: TypeError, message: /`target`/},
	);
	await t.throwsAsync(typing.run({peer: alice}, undefined as never), {instanceOf: TypeError, message: /`work`/});
	await client.close();
});
