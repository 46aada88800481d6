import {randomBytes} from 'node:crypto';
import test from 'ava';
import {Api, type TelegramClient} from 'telegram';
import {CustomFile} from 'telegram/client/uploads.js';
import {NewMessage, Raw, type NewMessageEvent} from 'telegram/events/index.js';
import {clientOf, connected, type Transport} from './gramjs.ts';

const typing = new Api.SendMessageTypingAction();
const group = -5;
const forum = -1_001_234_567_043;
const channel = -1_001_234_567_044;
const peers = [
	{id: 555, username: 'alice', first_name: 'Alice'},
	{id: group, title: 'Group'},
	{id: forum, title: 'Forum', topics: [43, 44]},
	{id: channel, title: 'Channel', broadcast: true},
];

/** The next message the client is told of. */
async function told(client: TelegramClient): Promise<NewMessageEvent> {
	return new Promise(resolve => {
		const event = new NewMessage({});
		const handler = (message: NewMessageEvent) => {
			client.removeEventHandler(handler, event);
			resolve(message);
		};

		client.addEventHandler(handler, event);
	});
}

const transports = {full: 'full', abridged: 'abridged', obfuscated: 'obfuscated abridged', websocket: 'obfuscated abridged'};

for (const [transport, name] of Object.entries(transports) as Array<[Transport, string]>) {
	test(`${transport}: connects with a shared key, is told of a message, types and answers`, async t => {
		const {server, client} = await connected(t, {transport});
		t.deepEqual(server.transports, [name]);
		t.is((await client.getMe()).username, 'typist');
		const event = told(client);
		server.write({peer: 555, text: 'hello'});
		const {message} = await event;
		t.is(message.message, 'hello');
		const peer = (await message.getInputChat())!;
		t.true(await client.invoke(new Api.messages.SetTyping({peer, action: typing})));
		const answer = await client.sendMessage(peer, {message: 'x'.repeat(4000)});
		t.is(answer.message.length, 4000);
		const {spans, messages} = server.chat(555);
		t.is(spans.length, 1);
		t.is(spans[0]?.action, 'sendMessageTypingAction');
		t.is(spans[0]?.to, messages[0]!.at);
		t.is(messages[0]?.method, 'messages.sendMessage');
	});
}

test('a person logs out with a session string, and in again with another', async t => {
	const {server, client} = await connected(t);
	t.true(await client.isUserAuthorized());
	await client.invoke(new Api.auth.LogOut());
	t.false(await client.isUserAuthorized());
	const again = await clientOf(t, server);
	await again.connect();
	t.true(await again.isUserAuthorized());
});

test('every action comes as it was sent, with its fields', async t => {
	const {server, client} = await connected(t);
	const interaction = new Api.DataJSON({data: '{"v":1,"a":[]}'});
	const actions = [
		new Api.SendMessageTypingAction(),
		new Api.SendMessageRecordVideoAction(),
		new Api.SendMessageUploadVideoAction({progress: 40}),
		new Api.SendMessageRecordAudioAction(),
		new Api.SendMessageUploadAudioAction({progress: 41}),
		new Api.SendMessageUploadPhotoAction({progress: 42}),
		new Api.SendMessageUploadDocumentAction({progress: 43}),
		new Api.SendMessageGeoLocationAction(),
		new Api.SendMessageChooseContactAction(),
		new Api.SendMessageGamePlayAction(),
		new Api.SendMessageRecordRoundAction(),
		new Api.SendMessageUploadRoundAction({progress: 44}),
		new Api.SpeakingInGroupCallAction(),
		new Api.SendMessageHistoryImportAction({progress: 45}),
		new Api.SendMessageChooseStickerAction(),
		new Api.SendMessageEmojiInteraction({emoticon: '🎉', msgId: 1, interaction}),
		new Api.SendMessageEmojiInteractionSeen({emoticon: '🎉'}),
		new Api.SendMessageCancelAction(),
	];
	for (const action of actions) await client.invoke(new Api.messages.SetTyping({peer: 'alice', action}));
	const arrived = server.log.filter(({method}) => method === 'messages.setTyping').map(({payload}) => payload['action']);
	t.deepEqual(
		arrived.map(action => (action as {_: string})._.toLowerCase()),
		actions.map(({className}) => className.toLowerCase()),
	);
	t.deepEqual(
		arrived.map(action => (action as {progress?: number}).progress).filter(progress => progress !== undefined),
		[40, 41, 42, 43, 44, 45],
	);
	t.like(arrived[15], {emoticon: '🎉', msg_id: 1, interaction: {_: 'dataJSON', data: interaction.data}});
	t.is(server.chat(555).spans.length, 17);
	t.is(server.chat(555).spans.at(-1)?.to, server.log.at(-1)!.at, 'the last one was a cancel');
});

