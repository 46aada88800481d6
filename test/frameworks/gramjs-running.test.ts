// oxlint-disable typescript/no-misused-promises -- GramJS awaits its handlers, though its types say nothing of it
import {withTyping, type TypingFlavor} from '@auto-typing/gramjs';
import test from 'ava';
import {Api} from 'telegram';
import {CustomFile} from 'telegram/client/uploads.js';
import {Album, type AlbumEvent} from 'telegram/events/Album.js';
import {CallbackQuery, type CallbackQueryEvent} from 'telegram/events/CallbackQuery.js';
import {DeletedMessage} from 'telegram/events/DeletedMessage.js';
import {EditedMessage} from 'telegram/events/EditedMessage.js';
import {NewMessage, Raw} from 'telegram/events/index.js';
import {
	assertQuiet,
	heard,
	install,
	isCancel,
	isMessage,
	isTyping,
	seen,
	seenAgain,
	story,
	until,
	wait,
	world,
	type Event,
} from './gramjs-harness.ts';

const alice = 555;
const forum = -1_000_000_001_234;

for (const transport of ['tcp', 'ws'] as const) {
	test(`over ${transport}, 11 s of work are one unbroken span that ends with the reply, and no call more than needed`, async t => {
		const {server, client} = await world(t, {transport, latency: 30});
		client.addEventHandler(
			withTyping(async event => {
				await wait(11_000);
				await event.message.respond({message: 'done'});
			}),
			new NewMessage({}),
		);
		server.write({peer: alice, text: 'work'});
		await seen(server, isMessage);
		const {spans, messages, calls} = server.chat(alice);
		t.is(spans.length, 1);
		t.true(Math.abs(spans[0]!.to - messages[0]!.at) < 1, 'it ends with the reply');
		t.true(spans[0]!.to - spans[0]!.from > 10_000);
		t.is(calls, 3);
		await assertQuiet(t, server, alice);
		t.deepEqual(story(server, alice), ['typing', 'sendMessage'], 'a message needs no cancel after it');
	});

	test(`over ${transport}, work without a reply ends with a cancel`, async t => {
		const {server, client} = await world(t, {transport});
		let endedAt = 0;
		client.addEventHandler(
			withTyping(
				async () => {
					await seen(server, isTyping, 3);
					endedAt = performance.now();
				},
				{delay: 20, interval: 900},
			),
			new NewMessage({}),
		);
		server.write({peer: alice, text: 'work'});
		await seen(server, isCancel);
		const {spans} = server.chat(alice);
		t.is(spans.length, 1);
		t.true(spans[0]!.to - endedAt < 2000, 'long before it would have run out');
		await assertQuiet(t, server, alice);
	});
}

test('an intermediate message clears it, and it comes back while work goes on', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		await event.message.respond({message: 'one moment'});
		await seen(server, isTyping, 2);
		await event.message.reply({message: 'done'});
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isMessage, 2);
	t.deepEqual(story(server, alice), ['typing', 'sendMessage', 'typing', 'sendMessage']);
	const {spans, messages} = server.chat(alice);
	t.is(spans.length, 2);
	t.true(spans[1]!.from > messages[0]!.at);
	await assertQuiet(t, server, alice);
});

test('a quick handler causes no call', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w, {delay: 200});
	client.addEventHandler(async (event: Event) => event.message.respond({message: 'pong'}), new NewMessage({}));
	server.write({peer: alice, text: 'ping'});
	await seen(server, isMessage);
	await wait(300);
	t.deepEqual(story(server, alice), ['sendMessage']);
});

test('two handlers at work in one chat: one indicator, up until the second is done', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w, {interval: 900});
	let working = 0;
	client.addEventHandler(async (event: Event) => {
		working++;
		await seen(server, isTyping);
		if (event.message.text === 'short') {
			return;
		}

		await until(() => working === 2 && server.log.filter(isTyping).length >= 3);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'long'});
	server.write({peer: alice, text: 'short'});
	await seen(server, isCancel);
	t.deepEqual(story(server, alice), ['typing', 'cancel']);
	const {spans} = server.chat(alice);
	t.is(spans.length, 1);
	t.true(server.chat(alice).calls <= Math.ceil((spans[0]!.to - spans[0]!.from) / 900) + 2, 'at the cost of one');
	await assertQuiet(t, server, alice);
});

test('two topics of a forum, and General: each has its own, and a reply ends that of its topic', async t => {
	const w = await world(t, {peers: [{id: forum, title: 'Forum', topics: [43, 44]}]});
	const {server, client} = w;
	install(w, {interval: 4500});
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping, 3);
		if (event.message.text === 'answer') {
			await event.message.reply({message: 'done'}); // Names the message, not the topic.
		}

		await seenAgain(server, forum, 43);
	}, new NewMessage({}));
	server.write({peer: forum, from: alice, topic: 43, text: 'answer'});
	server.write({peer: forum, from: alice, topic: 44, text: 'no answer'});
	server.write({peer: forum, from: alice, text: 'no answer'});
	await seen(server, isCancel, 3);
	t.deepEqual(story(server, forum, 44), ['typing', 'cancel']);
	t.deepEqual(story(server, forum, 1), ['typing', 'cancel']);
	t.deepEqual(story(server, forum, 43), ['typing', 'sendMessage', 'typing', 'cancel']);
	t.deepEqual(w.errors, []);
	for (const topic of [43, 44, 1]) {
		await assertQuiet(t, server, forum, topic);
	}
});

