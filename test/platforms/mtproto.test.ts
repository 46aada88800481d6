import {Indicator, typeOf, type Failure} from '@auto-typing/core';
import {
	actionTypes,
	classify,
	errorText,
	messageTarget,
	mtproto,
	peerKey,
	uploadAction,
	wireAction,
	type MtprotoAction,
	type MtprotoTarget,
	type SetTyping,
} from '@auto-typing/mtproto';
import test from 'ava';
import {Api, errors as gramjs} from 'telegram';
import {RPCMessageToError} from 'telegram/errors/index.js';
import {returnBigInt as bigInt} from 'telegram/Helpers.js';
import {conformance} from '../core/conformance.ts';
import {inFakedTime, wait} from '../core/harness.ts';

/** As GramJS rejects: built by GramJS. */
function fromGramjs(error_code: number, error_message: string): Error {
	const request = new Api.messages.SetTyping({peer: new Api.InputPeerSelf(), action: new Api.SendMessageTypingAction()});
	return RPCMessageToError({errorCode: error_code, errorMessage: error_message} as never, request);
}

/** As a client of TelegramApiServer rejects. */
function fromMadelineProto(code: number, message: string): Error {
	return Object.assign(new Error(message), {code, exception: 'danog\\MadelineProto\\RPCErrorException'});
}

const meanings: Array<readonly [code: number, text: string, failure: Failure]> = [
	[400, 'CHANNEL_INVALID', 'give-up'],
	[400, 'CHAT_ADMIN_REQUIRED', 'give-up'],
	[400, 'CHAT_ID_INVALID', 'give-up'],
	[403, 'GROUPCALL_FORBIDDEN', 'give-up'],
	[400, 'PEER_ID_INVALID', 'give-up'],
	[400, 'USER_IS_BOT', 'give-up'],
	[400, 'MSG_ID_INVALID', 'give-up'],
	[400, 'CHANNEL_PRIVATE', 'gone'],
	[403, 'CHAT_WRITE_FORBIDDEN', 'gone'],
	[400, 'INPUT_USER_DEACTIVATED', 'gone'],
	[400, 'USER_BANNED_IN_CHANNEL', 'gone'],
	[403, 'USER_IS_BLOCKED', 'gone'],
	[400, 'USER_IS_BLOCKED', 'gone'], // Another table's number for it.
	[406, 'AUTH_KEY_DUPLICATED', 'revoked'],
	[401, 'AUTH_KEY_INVALID', 'revoked'],
	[401, 'AUTH_KEY_UNREGISTERED', 'revoked'],
	[401, 'SESSION_EXPIRED', 'revoked'],
	[401, 'SESSION_REVOKED', 'revoked'],
	[401, 'USER_DEACTIVATED', 'revoked'],
	[401, 'USER_DEACTIVATED_BAN', 'revoked'],
	[420, 'FLOOD_WAIT_1', {after: 1000, scope: 'chat'}],
	[420, 'FLOOD_WAIT_30', {after: 30_000, scope: 'chat'}],
	[420, 'FLOOD_PREMIUM_WAIT_3', {after: 3000, scope: 'chat'}],
	[420, 'SLOWMODE_WAIT_5', {after: 5000, scope: 'chat'}],
	[-500, 'No workers running', 'retry'],
	[500, 'RPC_CALL_FAIL', 'retry'],
	[-503, 'Timeout', 'retry'],
	[503, 'TIMEOUT', 'retry'],
	[400, 'SOMETHING_NEW', 'retry'],
];

