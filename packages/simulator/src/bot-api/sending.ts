import type {Message} from '@grammyjs/types';
import {chatObject, type Place} from './chats.ts';
import {fileOf} from './file.ts';
import {flag, integer, text, type Payload} from './parameters.ts';
import {badRequest} from './refusal.ts';
import type {Call, Method} from './state.ts';

/** What makes a message the message it is: `text`, `photo`… */
type Content = Readonly<Record<string, unknown>>;

function sending(name: string, content: (call: Call) => Content): Method {
	return {name, chat: 'send', run: call => send(call, content(call))};
}

/** A method that sends one file and its caption. */
function sendingFile(name: string, kind: string, about: Content = {}): Method {
	return sending(name, ({state, payload}) => {
		const file = {...fileOf(state, payload, payload[kind], kind), ...about};
		return {...contentOf(kind, file), ...caption(payload)};
	});
}

/** A photo comes in several sizes. */
export function contentOf(kind: string, file: object): Content {
	return {[kind]: kind === 'photo' ? [file] : file};
}

/** Puts a message of the bot into the chat. */
function send({state, payload, place}: Call, content: Content): Message {
	const {chat, topic, businessConnectionId} = place as Place;
	const message = {
		message_id: state.messages.nextId(),
		from: state.botInfo,
		chat: chatObject(chat),
		date: Math.floor(Date.now() / 1000),
		...(topic !== undefined && topic !== 1 && {message_thread_id: topic, is_topic_message: true}),
		...(businessConnectionId !== undefined && {business_connection_id: businessConnectionId}),
		...replied({state, payload, place} as Call),
		...content,
	} as Message;
	state.messages.add(message);
	return message;
}

function replied({state, payload, place}: Call): Content {
	const parameters = (payload['reply_parameters'] ?? {}) as Payload;
	const id = integer(parameters, 'message_id') ?? integer(payload, 'reply_to_message_id');
	if (id === undefined) return {};
	const message = state.messages.get(integer(parameters, 'chat_id') ?? place?.chat.id, id);
	if (message) return {reply_to_message: message};
	if (flag(parameters, 'allow_sending_without_reply') || flag(payload, 'allow_sending_without_reply')) return {};
	throw badRequest('message to be replied not found');
}

/** @throws {Refusal} if there is none, or too much of it */
export function textOf(payload: Payload): string {
	const content = text(payload, 'text')?.trim();
	if (!content) throw badRequest('message text is empty');
	if (content.length > 4096) throw badRequest('message is too long');
	const mode = text(payload, 'parse_mode');
	if (mode !== undefined && !/^(html|markdown|markdownv2)$/i.test(mode)) throw badRequest('unsupported parse_mode');
	return content;
}

function caption(payload: Payload): Content {
	const content = text(payload, 'caption');
	if (content === undefined) return {};
	if (content.length > 1024) throw badRequest('message caption is too long');
	return {caption: content};
}

function number(payload: Payload, name: string): number {
	const value = Number(payload[name] ?? Number.NaN);
	if (Number.isNaN(value)) throw badRequest(`parameter "${name}" is required`);
	return value;
}

function required(payload: Payload, name: string): string {
	const value = text(payload, name);
	if (!value) throw badRequest(`parameter "${name}" is required`);
	return value;
}

function locationOf(payload: Payload): Content {
	return {latitude: number(payload, 'latitude'), longitude: number(payload, 'longitude')};
}

function mediaOf(payload: Payload, most: number): Payload[] {
	const {media} = payload;
	if (media === undefined) throw badRequest('parameter "media" is required');
	if (!Array.isArray(media)) throw badRequest('expected an Array of InputMedia');
	if (media.length === 0) throw badRequest('there are no messages to send');
	if (media.length > most) throw badRequest('too many messages to send as an album');
	return media as Payload[];
}

function sendMediaGroup(call: Call): Message[] {
	const {state, payload} = call;
	const media = mediaOf(payload, 10);
	const kinds = new Set(media.map(item => text(item, 'type') ?? ''));
	for (const kind of ['document', 'audio']) {
		if (kinds.has(kind) && kinds.size > 1) throw badRequest(`${kind} can't be mixed with other media types`);
	}

	// All or nothing: look at every item before the first is sent.
	const contents = media.map(item => {
		const kind = text(item, 'type') ?? '';
		if (!['photo', 'video', 'document', 'audio'].includes(kind)) {
			throw badRequest(`can't parse InputMedia: type "${kind}" can't be used in sendMediaGroup`);
		}

		const file = fileOf(state, payload, item['media'], kind);
		return {media_group_id: 'album', ...contentOf(kind, file), ...caption(item)};
	});
	return contents.map(content => send(call, content));
}

function pollOf(payload: Payload): Content {
	const {options} = payload;
	const question = required(payload, 'question');
	if (!Array.isArray(options) || options.length === 0) throw badRequest('poll must have at least 1 option');
	return {poll: {id: 'poll', question, options, total_voter_count: 0, is_closed: false, is_anonymous: true, type: 'regular'}};
}

const picture = {width: 90, height: 90};

/** Everything that puts one or more messages into a chat, copies and forwards apart. */
export const sendingMethods: readonly Method[] = [
	sending('sendMessage', ({payload}) => ({text: textOf(payload)})),
	sendingFile('sendPhoto', 'photo', picture),
	sendingFile('sendVideo', 'video', {...picture, duration: 1}),
	sendingFile('sendDocument', 'document'),
	sendingFile('sendAudio', 'audio', {duration: 1}),
	sendingFile('sendVoice', 'voice', {duration: 1}),
	sendingFile('sendVideoNote', 'video_note', {length: 90, duration: 1}),
	sendingFile('sendAnimation', 'animation', {...picture, duration: 1}),
	sendingFile('sendSticker', 'sticker', {...picture, type: 'regular', is_animated: false, is_video: false}),
	{name: 'sendMediaGroup', chat: 'send', run: sendMediaGroup},
	sending('sendPaidMedia', ({state, payload}) => {
		const stars = number(payload, 'star_count');
		const files = mediaOf(payload, 10).map(item => fileOf(state, payload, item['media'], text(item, 'type') ?? 'media'));
		const media = files.map(file => ({type: 'photo', photo: [{...file, ...picture}]}));
		return {paid_media: {star_count: stars, paid_media: media}, ...caption(payload)};
	}),
	sending('sendLocation', ({payload}) => ({location: locationOf(payload)})),
	sending('sendVenue', ({payload}) => {
		const [title, address] = [required(payload, 'title'), required(payload, 'address')];
		return {venue: {location: locationOf(payload), title, address}};
	}),
	sending('sendContact', ({payload}) => {
		const [phone_number, first_name] = [required(payload, 'phone_number'), required(payload, 'first_name')];
		return {contact: {phone_number, first_name}};
	}),
	sending('sendPoll', ({payload}) => pollOf(payload)),
	sending('sendDice', ({payload}) => ({dice: {emoji: text(payload, 'emoji') ?? '🎲', value: 4}})),
	sending('sendInvoice', ({payload}) => ({invoice: {title: required(payload, 'title'), description: required(payload, 'description')}})),
	sending('sendGame', ({payload}) => ({game: {title: required(payload, 'game_short_name')}})),
];

/** Sends a message that exists already; whose it looks like is up to `about`. */
export function repeat(call: Call, message: Message, about: Content = {}): Message {
	const {
		message_id: _id,
		from: _from,
		chat: _chat,
		date: _date,
		message_thread_id: _thread,
		is_topic_message: _topic,
		...content
	} = message as Message & Record<string, unknown>;
	return send(call, {...content, ...about});
}
