import {MtprotoService, RpcError, type MtprotoServiceOptions, type Pushed} from '@auto-typing/simulator';
import test, {type ExecutionContext} from 'ava';

const typing = {_: 'sendMessageTypingAction'};
const cancel = {_: 'sendMessageCancelAction'};
const forum = -1_000_000_000_043;

/** The service without a wire, and a function that calls it. */
function serve(options?: MtprotoServiceOptions) {
	const service = new MtprotoService({peers: [{id: 555, username: 'alice'}, {id: -5}, {id: forum, topics: [43, 44]}], ...options});
	const caller = {account: service.account};
	const call = async (method: string, payload: object) => service.call({caller, method, payload: payload as Record<string, unknown>});
	return {service, caller, call};
}

async function refused(t: ExecutionContext, answer: Promise<object>, message: string, code = 400) {
	const {error} = (await answer) as {error: RpcError};
	t.true(error instanceof RpcError);
	t.like(error, {message, code});
}

test('an action shows for six seconds from its arrival', async t => {
	const {service, call} = serve();
	t.deepEqual(await call('messages.setTyping', {peer: 555, action: typing}), {result: true});
	const {at} = service.log[0]!;
	t.deepEqual(service.chat(555).spans, [{from: at, to: at + 6000, action: 'sendMessageTypingAction'}]);
	t.like(service.log[0], {method: 'messages.setTyping', peer: 555, topic: undefined, outcome: 'ok', refused: false});
});

test('a cancel ends it and is no message; a message ends it too', async t => {
	const {service, call} = serve();
	for (const [end, payload] of [
		['messages.setTyping', {peer: 555, action: cancel}],
		['messages.sendMessage', {peer: 555, message: 'done', random_id: 1}],
	] as const) {
		await call('messages.setTyping', {peer: 555, action: {_: 'sendMessageUploadVideoAction', progress: 40}});
		await call(end, payload);
		t.is(service.chat(555).spans.at(-1)?.to, service.log.at(-1)!.at);
	}

	t.deepEqual(
		service.chat(555).messages.map(({method}) => method),
		['messages.sendMessage'],
	);
});

test('a peer is an id, a name, me, or what the schema calls one', async t => {
	const {service, call} = serve();
	for (const peer of [555, '555', '@alice', 'Alice', {_: 'peerUser', user_id: 555}]) {
		t.deepEqual(await call('messages.setTyping', {peer, action: typing}), {result: true});
	}

	t.is(service.chat(555).calls, 5);
	await call('messages.setTyping', {peer: 'me', action: typing});
	t.is(service.log.at(-1)?.peer, service.account.id);
	for (const peer of [-5, '-5', {_: 'inputPeerChat', chat_id: 5}]) await call('messages.setTyping', {peer, action: typing});
	t.is(service.chat(-5).calls, 3);
});

test('a forum shows an action in its own topic, or in General', async t => {
	const {service, call} = serve();
	await call('messages.setTyping', {peer: forum, action: typing, top_msg_id: 43});
	await call('messages.setTyping', {peer: forum, action: typing});
	await call('messages.sendMessage', {peer: forum, message: 'x', reply_to: {_: 'inputReplyToMessage', reply_to_msg_id: 43}});
	const [, , end] = service.log;
	t.is(service.chat(forum, {topic: 43}).spans[0]?.to, end!.at);
	t.true(service.chat(forum).spans[0]!.to > end!.at);
	t.is(service.chat(forum, {topic: 44}).calls, 0);
	await refused(t, call('messages.setTyping', {peer: forum, action: typing, top_msg_id: 9}), 'MSG_ID_INVALID');
	// In a forum 1 is General; elsewhere there are no topics at all.
	t.deepEqual(await call('messages.setTyping', {peer: forum, action: typing, top_msg_id: 1}), {result: true});
	for (const id of [1, 43]) await refused(t, call('messages.setTyping', {peer: 555, action: typing, top_msg_id: id}), 'MSG_ID_INVALID');
});

test('a message belongs to the topic of the message it answers', async t => {
	const {service, call} = serve();
	const {id} = service.write({peer: forum, from: 555, text: 'hello', topic: 44});
	await call('messages.sendMessage', {peer: forum, message: 'x', reply_to: {_: 'inputReplyToMessage', reply_to_msg_id: id}});
	t.is(service.chat(forum, {topic: 44}).messages.length, 1);
});

