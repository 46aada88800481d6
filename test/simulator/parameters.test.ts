import test from 'ava';
import {serve} from './caller.ts';
import {testRefusals} from './refusal.ts';

const action = {chat_id: 7, action: 'typing'};
const message = {chat_id: 7, text: 'hi'};
const photo = 'https://example.com/photo.jpg';

testRefusals([
	['unknown method', 'sendNothing', {}, 404, 'Not Found: method not found'],
	['no chat', 'sendMessage', {text: 'hi'}, 400, 'Bad Request: chat_id is empty'],
	['a chat that is no chat', 'sendMessage', {chat_id: 'nobody', text: 'hi'}, 400, 'Bad Request: chat not found'],
	['an unknown @name', 'sendMessage', {chat_id: '@nobody', text: 'hi'}, 400, 'Bad Request: chat not found'],
	['a forgotten chat', 'sendChatAction', action, 400, 'Bad Request: chat not found', server => server.forget(7)],
	['no text', 'sendMessage', {chat_id: 7}, 400, 'Bad Request: message text is empty'],
	['blank text', 'sendMessage', {chat_id: 7, text: ' \n'}, 400, 'Bad Request: message text is empty'],
	['too much text', 'sendMessage', {chat_id: 7, text: 'a'.repeat(4097)}, 400, 'Bad Request: message is too long'],
	['unknown parse mode', 'sendMessage', {...message, parse_mode: 'rtf'}, 400, 'Bad Request: unsupported parse_mode'],
	[
		'reply to nothing',
		'sendMessage',
		{...message, reply_parameters: {message_id: 99}},
		400,
		'Bad Request: message to be replied not found',
	],
	['unparsable markup', 'sendMessage', {...message, reply_markup: '{'}, 400, 'Bad Request: object expected as reply markup'],
	['no action', 'sendChatAction', {chat_id: 7}, 400, 'Bad Request: wrong parameter action in request'],
	['unknown action', 'sendChatAction', {chat_id: 7, action: 'dancing'}, 400, 'Bad Request: wrong parameter action in request'],
	['no photo', 'sendPhoto', {chat_id: 7}, 400, 'Bad Request: there is no photo in the request'],
	['no video', 'sendVideo', {chat_id: 7}, 400, 'Bad Request: there is no video in the request'],
	['no document', 'sendDocument', {chat_id: 7}, 400, 'Bad Request: there is no document in the request'],
	['no audio', 'sendAudio', {chat_id: 7}, 400, 'Bad Request: there is no audio in the request'],
	['no voice', 'sendVoice', {chat_id: 7}, 400, 'Bad Request: there is no voice in the request'],
	['no video note', 'sendVideoNote', {chat_id: 7}, 400, 'Bad Request: there is no video_note in the request'],
	['no animation', 'sendAnimation', {chat_id: 7}, 400, 'Bad Request: there is no animation in the request'],
	['no sticker', 'sendSticker', {chat_id: 7}, 400, 'Bad Request: there is no sticker in the request'],
	['an unknown file', 'sendPhoto', {chat_id: 7, photo: 'unknown'}, 400, 'Bad Request: wrong file identifier/HTTP URL specified'],
	[
		'a file that is not attached',
		'sendPhoto',
		{chat_id: 7, photo: 'attach://x'},
		400,
		'Bad Request: wrong file identifier/HTTP URL specified',
	],
	['too long a caption', 'sendPhoto', {chat_id: 7, photo, caption: 'a'.repeat(1025)}, 400, 'Bad Request: message caption is too long'],
	['no media', 'sendMediaGroup', {chat_id: 7}, 400, 'Bad Request: parameter "media" is required'],
	['media that is no list', 'sendMediaGroup', {chat_id: 7, media: {}}, 400, 'Bad Request: expected an Array of InputMedia'],
	['an empty album', 'sendMediaGroup', {chat_id: 7, media: []}, 400, 'Bad Request: there are no messages to send'],
	[
		'an album of eleven',
		'sendMediaGroup',
		{chat_id: 7, media: Array.from({length: 11}, () => ({type: 'photo', media: photo}))},
		400,
		'Bad Request: too many messages to send as an album',
	],
	[
		'a mixed album',
		'sendMediaGroup',
		{
			chat_id: 7,
			media: [
				{type: 'photo', media: photo},
				{type: 'document', media: photo},
			],
		},
		400,
		"Bad Request: document can't be mixed with other media types",
	],
	[
		'an album of animations',
		'sendMediaGroup',
		{chat_id: 7, media: [{type: 'animation', media: photo}]},
		400,
		'Bad Request: can\'t parse InputMedia: type "animation" can\'t be used in sendMediaGroup',
	],
	['paid media without a price', 'sendPaidMedia', {chat_id: 7, media: []}, 400, 'Bad Request: parameter "star_count" is required'],
	['no latitude', 'sendLocation', {chat_id: 7}, 400, 'Bad Request: parameter "latitude" is required'],
	['no title', 'sendVenue', {chat_id: 7}, 400, 'Bad Request: parameter "title" is required'],
	['no phone number', 'sendContact', {chat_id: 7}, 400, 'Bad Request: parameter "phone_number" is required'],
	['no question', 'sendPoll', {chat_id: 7, options: []}, 400, 'Bad Request: parameter "question" is required'],
	['no options', 'sendPoll', {chat_id: 7, question: '?', options: []}, 400, 'Bad Request: poll must have at least 1 option'],
	['no message to copy', 'copyMessage', {chat_id: 7, from_chat_id: 7, message_id: 99}, 400, 'Bad Request: message to copy not found'],
	['no message id to copy', 'copyMessage', {chat_id: 7, from_chat_id: 7}, 400, 'Bad Request: message identifier is not specified'],
	['no messages to copy', 'copyMessages', {chat_id: 7, from_chat_id: 7}, 400, 'Bad Request: message identifiers are not specified'],
	[
		'no message to forward',
		'forwardMessage',
		{chat_id: 7, from_chat_id: 7, message_id: 99},
		400,
		'Bad Request: message to forward not found',
	],
	['no chat to forward from', 'forwardMessages', {chat_id: 7, message_ids: [1]}, 400, 'Bad Request: chat not found'],
	['no message to edit', 'editMessageText', {...message, message_id: 99}, 400, 'Bad Request: message to edit not found'],
	[
		'a message of somebody else',
		'editMessageText',
		{...message, message_id: 1},
		400,
		"Bad Request: message can't be edited",
		server => void server.write({chat: 7, text: 'mine'}),
	],
	['no message id', 'editMessageText', message, 400, 'Bad Request: message identifier is not specified'],
	['no message to delete', 'deleteMessage', {chat_id: 7, message_id: 99}, 400, 'Bad Request: message to delete not found'],
	[
		'no message to react to',
		'setMessageReaction',
		{chat_id: 7, message_id: 99, reaction: []},
		400,
		'Bad Request: message to react not found',
	],
	['no message to pin', 'pinChatMessage', {chat_id: 7, message_id: 99}, 400, 'Bad Request: message to pin not found'],
	[
		'an unknown callback query',
		'answerCallbackQuery',
		{callback_query_id: 'x'},
		400,
		'Bad Request: query is too old and response timeout expired or query ID is invalid',
	],
	['an unknown file id', 'getFile', {file_id: 'x'}, 400, 'Bad Request: invalid file_id'],
	['no commands', 'setMyCommands', {}, 400, 'Bad Request: parameter "commands" is required'],
	[
		'a webhook without https',
		'setWebhook',
		{url: 'http://example.com/'},
		400,
		'Bad Request: bad webhook: An HTTPS URL must be provided for webhook',
	],
	[
		'a webhook far away',
		'setWebhook',
		{url: 'https://example.com/'},
		400,
		'Bad Request: bad webhook: Failed to resolve host: Name or service not known',
	],
	['a webhook that is no address', 'setWebhook', {url: '://'}, 400, 'Bad Request: invalid webhook URL specified'],
	[
		'a webhook by other means',
		'setWebhook',
		{url: 'ftp://127.0.0.1/'},
		400,
		'Bad Request: bad webhook: An HTTPS URL must be provided for webhook',
	],
	[
		'a secret with odd characters',
		'setWebhook',
		{url: 'http://127.0.0.1/', secret_token: 'a b'},
		400,
		'Bad Request: secret token contains unallowed characters',
	],
	['a long secret', 'setWebhook', {url: 'http://127.0.0.1/', secret_token: 'a'.repeat(257)}, 400, 'Bad Request: secret token is too long'],
	[
		'no connections',
		'setWebhook',
		{url: 'http://127.0.0.1/', max_connections: 0},
		400,
		'Bad Request: max_connections must be between 1 and 100',
	],
	['kinds that are no list', 'getUpdates', {allowed_updates: {}}, 400, "Bad Request: can't parse allowed_updates JSON object"],
]);