/** Every constructor of `SendMessageAction`, as the schema has them. */
const wired: Array<readonly [MtprotoAction, object]> = [
	['typing', {_: 'sendMessageTypingAction'}],
	['record_video', {_: 'sendMessageRecordVideoAction'}],
	['record_voice', {_: 'sendMessageRecordAudioAction'}],
	['record_video_note', {_: 'sendMessageRecordRoundAction'}],
	['find_location', {_: 'sendMessageGeoLocationAction'}],
	['choose_contact', {_: 'sendMessageChooseContactAction'}],
	['choose_sticker', {_: 'sendMessageChooseStickerAction'}],
	['game_play', {_: 'sendMessageGamePlayAction'}],
	['speaking_in_group_call', {_: 'speakingInGroupCallAction'}],
	['upload_photo', {_: 'sendMessageUploadPhotoAction', progress: 0}],
	[
		{type: 'upload_photo', progress: 40},
		{_: 'sendMessageUploadPhotoAction', progress: 40},
	],
	[
		{type: 'upload_video', progress: 40},
		{_: 'sendMessageUploadVideoAction', progress: 40},
	],
	[
		{type: 'upload_voice', progress: 40},
		{_: 'sendMessageUploadAudioAction', progress: 40},
	],
	[
		{type: 'upload_video_note', progress: 40},
		{_: 'sendMessageUploadRoundAction', progress: 40},
	],
	[
		{type: 'upload_document', progress: 40},
		{_: 'sendMessageUploadDocumentAction', progress: 40},
	],
	[
		{type: 'history_import', progress: 40},
		{_: 'sendMessageHistoryImportAction', progress: 40},
	],
	[
		{type: 'emoji_interaction', emoticon: '🎉', msgId: 7, interaction: {v: 1, a: [{t: 0, i: 1}]}},
		{_: 'sendMessageEmojiInteraction', emoticon: '🎉', msg_id: 7, interaction: {_: 'dataJSON', data: '{"v":1,"a":[{"t":0,"i":1}]}'}},
	],
	[
		{type: 'emoji_interaction_seen', emoticon: '🎉'},
		{_: 'sendMessageEmojiInteractionSeen', emoticon: '🎉'},
	],
];

/** One action of each type. */
const samples = wired
	.map(([action]) => action)
	.filter((action, index, all) => all.findIndex(other => typeOf(other) === typeOf(action)) === index);

conformance<MtprotoTarget<number>, MtprotoAction>({
	name: 'mtproto',
	platform: request => mtproto(async ({action}, signal) => request(action._ === 'sendMessageCancelAction' ? 'stop' : 'send', signal)),
	target: {peer: 5},
	otherTarget: {peer: 5, topMsgId: 9},
	actions: samples,
	stop: true,
	errors: [
		...meanings.flatMap(([code, text, failure]) => [
			[fromGramjs(code, text), failure] as const,
			[fromMadelineProto(code, text), failure] as const,
		]),
		[new Error('Cannot send requests while disconnected. You need to call .connect()'), 'retry'],
		[new TypeError('fetch failed'), 'retry'],
		[new Error('403: USER_IS_BLOCKED (caused by messages.SetTyping)'), 'retry'], // Never by prose.
		[{code: 403}, 'retry'],
	],
});

test('what GramJS and MadelineProto make of an error is read back', t => {
	t.true(fromGramjs(420, 'FLOOD_WAIT_30') instanceof gramjs.FloodWaitError);
	t.is((fromGramjs(420, 'FLOOD_WAIT_30') as gramjs.FloodWaitError).errorMessage, 'FLOOD');
	t.is(errorText(fromGramjs(403, 'CHAT_WRITE_FORBIDDEN')), 'CHAT_WRITE_FORBIDDEN');
	t.is(errorText(fromMadelineProto(403, 'CHAT_WRITE_FORBIDDEN')), 'CHAT_WRITE_FORBIDDEN');
	t.is(errorText(new Error('A wait of 5 seconds is required')), undefined);
	t.is(errorText('USER_IS_BLOCKED'), undefined);
	t.is(classify({errorMessage: 'FLOOD'}), 'retry', 'without its seconds');
});

