import {Indicator} from '@auto-typing/core';
import {chatActions, messageTarget, targetOf, telegram, uploadAction, type ChatActionPayload, type ChatTarget} from '@auto-typing/telegram';
import test from 'ava';
import {conformance} from '../core/conformance.ts';
import {inFakedTime, wait} from '../core/harness.ts';

/** As the Bot API refuses. */
function refusal(error_code: number, parameters?: object): Error {
	return Object.assign(new Error(`${error_code}`), {ok: false, error_code, ...(parameters && {parameters})});
}

conformance({
	name: 'telegram',
	platform: request => telegram(async (_payload, signal) => request('send', signal)),
	target: {chatId: 5},
	otherTarget: {chatId: 5, threadId: 9},
	errors: [
		[refusal(400), 'give-up'],
		[refusal(401), 'revoked'],
		[refusal(403), 'gone'],
		[refusal(404), 'revoked'],
		[refusal(429, {retry_after: 1}), {after: 1000, scope: 'bot'}],
		[refusal(429, {retry_after: 35}), {after: 35_000, scope: 'bot'}],
		[refusal(429), {after: 1000, scope: 'bot'}],
		[refusal(500), 'retry'],
		[refusal(502), 'retry'],
		[new TypeError('fetch failed'), 'retry'],
		[new SyntaxError('Unexpected token < in JSON'), 'retry'],
		[{response: {error_code: 403}}, 'gone'], // Telegraf keeps the answer there.
		[{response: {error_code: 429, parameters: {retry_after: 2}}}, {after: 2000, scope: 'bot'}],
		[{code: 403, description: 'Forbidden: bot was blocked by the user'}, 'retry'], // By structured code, never by prose.
	],
});

/** The payloads that `steps` send, and when. */
async function payloadsOf(
	answer: (payload: ChatActionPayload, count: number) => void,
	body: (indicator: Indicator<ChatTarget, (typeof chatActions)[number]>, tick: (ms: number) => Promise<unknown>) => Promise<void>,
): Promise<ChatActionPayload[]> {
	return inFakedTime(async clock => {
		const payloads: ChatActionPayload[] = [];
		const indicator = new Indicator(
			telegram(async payload => {
				payloads.push(payload);
				await wait(50);
				answer(payload, payloads.length);
			}),
			{delay: 0},
		);
		await body(indicator, async ms => clock.tickAsync(ms));
		await clock.tickAsync(10_000);
		return payloads;
	});
}

test.serial('the payload is the Bot API’s, with nothing that is not needed', async t => {
	const targets: Array<[ChatTarget, object]> = [
		[{chatId: 5}, {chat_id: 5}],
		[{chatId: '@name'}, {chat_id: '@name'}],
		[
			{chatId: -100, threadId: 9},
			{chat_id: -100, message_thread_id: 9},
		],
		[
			{chatId: -100, threadId: 9, isForum: true},
			{chat_id: -100, message_thread_id: 9},
		],
		[
			{chatId: -100, isForum: true},
			{chat_id: -100, message_thread_id: 1},
		], // The General topic.
		[
			{chatId: 5, businessConnectionId: 'b'},
			{chat_id: 5, business_connection_id: 'b'},
		],
	];
	for (const [target, payload] of targets) {
		const sent = await payloadsOf(
			() => {},
			async (indicator, tick) => {
				const typing = indicator.start(target);
				await tick(1000);
				typing.stop();
			},
		);
		t.deepEqual(sent as unknown[], [{...payload, action: 'typing'}]);
	}
});

test.serial('a General topic that is none is shown without a topic, at once, and remembered', async t => {
	const sent = await payloadsOf(
		({message_thread_id: thread}) => {
			if (thread === 1) {
				throw refusal(400);
			}
		},
		async (indicator, tick) => {
			for (let handler = 0; handler < 2; handler++) {
				const typing = indicator.start({chatId: -100, isForum: true});
				await tick(2000);
				typing.stop();
				await tick(1000);
			}
		},
	);
	t.deepEqual(
		sent.map(payload => payload.message_thread_id),
		[1, undefined, undefined],
	);
});

test.serial('a topic that is refused is not tried without it: it would show elsewhere', async t => {
	const sent = await payloadsOf(
		() => {
			throw refusal(400);
		},
		async (indicator, tick) => {
			const typing = indicator.start({chatId: -100, threadId: 9, isForum: true});
			await tick(20_000);
			typing.stop();
		},
	);
	t.is(sent.length, 1);
});