test('what does not exist is refused, and shows nothing', async t => {
	const {service, call} = serve();
	await refused(t, call('messages.setTyping', {peer: 556, action: typing}), 'PEER_ID_INVALID');
	await refused(t, call('messages.setTyping', {peer: '@bob', action: typing}), 'USERNAME_NOT_OCCUPIED');
	await refused(t, call('messages.setTyping', {peer: -1_000_000_000_001, action: typing}), 'CHANNEL_INVALID');
	await refused(t, call('messages.setTyping', {peer: 555, action: {_: 'sendMessageNoAction'}}), 'INPUT_CONSTRUCTOR_INVALID');
	await refused(t, call('messages.noMethod', {}), 'INPUT_METHOD_INVALID');
	await refused(t, call('messages.sendMessage', {peer: 555, message: ' '}), 'MESSAGE_EMPTY');
	const stranger = service.call({caller: {account: undefined}, method: 'messages.setTyping', payload: {peer: 555, action: typing}});
	await refused(t, stranger, 'AUTH_KEY_UNREGISTERED', 401);
	t.is(service.chat(555).spans.length, 0);
	t.is(service.log.length, 7);
});

test('an access hash that is not the right one is refused', async t => {
	const {call} = serve();
	const [user] = ((await call('users.getUsers', {id: [555]})) as {result: Array<{access_hash: string}>}).result;
	const peer = {_: 'inputPeerUser', user_id: 555};
	t.deepEqual(await call('messages.setTyping', {peer: {...peer, access_hash: user!.access_hash}, action: typing}), {result: true});
	await refused(t, call('messages.setTyping', {peer: {...peer, access_hash: '1'}, action: typing}), 'PEER_ID_INVALID');
	// A bot may leave out that of a person, and nobody else may.
	await refused(t, call('messages.setTyping', {peer: {...peer, access_hash: 0}, action: typing}), 'PEER_ID_INVALID');
	const bot = serve({account: {bot: true}, peers: [{id: 555}, {id: 556, bot: true}]});
	t.deepEqual(await bot.call('messages.setTyping', {peer: {...peer, access_hash: 0}, action: typing}), {result: true});
	await refused(t, bot.call('messages.setTyping', {peer: 556, action: typing}), 'USER_IS_BOT');
	await refused(t, bot.call('messages.getDialogs', {}), 'BOT_METHOD_INVALID');
});

test('fail: the next call of a method in a chat, every call, and until it is ended', async t => {
	const {service, call} = serve();
	service.fail({method: 'messages.setTyping', peer: 555, times: 1, outcome: {message: 'CHAT_WRITE_FORBIDDEN'}});
	await call('messages.setTyping', {peer: -5, action: typing});
	await refused(t, call('messages.setTyping', {peer: 555, action: typing}), 'CHAT_WRITE_FORBIDDEN', 403);
	t.deepEqual(await call('messages.setTyping', {peer: 555, action: typing}), {result: true});
	t.is(service.chat(555).refused.length, 1);
	const end = service.fail({outcome: {message: 'FLOOD_WAIT_30'}});
	await refused(t, call('messages.setTyping', {peer: 555, action: typing}), 'FLOOD_WAIT_30', 420);
	await refused(t, call('messages.sendMessage', {peer: 555, message: 'x'}), 'FLOOD_WAIT_30', 420);
	end();
	t.deepEqual(await call('messages.setTyping', {peer: 555, action: typing}), {result: true});
	service.fail({outcome: {message: 'USER_IS_BLOCKED', code: 400}});
	await refused(t, call('messages.setTyping', {peer: 555, action: typing}), 'USER_IS_BLOCKED');
});

test('fail: an answer may be lost or late, and the action shows all the same if asked', async t => {
	const {service, call} = serve();
	service.fail({times: 1, outcome: 'hang'});
	t.deepEqual(await call('messages.setTyping', {peer: 555, action: typing}), {broken: 'hang'});
	t.is(service.chat(555).spans.length, 0);
	service.fail({times: 1, outcome: 'drop', effect: true});
	t.deepEqual(await call('messages.setTyping', {peer: 555, action: typing}), {broken: 'drop'});
	t.is(service.chat(555).spans.length, 1);
	service.fail({times: 1, outcome: {latency: 40}});
	const start = performance.now();
	const answer = call('messages.setTyping', {peer: 555, action: typing});
	t.is(service.log.at(-1)?.effect, true, 'it takes effect at once');
	t.deepEqual(await answer, {result: true});
	t.true(performance.now() - start >= 38);
});