test('every action of the schema is there, and goes over the wire as the schema has it', t => {
	for (const [action, wire] of wired) {
		t.deepEqual(wireAction(action) as object, wire);
	}

	const constructors = new Set(wired.map(([action]) => wireAction(action)._));
	t.is(constructors.size, 17, 'and taking it down is the 18th');
	t.deepEqual(new Set(wired.map(([action]) => typeOf(action))), new Set(actionTypes));
	for (const name of constructors) {
		const className = `${name[0]?.toUpperCase()}${name.slice(1)}`;
		t.is(typeof (Api as unknown as Record<string, unknown>)[className], 'function', `GramJS has no ${className}`);
	}
});

test('a progress is a whole number from 0 to 100', t => {
	for (const [progress, expected] of [
		[-5, 0],
		[0.4, 0],
		[39.7, 40],
		[100, 100],
		[250, 100],
		[Number.NaN, 0],
		[Infinity, 100],
	] as const) {
		t.deepEqual(wireAction({type: 'upload_video', progress}), {_: 'sendMessageUploadVideoAction', progress: expected});
	}
});

test('a wrong action is refused by the name of what is wrong', t => {
	const wrong: Array<[unknown, RegExp]> = [
		['upload_audio', /`action\.type` to be one of typing, /],
		['toString', /`action\.type`/],
		[{type: 'upload_video', progress: '40'}, /`action\.progress` to be a number from 0 to 100/],
		[{type: 'emoji_interaction'}, /`action\.msgId`/],
		[{type: 'emoji_interaction', msgId: 1}, /`action\.interaction`/],
		[{type: 'emoji_interaction_seen'}, /`action\.emoticon`/],
		[{}, /`action\.type`/],
		[null, /`action\.type`/],
		[undefined, /`action\.type`/],
	];
	for (const [action, message] of wrong) {
		t.throws(() => wireAction(action as MtprotoAction), {instanceOf: TypeError, message});
	}
});

/** The payloads that go out, and when they are refused. */
async function payloadsOf(
	answer: (payload: SetTyping) => void,
	body: (indicator: Indicator<MtprotoTarget, MtprotoAction>, tick: (ms: number) => Promise<unknown>) => Promise<void>,
): Promise<SetTyping[]> {
	return inFakedTime(async clock => {
		const payloads: SetTyping[] = [];
		const indicator = new Indicator(
			mtproto(async payload => {
				payloads.push(payload);
				await wait(50);
				answer(payload);
			}),
			{delay: 0},
		);
		await body(indicator, async ms => clock.tickAsync(ms));
		await clock.tickAsync(10_000);
		return payloads;
	});
}

const show = {_: 'sendMessageTypingAction'};
const cancel = {_: 'sendMessageCancelAction'};

test.serial('the payload is that of messages.setTyping, with nothing that is not needed', async t => {
	const targets: Array<[MtprotoTarget, object]> = [
		[{peer: 5}, {peer: 5}],
		[{peer: '@alice', account: 'ada'}, {peer: '@alice'}],
		[
			{peer: -1_000_000_000_007, topMsgId: 9},
			{peer: -1_000_000_000_007, top_msg_id: 9},
		],
		[{peer: {_: 'peerUser', user_id: 5}, topMsgId: undefined}, {peer: {_: 'peerUser', user_id: 5}}],
	];
	for (const [target, payload] of targets) {
		const sent = await payloadsOf(
			() => {},
			async (indicator, tick) => {
				const typing = indicator.start(target);
				await tick(5000);
				typing.stop();
			},
		);
		t.deepEqual(sent as object[], [
			{...payload, action: show},
			{...payload, action: show},
			{...payload, action: cancel},
		]);
	}
});

test.serial('a progress that moves is read at each send', async t => {
	let progress = 0;
	const sent = await payloadsOf(
		() => {},
		async (indicator, tick) => {
			const action: MtprotoAction = {
				type: 'upload_document',
				get progress() {
					return progress;
				},
			};
			const typing = indicator.start({peer: 5}, {action});
			await tick(1000);
			progress = 30;
			await tick(4000);
			progress = 60;
			await tick(4500);
			typing.stop();
		},
	);
	t.deepEqual(
		sent.map(({action}) => ('progress' in action ? action.progress : action._)),
		[0, 30, 60, 'sendMessageCancelAction'],
	);
});