test('an edit that changes nothing is refused', async t => {
	const {call} = await serve(t);
	const {result} = await call('sendMessage', {chat_id: 7, text: 'hi'});
	const edit = {chat_id: 7, message_id: result.message_id};
	t.like(await call('editMessageText', {...edit, text: 'hi'}), {
		status: 400,
		description:
			'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
	});
	t.is((await call('editMessageText', {...edit, text: 'ho'})).result.text, 'ho');
});

test('bodies that cannot be read', async t => {
	const {server} = await serve(t);
	const post = async (type: string, body: string) => {
		const response = await fetch(`${server.url}/bot${server.token}/getMe`, {method: 'POST', body, headers: {'content-type': type}});
		return ((await response.json()) as {description: string}).description;
	};

	t.is(await post('application/json', '{'), "Bad Request: can't parse JSON object");
	t.is(await post('application/json', '[]'), 'Bad Request: object expected as the request body');
	t.regex(await post('multipart/form-data; boundary=x', '--x\r\nhalf'), /^Bad Request: can't parse multipart body/);
	t.regex(await post('multipart/form-data', ''), /^Bad Request: can't parse multipart body/);
});

test('a file without a byte, and one that is too large', async t => {
	const {server, call} = await serve(t);
	const upload = async (size: number) => {
		const form = new FormData();
		form.set('chat_id', '7');
		form.set('document', new Blob([new Uint8Array(size)]), 'file.bin');
		return call('sendDocument', form);
	};

	t.like(await upload(0), {status: 400, description: 'Bad Request: file must be non-empty'});
	t.like(await upload(50 * 1024 * 1024 + 1), {status: 413, description: 'Request Entity Too Large'});
	t.true((await upload(1)).ok);
	t.is(server.chat(7).messages.length, 1);
});
