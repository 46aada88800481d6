import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {Api, type TelegramClient} from 'telegram';
import {NewMessage} from 'telegram/events/index.js';
import {FloodWaitError, RPCError, SlowModeWaitError} from 'telegram/errors/index.js';
import {returnBigInt} from 'telegram/Helpers.js';
import {connected} from './gramjs.ts';

const method = 'messages.setTyping';

async function type(client: TelegramClient): Promise<boolean> {
	return client.invoke(new Api.messages.SetTyping({peer: 'alice', action: new Api.SendMessageTypingAction()}));
}

/** What a promise has come to so far. */
function watch(promise: Promise<unknown>) {
	const watched = {state: 'pending'};
	promise.then(
		() => (watched.state = 'fulfilled'),
		() => (watched.state = 'rejected'),
	);
	return watched;
}

/** @see https://core.telegram.org/method/messages.setTyping and https://core.telegram.org/api/errors */
const errors: Array<[message: string, code: number]> = [
	['CHANNEL_INVALID', 400],
	['CHANNEL_PRIVATE', 406],
	['CHAT_ADMIN_REQUIRED', 400],
	['CHAT_ID_INVALID', 400],
	['CHAT_WRITE_FORBIDDEN', 403],
	['GROUPCALL_FORBIDDEN', 403],
	['INPUT_USER_DEACTIVATED', 400],
	['MSG_ID_INVALID', 400],
	['PEER_ID_INVALID', 400],
	['USER_BANNED_IN_CHANNEL', 400],
	['USER_IS_BLOCKED', 403],
	['USER_IS_BOT', 400],
	['AUTH_KEY_DUPLICATED', 406],
	['AUTH_KEY_UNREGISTERED', 401],
	['SESSION_REVOKED', 401],
	['USER_DEACTIVATED', 401],
	['USER_DEACTIVATED_BAN', 401],
	['INTERNAL_SERVER_ERROR', 500],
	['TIMEOUT', -503],
];

test('every error comes through with the vendor’s code, and shows nothing', async t => {
	const {server, client} = await connected(t);
	for (const [message, code] of errors) {
		server.fail({method, times: 1, outcome: {message}});
		const error = await t.throwsAsync(type(client), {instanceOf: RPCError}, message);
		t.is(error?.errorMessage, message);
		t.is(error?.code, code, message);
		t.like(server.log.at(-1), {refused: true, effect: false, error: {message, code}});
	}

	t.is(server.chat(555).spans.length, 0);
	t.is(server.chat(555).refused.length, errors.length);
	t.true(await type(client), 'afterwards all is well');
});

test('the same string may come with another code', async t => {
	const {server, client} = await connected(t);
	server.fail({method, outcome: {message: 'USER_IS_BLOCKED', code: 400}});
	t.is((await t.throwsAsync(type(client), {instanceOf: RPCError}))?.code, 400);
});

test('RPC_CALL_FAIL is tried again inside the client', async t => {
	const {server, client} = await connected(t);
	server.fail({method, times: 1, outcome: {message: 'RPC_CALL_FAIL'}});
	t.true(await type(client));
	t.is(server.chat(555).refused[0]?.error?.code, -500);
	t.is(server.chat(555).calls, 2);
});

test('a flood wait below the threshold is slept inside the client', async t => {
	const {server, client} = await connected(t);
	server.fail({method, times: 1, outcome: {message: 'FLOOD_WAIT_3'}});
	t.true(await type(client));
	const [first, second] = server.log.filter(call => call.method === method);
	t.like(first, {refused: true, error: {message: 'FLOOD_WAIT_3', code: 420}});
	t.true(second!.at - first!.at >= 2990, `${second!.at - first!.at} ms`);
	t.is(server.chat(555).spans[0]?.from, second!.at);
});

test('a flood wait above the threshold, and slow mode at any length, are thrown', async t => {
	const {server, client} = await connected(t);
	server.fail({method, times: 1, outcome: {message: 'FLOOD_WAIT_100'}});
	const flood = await t.throwsAsync(type(client), {instanceOf: FloodWaitError});
	t.like(flood, {code: 420, errorMessage: 'FLOOD', seconds: 100});
	server.fail({method, times: 1, outcome: {message: 'SLOWMODE_WAIT_9'}});
	const slow = await t.throwsAsync(type(client), {instanceOf: SlowModeWaitError});
	t.is(slow?.seconds, 9);
	client.floodSleepThreshold = 0;
	server.fail({method, times: 1, outcome: {message: 'FLOOD_WAIT_3'}});
	await t.throwsAsync(type(client), {instanceOf: FloodWaitError});
	t.is(server.chat(555).calls, 3);
});

