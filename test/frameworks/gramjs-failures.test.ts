// oxlint-disable typescript/no-misused-promises -- GramJS awaits its handlers, though its types say nothing of it
import test from 'ava';
import {Api} from 'telegram';
import {NewMessage} from 'telegram/events/index.js';
import {returnBigInt} from 'telegram/Helpers.js';
import {
	assertNoKey,
	assertQuiet,
	install,
	isCancel,
	isMessage,
	isTyping,
	seen,
	story,
	until,
	wait,
	world,
	type Event,
} from './gramjs-harness.ts';

const alice = 555;
const bob = 556;

test('403 in the middle of the work: typing ends, the handler hears of it and goes on', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	let reason: unknown;
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		server.fail({method: 'messages.setTyping', outcome: {message: 'CHAT_WRITE_FORBIDDEN', code: 403}});
		await until(() => event.typing.signal.aborted);
		({reason} = event.typing.signal);
		await wait(700); // Time for another try.
		await event.message.respond({message: 'done'});
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isMessage);
	t.is((reason as {errorMessage?: string}).errorMessage, 'CHAT_WRITE_FORBIDDEN');
	t.is(server.chat(alice).refused.filter(isTyping).length, 1, 'it was not asked again');
	t.is(w.errors.length, 1);
	t.deepEqual(w.caught, []);
	t.true(w.events.some(({type}) => type === 'failure'));
	assertNoKey(t, w, w.errors, w.events, [w.errors[0], reason]);
});

const refusals = {
	'give-up': [
		'CHANNEL_INVALID',
		'CHAT_ADMIN_REQUIRED',
		'CHAT_ID_INVALID',
		'GROUPCALL_FORBIDDEN',
		'PEER_ID_INVALID',
		'USER_IS_BOT',
		'MSG_ID_INVALID',
	],
	gone: ['CHANNEL_PRIVATE', 'CHAT_WRITE_FORBIDDEN', 'INPUT_USER_DEACTIVATED', 'USER_BANNED_IN_CHANNEL', 'USER_IS_BLOCKED'],
	revoked: ['AUTH_KEY_DUPLICATED', 'AUTH_KEY_UNREGISTERED', 'SESSION_REVOKED', 'USER_DEACTIVATED', 'USER_DEACTIVATED_BAN'],
} as const;

for (const [failure, messages] of Object.entries(refusals)) {
	for (const message of messages) {
		test(`${message}, as GramJS tells it, is ${failure}: one call, and the handler ${failure === 'gone' ? 'hears of it' : 'works on'}`, async t => {
			const w = await world(t);
			const {server, client} = w;
			install(w);
			server.fail({method: 'messages.setTyping', outcome: {message}});
			let aborted: boolean | undefined;
			client.addEventHandler(async (event: Event) => {
				await until(() => w.errors.length > 0);
				await wait(700); // What is worth another try is tried again after 250 ms.
				({aborted} = event.typing.signal);
			}, new NewMessage({}));
			server.write({peer: alice, text: 'work'});
			await until(() => aborted !== undefined);
			t.is(server.chat(alice).calls, 1);
			t.is(aborted, failure === 'gone');
			t.like(
				w.events.find(({type}) => type === 'failure'),
				{failure},
			);
			server.write({peer: bob, text: 'work'});
			await (failure === 'revoked' ? wait(300) : seen(server, ({peer}) => peer === bob));
			t.is(server.chat(bob).calls, failure === 'revoked' ? 0 : 1);
			t.deepEqual(w.caught, []);
		});
	}
}

test('MSG_ID_INVALID in a topic: once more without it', async t => {
	const forum = -1_000_000_001_234;
	const w = await world(t, {peers: [{id: forum, topics: [43]}]});
	const {server, client} = w;
	install(w);
	client.addEventHandler(async () => seen(server, call => isTyping(call) && call.effect), new NewMessage({}));
	// A topic that was deleted in the meantime.
	server.write({
		peer: forum,
		from: alice,
		text: 'work',
		fields: {reply_to: {_: 'messageReplyHeader', forum_topic: true, reply_to_msg_id: 99}},
	});
	await seen(server, isCancel);
	t.deepEqual(
		server.log.filter(isTyping).map(({payload}) => payload['top_msg_id']),
		[99, undefined],
	);
	await assertQuiet(t, server, forum, 1);
});

test('FLOOD_WAIT_3 is obeyed by the engine, not slept on by GramJS: one call, 3 s of silence, and then it is up again', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	const pardon = server.fail({method: 'messages.setTyping', outcome: {message: 'FLOOD_WAIT_3', code: 420}});
	client.addEventHandler(async () => {
		await seen(server, isTyping);
		pardon();
		await seen(server, call => isTyping(call) && call.effect);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel);
	const [refused, next] = server.log.filter(isTyping);
	t.true(next!.at - refused!.at >= 3000, `after ${next!.at - refused!.at} ms`);
	t.true(next!.at - refused!.at < 5000, `after ${next!.at - refused!.at} ms`);
	await assertQuiet(t, server, alice);
});