test.serial('a group that became a supergroup is followed, in one chat and one indicator', async t => {
	let cleared = 0;
	const sent = await payloadsOf(
		({chat_id: chat}) => {
			if (chat === -5) {
				throw refusal(400, {migrate_to_chat_id: -1005});
			}
		},
		async (indicator, tick) => {
			const typing = indicator.start({chatId: -5});
			await tick(1000);
			// The message goes to the new one: no send beside it, and the indicator is back after it.
			const message = indicator.message({chatId: -1005}, async () => {
				await wait(5000);
				cleared++;
			});
			await tick(8000);
			await message;
			typing.stop();
			await tick(1000);
			const next = indicator.start({chatId: -5});
			await tick(1000);
			next.stop();
		},
	);
	t.is(cleared, 1);
	t.deepEqual(
		sent.map(({chat_id: chat}) => chat),
		[-5, -1005, -1005, -1005],
	);
});

test.serial('a migration that goes round in circles is given up', async t => {
	const sent = await payloadsOf(
		({chat_id: chat}) => {
			throw refusal(400, {migrate_to_chat_id: chat === -5 ? -1005 : -5});
		},
		async (indicator, tick) => {
			const typing = indicator.start({chatId: -5});
			await tick(20_000);
			typing.stop();
		},
	);
	t.true(sent.length <= 4, `${sent.length} calls`);
});

test('the key tells apart what shows apart, and nothing else', t => {
	const platform = telegram(async () => {});
	const key = (target: ChatTarget) => platform.key(target);
	const same: Array<[ChatTarget, ChatTarget]> = [
		[{chatId: 5}, {chatId: '5'}], // Handlers read ids from databases and the command line.
		[{chatId: 5}, {chatId: 5, isForum: true}], // A message leaves it out.
		[{chatId: 5}, {chatId: 5, threadId: undefined, businessConnectionId: undefined}],
	];
	for (const [one, other] of same) {
		t.is(key(one), key(other));
	}

	const different: ChatTarget[] = [
		{chatId: 5},
		{chatId: -5},
		{chatId: 59},
		{chatId: 5, threadId: 9},
		{chatId: 5, businessConnectionId: '9'},
		{chatId: 5, threadId: 9, businessConnectionId: '9'},
		{chatId: '@name'},
	];
	t.is(new Set(different.map(target => key(target))).size, different.length);
});

const chat = {id: 7, type: 'private'};

test('the target of every type of update that has a chat', t => {
	for (const type of [
		'message',
		'edited_message',
		'channel_post',
		'edited_channel_post',
		'deleted_business_messages',
		'message_reaction',
		'message_reaction_count',
		'my_chat_member',
		'chat_member',
		'chat_join_request',
		'chat_boost',
		'removed_chat_boost',
		'stopped_message_generation',
	]) {
		t.deepEqual(targetOf({update_id: 1, [type]: {chat}}), {chatId: 7}, type);
	}

	t.deepEqual(targetOf({update_id: 1, callback_query: {id: '1', message: {chat, message_id: 1}}}), {chatId: 7});
	for (const type of ['business_message', 'edited_business_message']) {
		t.deepEqual(targetOf({update_id: 1, [type]: {chat, business_connection_id: 'b'}}), {chatId: 7, businessConnectionId: 'b'}, type);
	}
});

test('a target without a chat is a TypeError at once', async t => {
	const indicator = new Indicator(telegram(async () => t.fail('not called')));
	for (const [target, got] of [
		[{chat_id: 5}, 'undefined'],
		[{chatId: null}, 'null'],
		[{chatId: Number.NaN}, 'NaN'],
		[5, 'undefined'],
	] as const) {
		await t.throwsAsync(
			indicator.run(target as never, () => {}),
			{instanceOf: TypeError, message: `Expected \`target.chatId\` to be a number or a name, got ${got}`},
		);
	}
});

test('what can call nothing is a TypeError at once', t => {
	for (const [call, got] of [
		[undefined, 'undefined'],
		[null, 'null'],
		['123456:AAF-token', 'string'],
		[{sendChatAction() {}}, 'object'],
	] as const) {
		t.throws(() => telegram(call as never), {
			instanceOf: TypeError,
			message: `Expected \`call\` to be a function that calls sendChatAction, got ${got}`,
		});
	}
});