test('a topic with a thousand messages is still known by its own number', async t => {
	const w = await world(t, {peers: [{id: forum, title: 'Forum', topics: [43]}]});
	const {server, client} = w;
	install(w, {interval: 4500});
	const others = 999;
	let count = 0;
	client.addEventHandler(async (event: Event) => {
		count++;
		if (event.message.text === 'work') {
			await until(() => count > others);
			await seen(server, isTyping);
			await client.sendMessage(forum, {message: 'in between', replyTo: 43});
			await seenAgain(server, forum, 43);
		}
	}, new NewMessage({}));
	server.write({peer: forum, from: alice, topic: 43, text: 'work'});
	await seen(server, isTyping);
	for (let index = 0; index < others; index++) {
		server.write({peer: forum, from: alice, topic: 43, text: 'hello'});
	}

	await seen(server, isCancel);
	const [from, to] = server.chat(forum, {topic: 43}).spans.map(span => span.from);
	const {at} = server.log.find(isMessage)!;
	t.true(to! - at < 2000, `seen to take it down, it is back ${to! - at} ms later, ${at - from!} ms after it came`);
});

test('a thread of replies in a group without topics is no topic', async t => {
	const group = -1_000_000_000_777;
	const w = await world(t, {peers: [{id: group, title: 'Group'}]});
	const {server, client} = w;
	install(w);
	client.addEventHandler(async (event: Event) => seen(server, isTyping, event.message.text === 'first' ? 1 : 2), new NewMessage({}));
	const {id} = server.write({peer: group, from: alice, text: 'first'});
	await seen(server, isCancel);
	server.write({peer: group, from: alice, text: 'second', replyTo: Number(id)});
	await seen(server, isCancel, 2);
	t.true(server.log.filter(isTyping).every(({payload}) => payload['top_msg_id'] === undefined));
	t.deepEqual(w.errors, []);
});

for (const [where, peer] of [
	['a basic group', -77],
	['a supergroup', -1_000_000_000_777],
] as const) {
	for (const bot of [false, true]) {
		test(`${bot ? 'a bot' : 'a person'} in ${where}`, async t => {
			const w = await world(t, {bot, peers: [{id: peer, title: 'Chat'}]});
			const {server, client} = w;
			install(w);
			client.addEventHandler(async (event: Event) => {
				await seen(server, isTyping);
				await event.message.respond({message: 'done'});
			}, new NewMessage({}));
			server.write({peer, from: alice, text: 'work'});
			await seen(server, isMessage);
			t.deepEqual(story(server, peer), ['typing', 'sendMessage']);
			t.deepEqual(w.errors, []);
			await assertQuiet(t, server, peer);
		});
	}
}

test('a channel shows nobody typing: nothing is sent there, not even for a file, and its reader may go on', async t => {
	const news = -1_000_000_000_888;
	const w = await world(t, {peers: [{id: news, title: 'News', broadcast: true}]});
	const {server, client} = w;
	install(w, {delay: 0});
	// Who only reads a channel may not write there. That says nothing of the work on what is read.
	server.fail({method: 'messages.setTyping', outcome: {message: 'CHAT_WRITE_FORBIDDEN', code: 403}});
	let isDone = false;
	client.addEventHandler(async (event: Event) => {
		await client.sendFile(event.message.peerId, {file: new CustomFile('a.png', 9, '', Buffer.alloc(9))});
		await wait(50);
		t.false(event.typing.signal.aborted);
		isDone = true;
	}, new NewMessage({}));
	server.write({peer: news, text: 'news'});
	await until(() => isDone);
	t.deepEqual(story(server, news), ['sendMedia']);
	t.true(w.events.some(({type, reason}) => type === 'skip' && reason === 'unseen'));
	t.deepEqual(w.errors, []);
	t.deepEqual(w.caught, []);
});

for (const bot of [false, true]) {
	test(`${bot ? 'a bot' : 'a person'} and somebody the client has never seen: typing finds them, and the handler doesn't wait for that`, async t => {
		const w = await world(t, {bot, latency: 200});
		const {server, client} = w;
		let took = Number.NaN;
		const handler = withTyping(async () => seen(server, isTyping), heard(w));
		client.addEventHandler(
			withTyping(async (event: Event) => {
				const from = performance.now();
				const work = handler(event);
				took = performance.now() - from;
				await work;
			}, heard(w)),
			new NewMessage({}),
		);
		server.write({peer: alice, text: 'hello', short: true});
		await seen(server, isCancel);
		t.true(took < 100, `it began after ${took} ms`);
		t.deepEqual(story(server, alice), ['typing', 'cancel']);
		t.deepEqual(w.errors, []);
		t.is(
			server.log.some(({method}) => method === 'messages.getDialogs'),
			!bot,
			'a bot may not ask for dialogs',
		);
		await assertQuiet(t, server, alice);
	});
}

