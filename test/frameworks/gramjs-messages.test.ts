// oxlint-disable typescript/no-misused-promises -- GramJS awaits its handlers, though its types say nothing of it
import type {MtprotoCall} from '@auto-typing/simulator';
import test from 'ava';
import {Api} from 'telegram';
import {CustomFile} from 'telegram/client/uploads.js';
import {NewMessage} from 'telegram/events/index.js';
import {
	actionOf,
	assertQuiet,
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

const isPart = ({method}: MtprotoCall) => /^upload\.save(?:Big)?FilePart$/.test(method);
const isUpload = (call: MtprotoCall) => isTyping(call) && actionOf(call.payload).includes('Upload');
const progressOf = ({payload}: MtprotoCall) => (payload['action'] as {progress?: number}).progress;

/** So large that GramJS sends it in many parts. */
function film(name = 'film.mp4', parts = 8): CustomFile {
	const size = parts * 64 * 1024;
	return new CustomFile(name, size, '', Buffer.alloc(size, 7));
}

test('a file on its way shows as what it is, with a progress that moves; then the message ends it, and typing comes back', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w, {interval: 1200});
	server.fail({method: 'upload.saveFilePart', outcome: {latency: 800}});
	const told: number[] = [];
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		const progressCallback = (share: number) => void told.push(share);
		await client.sendFile(event.message.peerId, {file: film(), workers: 1, progressCallback});
		await seenAgain(server, alice);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel);
	t.deepEqual(story(server, alice), ['typing', 'uploadvideo', 'sendMedia', 'typing', 'cancel']);
	const shown = server.log.filter(isUpload).map(call => progressOf(call)!);
	t.is(shown[0], 0);
	t.true(shown.at(-1)! > 0 && shown.at(-1)! <= 100, shown.join(', '));
	t.deepEqual(
		shown,
		shown.toSorted((one, other) => one - other),
	);
	t.is(told.at(-1), 1, 'the callback of the user is called as ever');
	t.true(told.length > 3);
	const [, upload] = server.chat(alice).spans;
	t.true(upload!.from <= server.log.find(isPart)!.at + 800, 'from the first part');
	t.true(Math.abs(upload!.to - server.log.find(isMessage)!.at) < 1, 'until the message');
	await assertQuiet(t, server, alice);
});

test('the user can still end an upload by the mark on their callback', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	let error: unknown;
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		const progressCallback = Object.assign(() => void (progressCallback.isCanceled = true), {isCanceled: false});
		error = await client.sendFile(event.message.peerId, {file: film(), workers: 1, progressCallback}).catch((error: unknown) => error);
		await wait(200);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel);
	t.is((error as Error).message, 'USER_CANCELED');
	t.false(server.log.some(isMessage));
	await assertQuiet(t, server, alice);
});

for (const [name, parameters, action] of [
	['cat.png', {}, 'uploadphoto'],
	['cat.JPEG', {}, 'uploadphoto'],
	['cat.png', {forceDocument: true}, 'uploaddocument'],
	['film.mp4', {videoNote: true}, 'uploadround'],
	['song.mp3', {}, 'uploadaudio'],
	['note', {voiceNote: true}, 'uploadaudio'],
	['report.pdf', {}, 'uploaddocument'],
] as const) {
	test(`${name} with ${JSON.stringify(parameters)} shows ${action}`, async t => {
		const w = await world(t);
		const {server, client} = w;
		install(w);
		server.fail({method: 'upload.saveFilePart', outcome: {latency: 300}});
		client.addEventHandler(async (event: Event) => {
			await seen(server, isTyping);
			await client.sendFile(event.message.peerId, {file: film(name, 1), ...parameters});
		}, new NewMessage({}));
		server.write({peer: alice, text: 'work'});
		await seen(server, isMessage);
		t.deepEqual(story(server, alice), ['typing', action, 'sendMedia']);
		await assertQuiet(t, server, alice);
	});
}

test('sendMessage with a file, and a reply with one in a topic', async t => {
	const w = await world(t, {peers: [{id: forum, topics: [43]}]});
	const {server, client} = w;
	install(w);
	server.fail({method: 'upload.saveFilePart', outcome: {latency: 300}});
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		await event.message.reply({message: 'here', file: film('report.pdf', 1)});
	}, new NewMessage({}));
	server.write({peer: forum, from: alice, topic: 43, text: 'work'});
	await seen(server, isMessage);
	t.deepEqual(story(server, forum, 43), ['typing', 'uploaddocument', 'sendMedia']);
	await assertQuiet(t, server, forum, 43);
});

test('what the service has already, or fetches by itself, is no upload', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	client.addEventHandler(async (event: Event) => {
		const {peerId} = event.message;
		await seen(server, isTyping);
		const file = await client.uploadFile({file: film('report.pdf', 1), workers: 1});
		await client.sendFile(peerId, {file});
		await client.sendFile(peerId, {file: 'https://files.example/cat.jpg'});
		await client.sendFile(peerId, {file: new Api.InputMediaDice({emoticon: '🎲'})});
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isMessage, 3);
	t.false(server.log.some(isUpload));
	await assertQuiet(t, server, alice);
});