test('an update without a chat has no target', t => {
	for (const [type, content] of Object.entries({
		inline_query: {id: '1'},
		chosen_inline_result: {},
		callback_query: {id: '1', inline_message_id: '2'},
		shipping_query: {},
		pre_checkout_query: {},
		poll: {id: '1'},
		poll_answer: {user: {id: 1}},
		business_connection: {id: 'b', user_chat_id: 7},
		purchased_paid_media: {},
		something_new: null,
		something_else: 5,
	})) {
		t.is(targetOf({update_id: 1, [type]: content}), undefined, type);
	}

	t.is(targetOf({}), undefined);
	// What strangers may post.
	for (const content of [undefined, null, 'message', [], {message: 'hello'}, {message: {chat: 'hello'}}, {message: {chat: {}}}]) {
		t.is(targetOf(content as object), undefined);
	}

	t.is(targetOf({update_id: 1, guest_message: {chat}}), undefined);
});

test('the topic of an update', t => {
	const forum = {id: -100, type: 'supergroup', is_forum: true};
	const message = (members: object) => targetOf({update_id: 1, message: {chat: forum, ...members}});
	t.deepEqual(message({is_topic_message: true, message_thread_id: 9}), {chatId: -100, threadId: 9, isForum: true});
	t.deepEqual(message({}), {chatId: -100, isForum: true}, 'the General topic');
	t.deepEqual(message({is_topic_message: true, message_thread_id: 1}), {chatId: -100, isForum: true}, 'the General topic by its number');
	t.deepEqual(targetOf({update_id: 1, stopped_message_generation: {chat, message_thread_id: 9, draft_id: 1}}), {chatId: 7, threadId: 9});
	// A thread of replies is no topic, and a chat action with its number is refused.
	t.deepEqual(message({message_thread_id: 55}), {chatId: -100, isForum: true});
	t.deepEqual(targetOf({update_id: 1, callback_query: {message: {chat: forum, is_topic_message: true, message_thread_id: 9}}}), {
		chatId: -100,
		threadId: 9,
		isForum: true,
	});
});

/** https://core.telegram.org/bots/api#available-methods */
const messages = [
	'sendMessage',
	'forwardMessage',
	'forwardMessages',
	'copyMessage',
	'copyMessages',
	'sendPhoto',
	'sendAudio',
	'sendDocument',
	'sendVideo',
	'sendAnimation',
	'sendVoice',
	'sendVideoNote',
	'sendPaidMedia',
	'sendMediaGroup',
	'sendLocation',
	'sendVenue',
	'sendContact',
	'sendPoll',
	'sendChecklist',
	'sendDice',
	'sendSticker',
	'sendInvoice',
	'sendGame',
	'sendLivePhoto',
	'sendRichMessage',
];
const noMessages = [
	'sendChatAction',
	'sendMessageDraft',
	'sendGift',
	'setMessageReaction',
	'editMessageText',
	'editMessageMedia',
	'editMessageCaption',
	'deleteMessage',
	'deleteMessages',
	'pinChatMessage',
	'stopPoll',
	'answerCallbackQuery',
	'getChat',
	'banChatMember',
	'setChatPhoto',
	'editMessageLiveLocation',
	'answerInlineQuery',
	'createForumTopic',
	'readBusinessMessage',
	'getUpdates',
	'approveChatJoinRequest',
	'sendRichMessageDraft',
	'sendChatJoinRequestWebApp',
	'editEphemeralMessageMedia',
	'approveSuggestedPost',
];

test('a method that sends a message has the target of its chat', t => {
	for (const method of messages) {
		t.deepEqual(messageTarget(method, {chat_id: 5}), {chatId: 5}, method);
	}

	const payload = {chat_id: '@name', message_thread_id: 9, business_connection_id: 'b', text: 'hi'};
	t.deepEqual(messageTarget('sendMessage', payload), {chatId: '@name', threadId: 9, businessConnectionId: 'b'});
	t.deepEqual(messageTarget('sendMessage', {chat_id: 5, message_thread_id: 1}), {chatId: 5}, 'the General topic');
	t.is(messageTarget('sendMessage', {}), undefined);
	// What clients leave out of a request, and Telegram reads as nothing.
	t.is(messageTarget('sendMessage', {chat_id: null}), undefined);
	t.deepEqual(messageTarget('sendMessage', {chat_id: 5, message_thread_id: null, business_connection_id: null}), {chatId: 5});
	t.deepEqual(messageTarget('sendMessage', {chat_id: 5, message_thread_id: 0, business_connection_id: ''}), {chatId: 5});
});

