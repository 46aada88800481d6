// oxlint-disable typescript/no-misused-promises -- GramJS awaits its handlers, though its types say nothing of it
import {withTyping} from '@auto-typing/gramjs';
import type {MtprotoServer} from '@auto-typing/simulator';
import test from 'ava';
import {Api, type TelegramClient} from 'telegram';
import {NewMessage} from 'telegram/events/index.js';
import {assertQuiet, heard, install, isCancel, isMessage, isTyping, seen, story, until, wait, world, type Event} from './gramjs-harness.ts';

const alice = 555;

test('between two sockets GramJS loses nothing it is handed, typing call or message', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w, {delay: 0});
	let isAnswered = false;
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		server.drop();
		await betweenSockets(client);
		// GramJS still takes the first call from its queue, and no other: of its own accord it forgets the messages.
		void client.invoke(new Api.messages.SetTyping({peer: new Api.InputPeerSelf(), action: new Api.SendMessageTypingAction()}));
		await wait(50);
		await Promise.all(['one', 'two'].map(async message => event.message.respond({message})));
		isAnswered = true;
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await until(() => isAnswered);
	t.deepEqual(
		server.log.filter(isMessage).map(({payload}) => payload['message']),
		['one', 'two'],
	);
	await assertQuiet(t, server, alice);
});

test('a cancel that is owed between two sockets goes out with the first packet of the new one', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w, {delay: 0});
	let before = Infinity;
	client.addEventHandler(async () => {
		await seen(server, isTyping);
		before = server.log.length;
		server.drop();
		await betweenSockets(client);
		void client.invoke(new Api.updates.GetState()); // Takes the only place there is.
		await wait(50);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await until(() => server.log.length > before);
	await until(() => server.log.some(({method}) => method === 'updates.getState'));
	t.true(server.log.slice(before, before + 3).some(isCancel), story(server, alice).join(', '));
	await assertQuiet(t, server, alice);
});

/** Resolves once the client has heard that its socket is gone; it connects anew a second later. */
async function betweenSockets(client: TelegramClient): Promise<void> {
	await until(() => {
		const {_sender: sender} = client;
		return sender!.isReconnecting;
	});
}

/** The socket goes in the middle of the work, with a typing call in flight. */
async function dropInFlight(server: MtprotoServer): Promise<void> {
	const pardon = server.fail({method: 'messages.setTyping', outcome: 'hang', effect: true});
	const before = server.log.filter(isTyping).length;
	await seen(server, isTyping, before + 1);
	server.drop();
	pardon();
}

for (const transport of ['tcp', 'ws'] as const) {
	test(`over ${transport}, the socket drops in the middle of the work: up again after, and nothing stale`, async t => {
		const w = await world(t, {transport});
		const {server, client} = w;
		install(w, {interval: 900});
		client.addEventHandler(async () => {
			await dropInFlight(server);
			const before = server.log.filter(isTyping).length;
			await seen(server, isTyping, before + 2);
		}, new NewMessage({}));
		server.write({peer: alice, text: 'work'});
		await seen(server, isCancel);
		await wait(1500); // For what GramJS still has to send again.
		await assertQuiet(t, server, alice);
		t.deepEqual(w.caught, []);
	});

	test(`over ${transport}, the socket drops and the work ends before it is back: what was in flight is not sent again, the cancel is`, async t => {
		const w = await world(t, {transport});
		const {server, client} = w;
		install(w, {interval: 900});
		let sent = Infinity;
		client.addEventHandler(async () => {
			await dropInFlight(server);
			sent = server.log.length;
		}, new NewMessage({}));
		server.write({peer: alice, text: 'work'});
		await until(() => server.log.slice(sent).some(isCancel));
		await client.invoke(new Api.updates.GetState()); // Behind whatever is sent again.
		t.false(server.log.slice(sent).some(isTyping), story(server, alice).join(', '));
		await assertQuiet(t, server, alice);
	});
}

test('what was given up and taken down long ago is not sent again when the socket drops, nor is a cancel', async t => {
	const w = await world(t);
	const {server, client} = w;
	const typing = install(w, {interval: 900});
	server.fail({method: 'messages.setTyping', outcome: 'hang', effect: true, times: 2});
	client.addEventHandler(async () => seen(server, isTyping), new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel, 2); // The first of them hung, too, and was given up.
	await typing.close();
	const before = server.log.length;
	server.drop();
	await betweenSockets(client);
	await client.invoke(new Api.updates.GetState());
	t.false(
		server.log.slice(before).some(({method}) => method === 'messages.setTyping'),
		story(server, alice).join(', '),
	);
	await assertQuiet(t, server, alice);
});

test('a typing call that disconnect() overtakes is not sent after the next connect()', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	let isOver = false;
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		const {_sender: sender} = client as unknown as {readonly _sender: {addStateToQueue(state: unknown): void}};
		const disconnected = new Promise<void>((resolve, reject) => {
			const add = sender.addStateToQueue.bind(sender);
			sender.addStateToQueue = state => {
				sender.addStateToQueue = add;
				add(state);
				client.disconnect().then(resolve, reject); // Before GramJS has looked into its queue.
			};
		});
		event.typing.action = 'record_voice';
		await disconnected;
		isOver = true;
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await until(() => isOver);
	await until(() => w.events.some(({type}) => type === 'end'));
	const before = server.log.length;
	await client.connect();
	await client.invoke(new Api.updates.GetState()); // Behind whatever is sent again.
	t.false(server.log.slice(before).some(isTyping), story(server, alice).join(', '));
});

test('disconnect() in the middle of the work: the handler ends as it would, and nothing hangs', async t => {
	const w = await world(t);
	const {server, client} = w;
	const typing = install(w, {interval: 900});
	let result: unknown;
	const handler = withTyping(
		async () => {
			server.fail({method: 'messages.setTyping', outcome: 'hang'});
			await seen(server, isTyping, 2);
			await client.disconnect();
			await wait(1500); // A beat that can't be sent.
			return 'done';
		},
		heard(w, {interval: 900}),
	);
	client.addEventHandler(async (event: Event) => void (result = await handler(event)), new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await until(() => result !== undefined);
	t.is(result, 'done');
	t.deepEqual(w.caught, []);
	const from = performance.now();
	await typing.close();
	t.true(performance.now() - from < 6000);
	t.true(server.log.filter(isTyping).length <= 3);
});
