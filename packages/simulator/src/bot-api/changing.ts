import type {Message} from '@grammyjs/types';
import {describe, fileOf} from './file.ts';
import {integer, text, type Payload} from './parameters.ts';
import {badRequest, tooManyRequests} from './refusal.ts';
import {contentOf, repeat, textOf} from './sending.ts';
import type {Call, Method} from './state.ts';

/** The chat actions. @see https://core.telegram.org/bots/api#sendchataction */
const chatActions: ReadonlySet<string> = new Set([
	'typing',
	'upload_photo',
	'record_video',
	'upload_video',
	'record_voice',
	'upload_voice',
	'record_audio',
	'upload_audio',
	'upload_document',
	'choose_sticker',
	'find_location',
	'record_video_note',
	'upload_video_note',
]);

function sendChatAction({payload}: Call): true {
	const action = text(payload, 'action')?.toLowerCase();
	if (action === undefined || !chatActions.has(action)) throw badRequest('wrong parameter action in request');
	return true;
}

/** The message a request is about, in the chat it goes to. */
function messageOf({state, payload, place}: Call, purpose: string): Message {
	const id = integer(payload, 'message_id');
	if (id === undefined) throw badRequest('message identifier is not specified');
	const message = state.messages.get(place?.chat.id, id);
	if (!message) throw badRequest(`message to ${purpose} not found`);
	return message;
}

function edit(name: string, change: (call: Call) => Partial<Message>): Method {
	return {
		name,
		chat: 'known',
		run(call) {
			const changes = change(call);
			const message = messageOf(call, 'edit');
			if (message.from?.id !== call.state.botInfo.id) throw badRequest("message can't be edited");
			const edited = {...message, ...changes};
			if (JSON.stringify(edited) === JSON.stringify(message)) {
				throw badRequest(
					'message is not modified: specified new message content and reply markup are exactly the same as a current ' +
						'content and reply markup of the message',
				);
			}

			call.state.messages.add(edited);
			return {...edited, edit_date: Math.floor(Date.now() / 1000)};
		},
	};
}

/** The new file of a message. It may be of another kind than the one before. */
function mediaOf({state, payload}: Call): Partial<Message> {
	const {media} = payload;
	if (typeof media !== 'object' || media === null || Array.isArray(media)) throw badRequest("can't parse InputMedia: expected an Object");
	const item = media as Payload;
	const kind = text(item, 'type') ?? '';
	if (!['photo', 'video', 'animation', 'document', 'audio'].includes(kind))
		throw badRequest(`can't parse InputMedia: type "${kind}" is not allowed`);
	return {...contentOf(kind, fileOf(state, payload, item['media'], kind)), caption: text(item, 'caption')} as Partial<Message>;
}

/** The messages named by `from_chat_id` and `message_id` or `message_ids`. */
function sources({state, payload}: Call, ids: readonly unknown[], purpose: string): Message[] {
	const from = state.chats.idOf({chat_id: payload['from_chat_id']});
	if (from === undefined) throw badRequest('chat not found');
	const found = ids.map(id => state.messages.get(from, Number(id))).filter(message => message !== undefined);
	if (found.length === 0) throw badRequest(`message to ${purpose} not found`);
	return found;
}

function idsOf(payload: Payload): readonly unknown[] {
	const {message_ids: ids} = payload;
	if (!Array.isArray(ids) || ids.length === 0) throw badRequest('message identifiers are not specified');
	if (ids.length > 100) throw badRequest('too many message identifiers specified');
	return ids;
}

function idOf(payload: Payload): readonly unknown[] {
	const id = integer(payload, 'message_id');
	if (id === undefined) throw badRequest('message identifier is not specified');
	return [id];
}

function forward(call: Call, message: Message): Message {
	return repeat(call, message, {forward_origin: {type: 'user', sender_user: message.from, date: message.date}});
}

function copy(call: Call, message: Message): {message_id: number} {
	return {message_id: repeat(call, message).message_id};
}

/** Chat actions, copies and forwards, and what is done to messages that exist. */
export const changingMethods: readonly Method[] = [
	{name: 'sendChatAction', chat: 'action', run: sendChatAction},
	{name: 'copyMessage', chat: 'send', run: call => sources(call, idOf(call.payload), 'copy').map(message => copy(call, message))[0]},
	{name: 'copyMessages', chat: 'send', run: call => sources(call, idsOf(call.payload), 'copy').map(message => copy(call, message))},
	{
		name: 'forwardMessage',
		chat: 'send',
		run: call => sources(call, idOf(call.payload), 'forward').map(message => forward(call, message))[0],
	},
	{
		name: 'forwardMessages',
		chat: 'send',
		run: call => sources(call, idsOf(call.payload), 'forward').map(message => ({message_id: forward(call, message).message_id})),
	},
	edit('editMessageText', ({payload}) => ({text: textOf(payload)})),
	edit('editMessageCaption', ({payload}) => ({caption: text(payload, 'caption') ?? ''})),
	edit('editMessageReplyMarkup', ({payload: {reply_markup: markup}}) => ({reply_markup: markup}) as Partial<Message>),
	edit('editMessageMedia', mediaOf),
	{
		name: 'deleteMessage',
		chat: 'known',
		run(call) {
			const {chat, message_id: id} = messageOf(call, 'delete');
			return call.state.messages.delete(chat.id, id);
		},
	},
	{
		name: 'deleteMessages',
		chat: 'known',
		run({state, payload, place}) {
			for (const id of idsOf(payload)) state.messages.delete(place?.chat.id ?? 0, Number(id));
			return true;
		},
	},
	{name: 'setMessageReaction', chat: 'known', run: call => messageOf(call, 'react') !== undefined},
	{name: 'pinChatMessage', chat: 'known', run: call => messageOf(call, 'pin') !== undefined},
	{
		name: 'answerCallbackQuery',
		run({state, payload}) {
			if (state.callbackQueries.delete(text(payload, 'callback_query_id') ?? '')) return true;
			throw badRequest('query is too old and response timeout expired or query ID is invalid');
		},
	},
	{
		name: 'getFile',
		run({state, payload}) {
			const id = text(payload, 'file_id') ?? '';
			const size = state.files.get(id);
			if (size === undefined) throw badRequest('invalid file_id');
			return {...describe(id, size), file_path: `files/${id}`};
		},
	},
	{
		name: 'close',
		run({state}) {
			// A bot may only move its session after ten minutes. @see https://core.telegram.org/bots/api#close
			const left = 600 - Math.floor((performance.now() - state.startedAt) / 1000);
			if (left > 0) throw tooManyRequests(left);
			return true;
		},
	},
];