test.serial('a topic that is none: once more without it, and it stays so', async t => {
	const sent = await payloadsOf(
		({top_msg_id: topic}) => {
			if (topic !== undefined) {
				throw fromGramjs(400, 'MSG_ID_INVALID');
			}
		},
		async (indicator, tick) => {
			for (let handler = 0; handler < 2; handler++) {
				const typing = indicator.start({peer: -5, topMsgId: 9});
				await tick(1000);
				typing.stop();
				await tick(1000);
			}
		},
	);
	t.deepEqual(
		sent.map(({top_msg_id: topic, action}) => [topic, action._]),
		[
			[9, show._],
			[undefined, show._],
			[undefined, cancel._],
			[undefined, show._],
			[undefined, cancel._],
		],
	);
});

test.serial('refused without the topic as well: given up', async t => {
	const sent = await payloadsOf(
		() => {
			throw fromMadelineProto(400, 'MSG_ID_INVALID');
		},
		async (indicator, tick) => {
			const typing = indicator.start({peer: -5, topMsgId: 9});
			await tick(20_000);
			typing.stop();
		},
	);
	t.deepEqual(
		sent.map(({top_msg_id: topic}) => topic),
		[9, undefined],
	);
});

test('the key tells apart what shows apart, and nothing else', t => {
	const platform = mtproto(async () => {});
	const key = (target: MtprotoTarget) => platform.key(target);
	const same: Array<[MtprotoTarget, MtprotoTarget]> = [
		[{peer: 5}, {peer: '5'}],
		[{peer: 5}, {peer: 5n}],
		[{peer: 5}, {peer: bigInt(5)}],
		[{peer: 5}, {peer: {_: 'peerUser', user_id: 5}}],
		[{peer: 5}, {peer: new Api.PeerUser({userId: bigInt(5)})}],
		[{peer: 5}, {peer: new Api.InputPeerUser({userId: bigInt(5), accessHash: bigInt(77)})}],
		[{peer: 5}, {peer: new Api.User({id: bigInt(5)})}],
		[{peer: -5}, {peer: new Api.PeerChat({chatId: bigInt(5)})}],
		[{peer: -1_001_234_567_890}, {peer: new Api.PeerChannel({channelId: bigInt(1_234_567_890)})}],
		[{peer: -1_001_234_567_890}, {peer: {_: 'inputPeerChannel', channel_id: 1_234_567_890, access_hash: 1}}],
		[{peer: '@Alice'}, {peer: 'alice'}],
		[{peer: '@Alice'}, {peer: 'https://t.me/alice'}],
		[{peer: 'me'}, {peer: new Api.InputPeerSelf()}],
		[{peer: -5}, {peer: -5, topMsgId: 1}], // The General topic, which messages leave out.
		[{peer: 5}, {peer: 5, topMsgId: undefined, account: undefined}],
	];
	for (const [one, other] of same) {
		t.is(key(one), key(other));
	}

	const different: MtprotoTarget[] = [
		{peer: 5},
		{peer: -5},
		{peer: -1_000_000_000_005},
		{peer: '@name'},
		{peer: 5, topMsgId: 9},
		{peer: 59},
		{peer: 5, account: '9'},
		{peer: 5, account: 'ada'},
		{peer: 5, account: 'bob'},
		{peer: 5, topMsgId: 9, account: 'ada'},
		{peer: 5, account: '9/ada'},
	];
	t.is(new Set(different.map(target => key(target))).size, different.length);
});

test('what is no chat is refused', t => {
	for (const peer of [undefined, null, '', ' ', Number.NaN, 0.5, true, {}, {_: 'message', id: 5}, []]) {
		t.throws(() => peerKey(peer), {instanceOf: TypeError, message: /`target\.peer`/}, JSON.stringify(peer));
	}
});