test('a method that sends none has no target', t => {
	t.is(messageTarget('sendMessage', {chat_id: null, text: 'hi'}), undefined, 'to be refused by Telegram, not by us');
	for (const method of noMessages) {
		t.is(messageTarget(method, {chat_id: 5}), undefined, method);
	}
});

test('a message finds the indicator of the update that it answers', t => {
	const platform = telegram(async () => {});
	const key = (target: ChatTarget) => platform.key(target);
	const pairs: Array<[object, object]> = [
		[{message: {chat: {id: 7}}}, {chat_id: 7}],
		[{message: {chat: {id: 7}}}, {chat_id: '7'}],
		[{message: {chat: {id: -100, is_forum: true}}}, {chat_id: -100}],
		[{message: {chat: {id: -100, is_forum: true}}}, {chat_id: -100, message_thread_id: 1}],
		[{message: {chat: {id: -100, is_forum: true}, is_topic_message: true, message_thread_id: 9}}, {chat_id: -100, message_thread_id: 9}],
		[{business_message: {chat: {id: 7}, business_connection_id: 'b'}}, {chat_id: 7, business_connection_id: 'b'}],
	];
	for (const [update, payload] of pairs) {
		const [from, to] = [targetOf(update), messageTarget('sendMessage', payload)];
		t.is(from && key(from), to && key(to), JSON.stringify(update));
		t.not(from, undefined);
	}
});

test('an upload shows what is on its way', t => {
	const file = Buffer.of(1);
	const isFile = (value: unknown) => value instanceof Uint8Array;
	const uploads: Array<[object, string | undefined]> = [
		[{photo: file}, 'upload_photo'],
		[{video: file}, 'upload_video'],
		[{animation: file}, 'upload_video'],
		[{document: file}, 'upload_document'],
		[{audio: file}, 'upload_voice'],
		[{voice: file}, 'upload_voice'],
		[{video_note: file}, 'upload_video_note'],
		[{sticker: file}, 'choose_sticker'],
		[{something_new: file}, 'upload_document'],
		[{photo: 'AgACAgQAAx'}, undefined],
		[{photo: 'https://example.com/1.png', caption: 'hi'}, undefined],
		[{text: 'hi'}, undefined],
		[{}, undefined],
		[{video: 'id', thumbnail: file}, 'upload_document'],
		[{thumbnail: file, video: file}, 'upload_video'],
		[{video: file, thumbnail: file}, 'upload_video'],
		[{media: [{type: 'photo', media: file}]}, 'upload_photo'],
		[{media: [{type: 'photo', media: 'id'}]}, undefined],
		[{rich_message: {media: [{id: 'a', media: {type: 'voice_note', media: file}}]}}, 'upload_voice'],
		[{rich_message: {blocks: [{type: 'photo', photo: {type: 'photo', media: file}}]}}, 'upload_photo'],
		[{question: '?', media: {type: 'live_photo', media: file, photo: file}}, 'upload_photo'],
		[
			{
				media: [
					{type: 'photo', media: 'id'},
					{type: 'video', media: file},
				],
			},
			'upload_video',
		],
		[
			{
				media: [
					{type: 'document', media: file},
					{type: 'photo', media: file},
				],
			},
			'upload_document',
		],
		[{reply_markup: {inline_keyboard: [[{text: 'a'}]]}, reply_parameters: null, entities: undefined}, undefined],
	];
	for (const [payload, action] of uploads) {
		t.is(uploadAction(payload, isFile), action as 'typing', JSON.stringify(payload));
	}
});

test('every chat action of the Bot API is there', t => {
	t.is(chatActions.length, 11);
	t.is(new Set(chatActions).size, 11);
	t.throws(() => new Indicator(telegram(async () => {})).start({chatId: 5}, {action: 'upload_audio' as 'typing'}), {instanceOf: TypeError});
});