test('an upload where nobody is seen working shows nothing', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	let isKnown = false;
	client.addEventHandler(() => void (isKnown = true), new NewMessage({}));
	server.write({peer: alice, text: 'hello'});
	await until(() => isKnown);
	await client.sendFile(alice, {file: film('report.pdf', 2)});
	t.deepEqual(story(server, alice), ['sendMedia']);
});

test('an album is one upload that moves from file to file, and one message', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w, {interval: 1200});
	server.fail({method: 'upload.saveFilePart', outcome: {latency: 1300}});
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		await client.sendFile(event.message.peerId, {file: [film('1.png', 1), film('2.png', 1), film('3.png', 1)], caption: 'Look'});
		await seenAgain(server, alice);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel);
	t.deepEqual(story(server, alice), ['typing', 'uploadphoto', 'sendMultiMedia', 'typing', 'cancel']);
	const shown = server.log.filter(isUpload).map(call => progressOf(call)!);
	t.deepEqual(
		shown.filter(share => ![0, 33, 67, 100].includes(share)),
		[],
	);
	t.true(shown.includes(33) || shown.includes(67), shown.join(', '));
	t.deepEqual(
		shown,
		shown.toSorted((one, other) => one - other),
	);
	await assertQuiet(t, server, alice);
});

test('a failed upload clears nothing, and typing is back', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	server.fail({method: 'messages.sendMedia', outcome: {message: 'MEDIA_INVALID', code: 400}, times: 1});
	let error: unknown;
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		error = await client.sendFile(event.message.peerId, {file: film('cat.png', 2)}).catch((error: unknown) => error);
		const before = server.log.filter(isTyping).length;
		await seen(server, isTyping, before + 1);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel);
	t.is((error as {errorMessage?: string}).errorMessage, 'MEDIA_INVALID');
	t.is(story(server, alice).at(-2), 'typing');
	t.is(server.chat(alice).dark(server.chat(alice).spans[0]!.from, server.chat(alice).spans.at(-1)!.to).length, 0);
});

test('forwards clear the chat they go to, not the one they come from', async t => {
	const bob = 556;
	const w = await world(t, {peers: [{id: bob, username: 'bobby'}]});
	const {server, client} = w;
	install(w);
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping, 2);
		if (event.message.text === 'forward me') {
			await event.message.forwardTo('bobby');
		}

		await seenAgain(server, bob);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'forward me'});
	server.write({peer: bob, text: 'hello'});
	await seen(server, isCancel, 2);
	t.deepEqual(story(server, alice), ['typing', 'cancel']);
	t.deepEqual(story(server, bob), ['typing', 'forwardMessages', 'typing', 'cancel']);
});

test('a raw request clears as well, by whatever name its chat has; one for later does not', async t => {
	const w = await world(t, {peers: [{id: alice, username: 'alice'}]});
	const {server, client} = w;
	install(w);
	client.addEventHandler(async () => {
		await seen(server, isTyping);
		await client.invoke(new Api.messages.SendMessage({peer: '@alice', message: 'now'}));
		await seen(server, isTyping, 2);
		const scheduleDate = Math.floor(Date.now() / 1000) + 3600;
		await client.invoke(new Api.messages.SendMessage({peer: alice, message: 'later', scheduleDate}));
		await seen(server, isTyping, 3);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel);
	const messages = w.events.filter(({type, reason}) => type === 'send' && reason === 'return');
	t.is(messages.length, 1, 'it came back after the first message only');
});

test('a request with a chat that is none fails as it does without us', async t => {
	const w = await world(t);
	const {server, client} = w;
	install(w);
	const send = async (peer: unknown) =>
		client.invoke(new Api.messages.SendMessage({peer: peer as string, message: 'hello'})).then(
			() => 'sent',
			(error: Error) => error.message.split('\n')[0],
		);
	t.regex((await send('@nobody_at_all'))!, /nobody_at_all/);
	t.regex((await send(undefined))!, /undefined|cast/i);
	await t.throwsAsync(client.sendFile('@nobody_at_all', {file: film()}), {message: /nobody_at_all/});
	await t.throwsAsync(async () => client.sendFile(alice, {} as never), {message: /file/});
	t.deepEqual(server.log.filter(isMessage), []);
});

test('messages keep their order, and what they return', async t => {
	const w = await world(t, {latency: 50});
	const {server, client} = w;
	install(w, {interval: 300});
	let ids: number[] = [];
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		const sent = await Promise.all(['1', '2', '3'].map(async message => event.message.respond({message})));
		ids = sent.map(message => message!.id);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await until(() => ids.length > 0);
	t.deepEqual(
		server.log.filter(isMessage).map(({payload}) => payload['message']),
		['1', '2', '3'],
	);
	t.deepEqual(
		ids,
		ids.toSorted((one, other) => one - other),
	);
	await assertQuiet(t, server, alice);
});