test('a method that puts a message into a chat has its target', t => {
	const calls: Array<[string, object, object]> = [
		['messages.sendMessage', {peer: 5, message: 'hi'}, {peer: 5}],
		['messages.sendMedia', {peer: '@alice'}, {peer: '@alice'}],
		['messages.sendMultiMedia', {peer: 5}, {peer: 5}],
		['messages.sendInlineBotResult', {peer: 5}, {peer: 5}],
		['messages.forwardMessages', {from_peer: 7, to_peer: 5}, {peer: 5}],
		['messages.sendScheduledMessages', {peer: 5, id: [1]}, {peer: 5}], // Now, though it was for later.
		['messages.sendQuickReplyMessages', {peer: 5, shortcut_id: 1, id: [1]}, {peer: 5}],
		['messages.sendMessage', {peer: -5, reply_to: {_: 'inputReplyToMessage', reply_to_msg_id: 3}}, {peer: -5, replyToMsgId: 3}],
		[
			'messages.sendMessage',
			{peer: -5, reply_to: {_: 'inputReplyToMessage', reply_to_msg_id: 3, top_msg_id: 9}},
			{peer: -5, topMsgId: 9, replyToMsgId: 3},
		],
		['messages.sendMessage', {peer: -5, reply_to_msg_id: 3, top_msg_id: 9}, {peer: -5, topMsgId: 9, replyToMsgId: 3}],
		['messages.forwardMessages', {to_peer: -5, top_msg_id: 9}, {peer: -5, topMsgId: 9}],
	];
	for (const [method, parameters, target] of calls) {
		t.deepEqual(messageTarget(method, parameters) as object, target, method);
	}
});

test('a call that puts no message anywhere now has no target', t => {
	for (const method of [
		'messages.setTyping',
		'messages.editMessage',
		'messages.deleteMessages',
		'messages.sendReaction',
		'messages.sendVote',
		'messages.readHistory',
		'messages.uploadMedia',
		'messages.saveDraft',
		'users.getUsers',
	]) {
		t.is(messageTarget(method, {peer: 5}), undefined, method);
	}

	t.is(messageTarget('messages.sendMessage', {peer: 5, schedule_date: 1_900_000_000}), undefined);
	t.is(messageTarget('messages.sendMessage', {}), undefined);
});

test('a medium shows what is on its way', t => {
	const document = (...attributes: object[]) => ({_: 'inputMediaUploadedDocument', attributes});
	const media: Array<[unknown, string | undefined]> = [
		[{_: 'inputMediaUploadedPhoto'}, 'upload_photo'],
		[document(), 'upload_document'],
		[{_: 'inputMediaUploadedDocument', mime_type: 'text/plain'}, 'upload_document'],
		[{_: 'inputMediaUploadedDocument', mime_type: 'video/mp4'}, 'upload_video'],
		[{_: 'inputMediaUploadedDocument', mime_type: 'audio/ogg'}, 'upload_voice'],
		[document({_: 'documentAttributeVideo'}), 'upload_video'],
		[document({_: 'documentAttributeVideo', round_message: true}), 'upload_video_note'],
		[document({_: 'documentAttributeAnimated'}), 'upload_video'],
		[document({_: 'documentAttributeAudio', voice: true}), 'upload_voice'],
		[document({_: 'documentAttributeFilename', file_name: 'a'}, {_: 'documentAttributeAudio'}), 'upload_voice'],
		[document({_: 'documentAttributeSticker'}), 'choose_sticker'],
		[{_: 'inputMediaPhoto'}, undefined],
		[{_: 'inputMediaDocumentExternal', url: 'https://example.com/1'}, undefined],
		[{_: 'inputMediaGeoPoint'}, undefined],
		[undefined, undefined],
		[null, undefined],
	];
	for (const [medium, action] of media) {
		t.is(uploadAction(medium), action as 'upload_photo', JSON.stringify(medium));
	}
});

test('what calls nothing is refused at once, not failed call by call', t => {
	for (const call of [undefined, null, {invoke: async () => true}]) {
		t.throws(() => mtproto(call as never), {instanceOf: TypeError, message: /`call`/});
	}
});