test('FLOOD_WAIT_30: silence, in that chat only, for a handler that goes on as if nothing were; nothing is sent when it is over', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	server.fail({method: 'messages.setTyping', peer: alice, outcome: {message: 'FLOOD_WAIT_30', code: 420}});
	client.addEventHandler(async (event: Event) => {
		await seen(server, ({peer}) => peer === Number(event.chatId));
		await wait(4000); // GramJS would be asleep, and the engine's deadline over.
		await event.message.respond({message: 'done'});
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	server.write({peer: bob, text: 'work'});
	await seen(server, isMessage, 2);
	t.is(server.chat(alice).calls, 1);
	t.is(server.chat(bob).spans.length, 1);
	t.false(
		server.log.some(call => call.peer === alice && isCancel(call)),
		'there is nothing to take down',
	);
	await assertQuiet(t, server, bob);
});

test('a service with trouble of its own is asked again while somebody works, and GramJS sends nothing on its own account', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	server.fail({method: 'messages.setTyping', outcome: {message: 'RPC_CALL_FAIL', code: 500}, times: 1});
	client.addEventHandler(async () => {
		await seen(server, call => isTyping(call) && call.effect);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel);
	await wait(2500); // After that GramJS would have come back.
	t.is(server.chat(alice).calls, 2);
	await assertQuiet(t, server, alice);
});

test('trouble of the service is heard of when it comes, not after the 2 s that GramJS sleeps on it', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	server.fail({method: 'messages.setTyping', outcome: {message: 'RPC_CALL_FAIL', code: 500}, times: 1});
	let heard: unknown;
	client.addEventHandler(async () => {
		await until(() => w.errors.length > 0);
		[heard] = w.errors;
		await seen(server, call => isTyping(call) && call.effect);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel);
	t.is((heard as {errorMessage?: string}).errorMessage, 'RPC_CALL_FAIL');
	await assertQuiet(t, server, alice);
});

test('a service that never answers typing holds up no handler, no reply, no close; and what arrived is taken down', async t => {
	const w = await world(t);
	const {server, client} = w;
	const typing = install(w, {interval: 4500});
	server.fail({method: 'messages.setTyping', outcome: 'hang', effect: true});
	let givenUp = Number.NaN;
	let replied = Number.NaN;
	let returned = Number.NaN;
	client.addEventHandler(async (event: Event) => {
		givenUp = w.errors.length;
		await seen(server, isTyping, 2);
		const from = performance.now();
		await event.message.respond({message: 'done'});
		replied = performance.now() - from;
		returned = performance.now();
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await until(() => returned > 0);
	t.is(givenUp, 0, 'the handler began before any call was given up');
	t.true(replied < 1900, `the reply took ${replied} ms: 300 are for what is in flight`);
	const from = performance.now();
	await typing.close();
	t.true(performance.now() - from < 6000);
	t.deepEqual(w.caught, []);
	await assertQuiet(t, server, alice);
});

test('the answer to a message never comes: its chat is not dark for ever, and neither are those of later updates', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	server.fail({method: 'messages.sendMessage', outcome: 'hang', times: 1});
	client.addEventHandler(async (event: Event) => {
		if (event.message.text === 'lost') {
			void event.message.respond({message: 'never heard of again'});
			await seen(server, isTyping);
		}

		await wait(200);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'lost'});
	await seen(server, isTyping);
	t.true(server.log.filter(isTyping)[0]!.at - server.log.find(isMessage)!.at > 5000);
});

test('while GramJS sleeps on a message that was refused for its rate, the chat sees that somebody works', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w, {interval: 900});
	server.fail({method: 'messages.sendMessage', outcome: {message: 'FLOOD_WAIT_3', code: 420}, times: 1});
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		await event.message.respond({message: 'done'});
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isMessage, 2);
	t.deepEqual(story(server, alice), ['typing', 'sendMessage', 'typing', 'sendMessage']);
	t.is(server.chat(alice).spans.length, 1, 'all along');
	t.deepEqual(w.errors, []);
	await assertQuiet(t, server, alice);
});

test('a typing call that is refused costs no message its answer, though both come in one packet', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w, {delay: 0});
	let answered = false;
	client.addEventHandler(async () => {
		await seen(server, isTyping);
		// GramJS puts what is sent at one moment into one packet, and the server what it has to say at one moment.
		server.fail({method: 'messages.setTyping', times: 1, outcome: {message: 'USER_IS_BLOCKED', code: 403}});
		const refused = client.invoke(new Api.messages.SetTyping({peer: new Api.InputPeerSelf(), action: new Api.SendMessageTypingAction()}));
		const landed = client.invoke(new Api.messages.SendMessage({peer: new Api.InputPeerSelf(), message: 'x', randomId: returnBigInt(1)}));
		await t.throwsAsync(refused);
		await landed;
		answered = true;
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await until(() => answered);
	t.deepEqual(w.caught, []);
});

test('a typing call that is answered long after it was given up is taken down again', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w, {interval: 900});
	server.fail({method: 'messages.setTyping', outcome: {latency: 1500}, times: 1});
	client.addEventHandler(async () => seen(server, isTyping), new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel, 2);
	await assertQuiet(t, server, alice);
});

for (const [who, bot, method] of [
	['a person', false, 'messages.getDialogs'],
	['a bot', true, 'users.getUsers'],
] as const) {
	test(`what waits for GramJS to find the chat is not sent when the handler of ${who} is over`, async t => {
		const w = await world(t, {bot});
		const {server, client} = w;
		install(w);
		await client.getMe(true);
		server.fail({method, outcome: {latency: 1000}});
		client.addEventHandler(async () => wait(300), new NewMessage({}));
		const before = server.log.length;
		server.write({peer: alice, text: 'hello', short: true});
		await until(() => server.log.slice(before).some(call => call.method === method));
		await wait(1800);
		t.false(story(server, alice).includes('typing'));
	});
}
