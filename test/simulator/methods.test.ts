import type {BotApi} from '@auto-typing/simulator';
import test from 'ava';
import {Bot, InputFile} from 'grammy';
import {serve} from './caller.ts';

const forum = -1_000_000_000_001;
const photo = 'https://example.com/photo.jpg';
const album = [
	{type: 'photo', media: photo},
	{type: 'video', media: photo},
];

/** Every method that brings a message to the chat. A message with the id 1 is there to be copied. */
const messages: Array<[method: string, payload: object]> = [
	['sendMessage', {text: 'hi'}],
	['sendPhoto', {photo}],
	['sendVideo', {video: photo}],
	['sendDocument', {document: photo}],
	['sendAudio', {audio: photo}],
	['sendVoice', {voice: photo}],
	['sendVideoNote', {video_note: photo}],
	['sendAnimation', {animation: photo}],
	['sendSticker', {sticker: photo}],
	['sendMediaGroup', {media: album}],
	['sendPaidMedia', {star_count: 1, media: album}],
	['sendLocation', {latitude: 1, longitude: 2}],
	['sendVenue', {latitude: 1, longitude: 2, title: 'here', address: 'there'}],
	['sendContact', {phone_number: '1', first_name: 'Ann'}],
	['sendPoll', {question: '?', options: [{text: 'yes'}, {text: 'no'}]}],
	['sendDice', {}],
	['sendInvoice', {title: 'a thing', description: 'of use'}],
	['sendGame', {game_short_name: 'chess'}],
	['copyMessage', {from_chat_id: 7, message_id: 1}],
	['copyMessages', {from_chat_id: 7, message_ids: [1]}],
	['forwardMessage', {from_chat_id: 7, message_id: 1}],
	['forwardMessages', {from_chat_id: 7, message_ids: [1]}],
];

for (const [method, payload] of messages) {
	test(`${method} clears the indicator`, async t => {
		const {server, call} = await serve(t);
		server.write({chat: 7, text: 'hello'});
		t.is((await call('sendChatAction', {chat_id: 7, action: 'typing'})).result, true);
		const answer = await call(method, {chat_id: 7, ...payload});
		t.is(answer.status, 200, answer.description);
		const {spans, messages: landed} = server.chat(7);
		const [typing, message] = server.log;
		t.deepEqual(spans, [{from: typing!.at, to: message!.at, action: 'typing'}]);
		t.like(landed, [{at: message!.at, method}]);
	});
}

const others: Array<[method: string, payload: (own: number) => object]> = [
	['editMessageText', own => ({message_id: own, text: 'ho'})],
	['editMessageCaption', own => ({message_id: own, caption: 'ho'})],
	['editMessageMedia', own => ({message_id: own, media: {type: 'photo', media: photo}})],
	['editMessageReplyMarkup', own => ({message_id: own, reply_markup: {inline_keyboard: []}})],
	['deleteMessage', own => ({message_id: own})],
	['deleteMessages', own => ({message_ids: [own]})],
	['setMessageReaction', own => ({message_id: own, reaction: [{type: 'emoji', emoji: '👍'}]})],
	['pinChatMessage', own => ({message_id: own})],
	['answerCallbackQuery', () => ({callback_query_id: 'press'})],
	['getChat', () => ({})],
];

for (const [method, payload] of others) {
	test(`${method} leaves the indicator alone`, async t => {
		const {server, call} = await serve(t);
		press(server);
		const {result} = await call('sendMessage', {chat_id: 7, text: 'hi'});
		await call('sendChatAction', {chat_id: 7, action: 'typing'});
		const answer = await call(method, {chat_id: 7, ...payload(result.message_id)});
		t.is(answer.status, 200, answer.description);
		const [span] = server.chat(7).spans;
		t.is(span!.to, span!.from + 5000);
		t.is(server.chat(7).messages.length, 1);
	});
}