test('files go up in parts; a message needs all of them', async t => {
	const {service, call} = serve();
	const file = {_: 'inputFile', id: '9', parts: 2, name: 'a.jpg', md5_checksum: ''};
	const media = {_: 'inputMediaUploadedPhoto', file};
	await call('upload.saveFilePart', {file_id: '9', file_part: 0, bytes: new Uint8Array(1000)});
	t.is(service.log[0]?.payload['bytes'], 1000);
	await refused(t, call('messages.sendMedia', {peer: 555, media, message: ''}), 'FILE_PART_1_MISSING');
	await call('upload.saveFilePart', {file_id: '9', file_part: 1, bytes: new Uint8Array(24)});
	t.like(await call('messages.uploadMedia', {peer: 555, media}), {result: {photo: {sizes: [{size: 1024}]}}});
	t.is(service.chat(555).messages.length, 0, 'an upload is no message');
	t.like(await call('messages.sendMedia', {peer: 555, media, message: 'look', random_id: 3}), {
		result: {
			updates: [
				{_: 'updateMessageID', random_id: 3},
				{_: 'updateNewMessage', message: {out: true, message: 'look'}},
			],
		},
	});
	const multi_media = [media, media].map(media => ({_: 'inputSingleMedia', media, message: ''}));
	await call('messages.sendMultiMedia', {peer: 555, multi_media});
	const {id} = service.write({peer: -5, text: 'forward me'});
	await call('messages.forwardMessages', {from_peer: -5, to_peer: 555, id: [id], random_id: [4]});
	t.deepEqual(
		service.chat(555).messages.map(({method}) => method),
		['messages.sendMedia', 'messages.sendMultiMedia', 'messages.forwardMessages'],
	);
});

test('who writes to the account is pushed, with what a client has to know of them', t => {
	const {service} = serve();
	const pushed: Pushed[] = [];
	service.onPush(push => pushed.push(push));
	service.write({peer: 555, text: 'hello'});
	service.write({peer: forum, from: 7, text: 'in a topic', topic: 43});
	service.write({peer: 8, text: 'unseen', short: true});
	t.like(pushed[0], {account: service.account, updates: {updates: [{_: 'updateNewMessage', message: {message: 'hello'}, pts: 2}]}});
	t.like(pushed[1]?.updates, {
		updates: [{_: 'updateNewChannelMessage', message: {reply_to: {forum_topic: true, reply_to_msg_id: 43}}}],
		chats: [{_: 'channel', id: 43, forum: true}],
	});
	t.like(pushed[2]?.updates, {_: 'updateShortMessage', user_id: 8, message: 'unseen'});
	t.throws(() => service.write({peer: forum, short: true}), {instanceOf: TypeError});
});

test('everything in and out can be JSON', async t => {
	const {service, call} = serve();
	const pushed: Pushed[] = [];
	service.onPush(push => pushed.push(push));
	service.write({peer: 555, text: 'hello'});
	const answer = await call('messages.sendMessage', {peer: -5, message: 'x', random_id: '-9000000000000000001'});
	for (const value of [answer, pushed[0]?.updates, service.log[0]?.payload]) t.notThrows(() => JSON.stringify(value));
	t.like(pushed[1], {updates: {updates: [{message: {out: true}}]}});
	const missed = (await call('updates.getDifference', {pts: 1})) as {result: {new_messages: object[]}};
	t.is(missed.result.new_messages.length, 2);
	t.like(await call('updates.getDifference', {pts: 3}), {result: {_: 'updates.differenceEmpty'}});
});

test('messages are looked up where they are', async t => {
	const {service, call} = serve();
	const {id} = service.write({peer: forum, from: 555, text: 'in a channel'});
	const found = async (method: string, channel?: number) => {
		const {result} = (await call(method, {id: [{_: 'inputMessageID', id}], channel})) as {result: {messages: object[]}};
		return result.messages.length;
	};

	t.is(await found('messages.getMessages'), 0);
	t.is(await found('channels.getMessages', forum), 1);
});