for (const bot of [false, true]) {
	const who = bot ? 'a bot' : 'a person';

	test(`${who} is told of messages in private, in a group, in a channel and in a topic, and can type there`, async t => {
		const {server, client} = await connected(t, {server: {account: {bot}, peers}});
		for (const [peer, topic] of [[555], [group], [channel], [forum], [forum, 43]] as Array<[number, number?]>) {
			const event = told(client);
			server.write({peer, from: 555, text: `in ${peer}`, ...(topic !== undefined && {topic})});
			const {chatId, message} = await event;
			t.is(String(chatId), String(peer));
			t.is(message.message, `in ${peer}`);
			const {replyTo} = message as {replyTo?: Api.MessageReplyHeader};
			t.is(replyTo?.forumTopic ? replyTo.replyToMsgId : undefined, topic);
			const target = (await message.getInputChat())!;
			await client.invoke(new Api.messages.SetTyping({peer: target, action: typing, ...(topic !== undefined && {topMsgId: topic})}));
			const view = server.chat(peer, topic === undefined ? {} : {topic});
			t.is(view.spans.length, 1);
			await message.respond({message: 'answer', ...(topic !== undefined && {replyTo: topic})});
			t.is(view.messages.length, 1);
			t.is(view.spans[0]?.to, view.messages[0]!.at);
		}

		t.is(server.chat(forum, {topic: 44}).calls, 0);
	});

	test(`${who} is told in short of somebody never seen`, async t => {
		const {server, client} = await connected(t, {server: {account: {bot}, peers}});
		for (const peer of [7, group]) {
			const event = told(client);
			server.write({peer, from: 7, text: 'psst', short: true});
			const {message} = await event;
			t.is(message.message, 'psst');
			const target = (await message.getInputChat()) ?? message.peerId;
			// Bots may not ask for the dialogues, and need no access hash; people need one, and find it there.
			await client.invoke(new Api.messages.SetTyping({peer: target, action: typing}));
			t.is(server.chat(peer).spans.length, 1);
		}
	});
}

test('an answer within a topic names the topic and the message', async t => {
	const {server, client} = await connected(t, {server: {peers}});
	const first = told(client);
	const {id} = server.write({peer: forum, from: 555, text: 'question', topic: 43});
	await first;
	const event = told(client);
	server.write({peer: forum, from: 555, text: 'still there?', topic: 43, replyTo: id as number});
	const {message} = await event;
	const header = message.replyTo as Api.MessageReplyHeader;
	t.like(header, {forumTopic: true, replyToMsgId: id, replyToTopId: 43});
	await message.reply({message: 'yes'});
	t.is(server.chat(forum, {topic: 43}).messages.length, 1);
});

test('media, albums, forwards and large files are messages once they are up', async t => {
	const {server, client} = await connected(t, {server: {peers}});
	const photo = new CustomFile('a.jpg', 3000, '', randomBytes(3000));
	const sent = await client.sendFile('alice', {file: photo, caption: 'look'});
	t.is(sent.message, 'look');
	t.true(sent.media instanceof Api.MessageMediaPhoto);
	const size = 11 * 2 ** 20;
	await client.sendFile('alice', {file: new CustomFile('a.bin', size, '', Buffer.alloc(size)), workers: 4});
	t.true(server.log.some(({method}) => method === 'upload.saveBigFilePart'));
	await client.sendFile('alice', {file: [photo, photo]});
	const {id} = server.write({peer: 555, text: 'forward me'});
	await client.forwardMessages(group, {messages: [id as number], fromPeer: 'alice'});
	t.deepEqual(
		server.chat(555).messages.map(({method}) => method),
		['messages.sendMedia', 'messages.sendMedia', 'messages.sendMultiMedia'],
	);
	t.deepEqual(
		server.chat(group).messages.map(({method}) => method),
		['messages.forwardMessages'],
	);
});

test('messages can be looked up', async t => {
	const {server, client} = await connected(t, {server: {peers}});
	const ids = [555, forum].map(peer => server.write({peer, from: 555, text: `in ${peer}`}).id as number);
	const [dialogue] = await client.getDialogs();
	t.truthy(dialogue);
	t.is((await client.getMessages('alice', {ids: [ids[0]!]}))[0]?.message, 'in 555');
	t.is((await client.getMessages(forum, {ids: [ids[1]!]}))[0]?.message, `in ${forum}`);
});

test('two clients of one account: the other one is told of what is sent', async t => {
	const {server, client} = await connected(t);
	const other = await clientOf(t, server);
	await other.connect();
	const event = told(other);
	let itself = 0;
	client.addEventHandler(() => itself++, new NewMessage({}));
	await client.sendMessage('alice', {message: 'from here'});
	const {message} = await event;
	t.true(message.out);
	t.is(message.message, 'from here');
	// Whatever else it was told of comes before the answer to its next call.
	await client.invoke(new Api.updates.GetState());
	t.is(itself, 0, 'the one that sent it knows');
});

test('any update can be pushed: somebody types', async t => {
	const {server, client} = await connected(t);
	const event = new Promise<Api.TypeUpdate>(resolve => {
		client.addEventHandler(resolve, new Raw({types: [Api.UpdateUserTyping]}));
	});
	server.service.push({_: 'updateUserTyping', user_id: 555, action: {_: 'sendMessageTypingAction'}}, [555]);
	const {userId, action} = (await event) as Api.UpdateUserTyping;
	t.is(String(userId), '555');
	t.is(action.className, 'SendMessageTypingAction');
});

test('several accounts on one server see their own', async t => {
	const {server, client} = await connected(t);
	const account = server.service.addAccount({id: 888, first_name: 'Second'});
	const second = await clientOf(t, server, {account});
	await second.connect();
	t.is(String((await second.getMe()).id), '888');
	await second.invoke(new Api.messages.SetTyping({peer: 'alice', action: typing}));
	t.is(server.chat(555).spans.length, 0);
	t.is(server.chat(555, {account}).spans.length, 1);
	await client.invoke(new Api.messages.SetTyping({peer: 'alice', action: typing}));
	t.is(server.chat(555).spans.length, 1);
	const heard: string[] = [];
	second.addEventHandler(({message}) => void heard.push(message.message), new NewMessage({}));
	const event = told(second);
	server.write({peer: 555, text: 'for the first'});
	server.service.write({peer: 555, text: 'for the second'}, account);
	await event;
	t.deepEqual(heard, ['for the second']);
});