function press(server: BotApi): void {
	const from = {id: 7, is_bot: false, first_name: 'Ann'};
	server.push({callback_query: {id: 'press', from, chat_instance: '1', data: 'x'}});
}

test('a callback query is answered once', async t => {
	const {server, call} = await serve(t);
	press(server);
	t.is((await call('answerCallbackQuery', {callback_query_id: 'press'})).status, 200);
	t.is((await call('answerCallbackQuery', {callback_query_id: 'press'})).status, 400);
});

test('parameters come as JSON, form, multipart or query, and method names in any case', async t => {
	const {server, call} = await serve(t);
	const fields = {chat_id: '7', action: 'typing', message_thread_id: ''};
	const form = new FormData();
	for (const [name, value] of Object.entries(fields)) form.set(name, value);
	t.true((await call('sendChatAction', {...fields, chat_id: 7})).ok);
	t.true((await call('sendChatAction', fields)).ok);
	t.true((await call('sendchataction', new URLSearchParams(fields))).ok);
	t.true((await call('SENDCHATACTION', form)).ok);
	const query = await fetch(`${server.url}/bot${server.token}/sendChatAction?${new URLSearchParams(fields).toString()}`);
	t.true(query.ok);
	t.is(server.log.length, 5);
	for (const arrival of server.log)
		t.like(arrival, {method: 'sendChatAction', chatId: 7, threadId: undefined, payload: {chat_id: 7, action: 'typing'}});
	t.is(server.chat(7).calls, 5);
	t.is(server.chat(7).spans.length, 1);
});

test('a message has what a bot looks for in it', async t => {
	const {server, call} = await serve(t);
	const {message: question} = server.write({chat: 7, text: '/start now'});
	t.deepEqual(question?.entities, [{type: 'bot_command', offset: 0, length: 6}]);
	t.like(question, {chat: {id: 7, type: 'private'}, from: {id: 7, is_bot: false}, text: '/start now'});
	const {result} = await call('sendMessage', {chat_id: 7, text: 'hi', reply_parameters: {message_id: question!.message_id}});
	t.like(result, {text: 'hi', chat: {id: 7}, from: {id: server.botInfo.id}, reply_to_message: {text: '/start now'}});
	t.deepEqual((await call('getMe')).result, server.botInfo);
	t.is((await call('forwardMessage', {chat_id: 8, from_chat_id: 7, message_id: result.message_id})).result.forward_origin.type, 'user');
	t.true((await call('setMyCommands', {commands: JSON.stringify([{command: 'start', description: 'begin'}])})).result);
	t.is((await call('getMyCommands')).result.length, 1);
});

test('topics: each has its own indicator, and General its own ways', async t => {
	const {server, call} = await serve(t);
	server.addChat({id: forum, topics: [5]});
	const actions = (thread?: number) => server.chat(forum, {thread}).spans.map(({action}) => action);
	const act = async (action: string, thread?: number) => call('sendChatAction', {chat_id: forum, action, message_thread_id: thread});
	await act('typing', 5);
	await act('upload_photo', 1);
	t.true((await act('record_voice')).result, 'it succeeds, and shows nowhere');
	t.deepEqual(actions(5), ['typing']);
	t.deepEqual(actions(1), ['upload_photo']);
	t.deepEqual(actions(), ['upload_photo']);
	t.is(server.chat(forum).calls, 2);

	const {result} = await call('sendMessage', {chat_id: forum, text: 'hi'});
	t.is(result.message_thread_id, undefined);
	const [general] = server.chat(forum).spans;
	t.is(general?.to, server.log.at(-1)?.at, 'a message without thread clears General');
	const [topic] = server.chat(forum, {thread: 5}).spans;
	t.is(topic!.to, topic!.from + 5000, 'and no other topic');
	t.like((await call('sendMessage', {chat_id: forum, text: 'hi', message_thread_id: 5})).result, {
		message_thread_id: 5,
		is_topic_message: true,
	});
	t.is(server.chat(forum, {thread: 5}).messages.length, 1);

	t.like(server.write({chat: forum, thread: 5, text: 'hello'}).message, {
		message_thread_id: 5,
		is_topic_message: true,
		chat: {is_forum: true},
	});
	t.is(server.write({chat: forum, text: 'hello'}).message?.message_thread_id, undefined);
});