test('a call that is never answered never settles, not even when the client disconnects', async t => {
	const {server, client} = await connected(t);
	server.fail({method, times: 1, outcome: 'hang'});
	const watched = watch(type(client));
	const call = await server.next(method);
	t.like(call, {outcome: 'hang', effect: false});
	t.true(await type(client), 'the next one is answered');
	t.is(watched.state, 'pending');
	await client.disconnect();
	await sleep(50);
	t.is(watched.state, 'pending');
	t.is(server.chat(555).spans.length, 1);
});

test('of a packet with a refusal in it the client reads no further: the answer behind it is lost to it, and so is an update', async t => {
	const {server, client} = await connected(t);
	await client.getMe(true);
	const told: string[] = [];
	client.addEventHandler(event => void told.push(event.message.text), new NewMessage({}));
	server.fail({method, times: 1, outcome: {message: 'USER_IS_BLOCKED'}});
	const peer = new Api.InputPeerSelf();
	const refused = client.invoke(new Api.messages.SetTyping({peer, action: new Api.SendMessageTypingAction()}));
	// GramJS puts what is sent at one moment into one packet, and the server what it has to say at one moment.
	const message = watch(client.invoke(new Api.messages.SendMessage({peer, message: 'x', randomId: returnBigInt(1)})));
	const end = server.listen(call => {
		// Ticks that microtasks ask for come after all of them: behind the answers, and before the packet goes.
		if (call.method === 'messages.sendMessage') queueMicrotask(() => process.nextTick(() => server.write({peer: 555, text: 'lost'})));
	});
	await t.throwsAsync(refused, {instanceOf: RPCError});
	t.true(await type(client), 'it reads the next packet');
	t.is(server.log.find(call => call.method === 'messages.sendMessage')?.outcome, 'ok');
	t.is(message.state, 'pending');
	end();
	server.write({peer: 555, text: 'hello'});
	while (told.length === 0) await sleep(5);
	t.deepEqual(told, ['hello']);
	t.is(message.state, 'pending');
});

test('a call may take effect though its answer is lost', async t => {
	const {server, client} = await connected(t);
	server.fail({method, times: 1, outcome: 'hang', effect: true});
	void type(client);
	await server.next(method);
	t.is(server.chat(555).spans.length, 1);
});

test('an answer may come late; the action shows from the arrival of the call', async t => {
	const {server, client} = await connected(t);
	server.fail({method, times: 1, outcome: {latency: 300}});
	const answer = type(client);
	const call = await server.next(method);
	const watched = watch(answer);
	t.true(await client.invoke(new Api.messages.SetTyping({peer: 'me', action: new Api.SendMessageTypingAction()})), 'others overtake it');
	t.is(watched.state, 'pending');
	t.true(await answer);
	t.true(performance.now() - call.at >= 290);
	t.is(server.chat(555).spans[0]?.from, call.at);
});

test('a dropped connection: the client comes back and sends what was pending again', async t => {
	const {server, client} = await connected(t);
	server.fail({method, times: 1, outcome: 'hang'});
	const pending = type(client);
	await server.next(method);
	server.drop();
	t.deepEqual(server.transports, []);
	t.true(await pending);
	const [first, second] = server.log.filter(call => call.method === method);
	t.is(first?.outcome, 'hang');
	t.is(server.chat(555).spans[0]?.from, second?.at);
	t.deepEqual(server.transports, ['full']);
});

test('a message that is sent again after a dropped connection lands once', async t => {
	const {server, client} = await connected(t);
	server.fail({method: 'messages.sendMessage', times: 1, outcome: 'drop', effect: true});
	await t.throwsAsync(client.sendMessage('alice', {message: 'once'}), {message: /RANDOM_ID_DUPLICATE/});
	t.is(server.chat(555).messages.length, 1);
});

test('a call may drop its connection', async t => {
	const {server, client} = await connected(t, {transport: 'websocket'});
	server.fail({method, times: 1, outcome: 'drop'});
	t.true(await type(client), 'on the next connection');
	t.deepEqual(
		server.log.filter(call => call.method === method).map(({outcome}) => outcome),
		['drop', 'ok'],
	);
});

test('after a dropped connection the client is told of new messages again', async t => {
	const {server, client} = await connected(t);
	server.drop();
	const back = server.next('messages.setTyping');
	const typed = type(client);
	await back;
	await typed;
	const told = new Promise<Api.TypeUpdate>(resolve => {
		client.addEventHandler(update => update instanceof Api.UpdateNewMessage && resolve(update));
	});
	server.write({peer: 555, text: 'still there?'});
	t.is(((await told) as Api.UpdateNewMessage).message.className, 'Message');
});

test('latency: half of it passes before a call takes effect, half before its answer', async t => {
	const {server, client} = await connected(t);
	server.latency = 80;
	const start = performance.now();
	await type(client);
	const {at} = server.log.findLast(call => call.method === method)!;
	// Resolving @alice took a round of its own.
	t.true(at - start >= 80 + 38, `${at - start} ms`);
	t.true(performance.now() - at >= 38);
});