test('a basic group the client has never seen needs no look-up', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	client.addEventHandler(async () => seen(server, isTyping), new NewMessage({}));
	server.write({peer: -77, from: alice, text: 'hello', short: true});
	await seen(server, isCancel);
	t.deepEqual(story(server, -77), ['typing', 'cancel']);
	t.false(server.log.some(({method}) => method === 'messages.getDialogs'));
	t.deepEqual(w.errors, []);
});

test('edited messages, pressed buttons, albums and raw updates are seen working; a deletion is not', async t => {
	const w = await world(t, {bot: true, peers: [{id: forum, topics: [43]}]});
	const {server, client} = w;
	install(w);
	const worked: string[] = [];
	const work = (name: string) => async (event: object) => {
		const before = server.log.filter(isTyping).length;
		const {typing} = event as TypingFlavor;
		t.false(typing.ended);
		if (name === 'deleted') {
			await wait(100);
		} else {
			await seen(server, isTyping, before + 1);
		}

		worked.push(name);
	};
	client.addEventHandler(work('edited'), new EditedMessage({}));
	client.addEventHandler(work('deleted'), new DeletedMessage({}));
	client.addEventHandler(work('raw'), new Raw({types: [Api.UpdateNewScheduledMessage]}));
	client.addEventHandler(async (event: CallbackQueryEvent & TypingFlavor) => work('button')(event), new CallbackQuery({}));
	client.addEventHandler(async (event: AlbumEvent & TypingFlavor) => work('album')(event), new Album({}));
	const message = {
		_: 'message',
		id: 900,
		from_id: {_: 'peerUser', user_id: alice},
		peer_id: {_: 'peerUser', user_id: alice},
		date: 1,
		message: 'hello',
	};
	server.service.addPeer({id: alice});
	server.service.push({_: 'updateEditMessage', message, pts: 5, pts_count: 1}, [alice]);
	await until(() => worked.includes('edited'));
	server.service.push({_: 'updateDeleteMessages', messages: [900], pts: 6, pts_count: 1});
	await until(() => worked.includes('deleted'));
	server.service.push({_: 'updateNewScheduledMessage', message}, [alice]);
	await until(() => worked.includes('raw'));
	const query = {_: 'updateBotCallbackQuery', query_id: 1n, user_id: alice, peer: message.peer_id, msg_id: 900, chat_instance: 1n};
	server.service.push(query, [alice]);
	await until(() => worked.includes('button'));
	const grouped_id = 77n;
	server.write({peer: alice, text: 'one', fields: {grouped_id}});
	server.write({peer: alice, text: 'two', fields: {grouped_id}});
	await until(() => worked.includes('album'));
	await seen(server, isCancel, 4);
	t.deepEqual(w.errors, []);
	t.is(server.log.filter(isTyping).length, 4, 'one for each but the deletion');
	t.true(server.log.filter(isTyping).every(({peer}) => peer === alice));
	await assertQuiet(t, server, alice);
});

test('a button below a message of ours in a topic works in that topic', async t => {
	const w = await world(t, {bot: true, peers: [{id: forum, topics: [43]}]});
	const {server, client} = w;
	install(w);
	let asked: number | undefined;
	client.addEventHandler(async (event: Event) => {
		const question = await event.message.reply({message: 'Sure?'});
		asked = question!.id;
	}, new NewMessage({}));
	client.addEventHandler(async (_event: CallbackQueryEvent) => seen(server, isTyping), new CallbackQuery({}));
	server.write({peer: forum, from: alice, topic: 43, text: 'Delete it'});
	await until(() => asked !== undefined);
	const peer = {_: 'peerChannel', channel_id: 1234};
	server.service.push({_: 'updateBotCallbackQuery', query_id: 1n, user_id: alice, peer, msg_id: asked, chat_instance: 1n}, [alice, forum]);
	await seen(server, isCancel);
	t.deepEqual(story(server, forum, 43), ['sendMessage', 'typing', 'cancel']);
	t.deepEqual(w.errors, []);
});

test("a command one gives on another device of one's own is seen working", async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	client.addEventHandler(async () => seen(server, isTyping), new NewMessage({outgoing: true}));
	server.write({peer: alice, from: server.account, text: '.report', fields: {out: true}});
	await seen(server, isCancel);
	t.deepEqual(story(server, alice), ['typing', 'cancel']);
});

test('saved messages: a chat with oneself is one chat, by any name', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	client.addEventHandler(async () => {
		await seen(server, isTyping);
		await client.sendMessage('me', {message: 'noted'});
	}, new NewMessage({}));
	server.write({peer: server.account.id, from: server.account, text: 'note'});
	await seen(server, isMessage);
	t.deepEqual(story(server, server.account.id), ['typing', 'sendMessage']);
	await assertQuiet(t, server, server.account.id);
});