test('a forum whose General has no thread id shows the action sent without one', async t => {
	const {server, call} = await serve(t);
	server.addChat({id: forum, topics: [], general: 'none'});
	t.is((await call('sendChatAction', {chat_id: forum, action: 'typing', message_thread_id: 1})).status, 400);
	t.is((await call('sendChatAction', {chat_id: forum, action: 'typing'})).status, 200);
	t.is(server.chat(forum).spans.length, 1);
	t.is(server.chat(forum).calls, 2);
});

test('in an ordinary supergroup the thread of a message is a reply root', async t => {
	const {server} = await serve(t);
	const {message} = server.write({chat: -1_000_000_000_009, thread: 5, text: 'hello', from: {id: 3, first_name: 'Ann'}});
	t.is(message?.message_thread_id, 5);
	t.is(message?.is_topic_message, undefined);
	t.like(message?.from, {id: 3, first_name: 'Ann'});
});

test("a business account's chat is another than the bot's own", async t => {
	const {server, call} = await serve(t);
	server.addBusinessConnection('x', 7);
	t.is(server.write({chat: 7, text: 'hello', businessConnection: 'x'}).business_message?.business_connection_id, 'x');
	await call('sendChatAction', {chat_id: 7, action: 'typing', business_connection_id: 'x'});
	await call('sendMessage', {chat_id: 7, text: 'hi'});
	const [span] = server.chat(7, {businessConnection: 'x'}).spans;
	t.is(span!.to, span!.from + 5000);
	t.deepEqual(server.chat(7).spans, []);
	t.is(server.chat(7).messages.length, 1);
});

test('channels post, and blocks can be lifted', async t => {
	const {server, call} = await serve(t);
	server.addChat({id: -1_000_000_000_003, type: 'channel', title: 'News'});
	t.like(server.write({chat: -1_000_000_000_003, text: 'hello'}).channel_post, {chat: {type: 'channel', title: 'News'}, text: 'hello'});
	server.block(7);
	t.is((await call('sendMessage', {chat_id: 7, text: 'hi'})).status, 403);
	t.is(server.chat(7).refused.length, 1);
	server.unblock(7);
	t.is((await call('sendMessage', {chat_id: 7, text: 'hi'})).status, 200);
});

test('grammY works with it: commands, chat actions, uploads, albums, files', async t => {
	const {server} = await serve(t);
	const bot = new Bot(server.token, {client: {apiRoot: server.url}});
	bot.command('chart', async ctx => {
		await ctx.replyWithChatAction('upload_photo');
		const {photo: sizes} = await ctx.replyWithPhoto(new InputFile(new Uint8Array(70_000), 'chart.png'), {caption: 'a chart'});
		const {file_size: size} = await ctx.api.getFile(sizes[0]!.file_id);
		await ctx.replyWithMediaGroup([
			{type: 'photo', media: sizes[0]!.file_id},
			{type: 'photo', media: new InputFile(new Uint8Array(9))},
		]);
		await ctx.reply(`${size} bytes`);
	});
	const done = server.next('sendMessage');
	const started = bot.start();
	server.write({chat: 7, text: '/chart'});
	await done;
	await bot.stop();
	await started;
	t.deepEqual(
		server.chat(7).messages.map(({method, text}) => [method, text]),
		[
			['sendPhoto', 'a chart'],
			['sendMediaGroup', undefined],
			['sendMessage', '70000 bytes'],
		],
	);
	t.deepEqual(
		server.chat(7).spans.map(({action}) => action),
		['upload_photo'],
	);
	t.is(server.pending, 0);
	t.true(server.log.every(({status}) => status === 200));
});
