import type {Payload} from '../mtproto/call.ts';
import {markedId} from '../mtproto/peers.ts';
import {asObject, type TlObject} from '../mtproto/tl-object.ts';
import {PhpException} from './exception.ts';

/** What a method can't do without; a peer that is left out is an empty one, which Telegram refuses by itself. */
const required: Readonly<Record<string, readonly string[]>> = {
	'messages.setTyping': ['action'],
	'messages.sendMessage': ['message'],
	'messages.sendMedia': ['media', 'message'],
	'messages.sendMultiMedia': ['multi_media'],
	'messages.forwardMessages': ['from_peer', 'id'],
};

/** The files that MadelineProto sends by methods of its own. @see https://docs.madelineproto.xyz/docs/FILES.html */
const files: ReadonlySet<string> = new Set(['sendDocument', 'sendPhoto', 'sendVideo', 'sendGif', 'sendAudio', 'sendVoice', 'sendSticker']);

/** A call in the words of the schema, if it was one of MadelineProto's own. */
export function translate(method: string, payload: Payload): {method: string; payload: Payload} {
	const {file, caption: message = '', topMsgId: top_msg_id, replyToMsgId: reply_to_msg_id, ...rest} = payload;
	if (method === 'sendMessage') return {method: 'messages.sendMessage', payload: {...rest, reply_to_msg_id, top_msg_id}};
	if (!files.has(method)) return {method, payload};
	const media = {_: method === 'sendPhoto' ? 'inputMediaUploadedPhoto' : 'inputMediaUploadedDocument', file};
	return {method: 'messages.sendMedia', payload: {...rest, media, message, reply_to_msg_id, top_msg_id}};
}

/**
A call as MadelineProto passes it on to Telegram.

@throws {PhpException} for what it doesn't even begin to send
*/
export function outgoing(method: string, payload: Payload): Payload {
	const {action, ...parameters} = payload;
	for (const name of required[method] ?? []) {
		if (payload[name] === undefined) throw new PhpException('danog\\MadelineProto\\Exception', `Missing required parameter ${name}`);
	}

	if (action !== undefined && !/^(?:sendMessage|speakingIn)\w+$/.test(asObject(action)?._ ?? '')) {
		throw new PhpException('danog\\MadelineProto\\TL\\Exception', 'Could not extract type "action"');
	}

	// As it was before `reply_to` existed, which MadelineProto still takes.
	const {reply_to_msg_id: id, top_msg_id: topic, ...rest} = parameters;
	const isReply = method.startsWith('messages.send') && id !== undefined && rest['reply_to'] === undefined;
	const reply_to = {_: 'inputReplyToMessage', reply_to_msg_id: id, ...(topic !== undefined && {top_msg_id: topic})};
	return isReply ? {...rest, reply_to} : payload;
}

/** An object of the schema as MadelineProto shows it: peers are plain numbers, as in the Bot API. */
export function plain(value: unknown): unknown {
	if (typeof value === 'bigint') return Number(value);
	if (value instanceof Uint8Array) return {_: 'bytes', bytes: Buffer.from(value).toString('base64')};
	if (Array.isArray(value)) return value.map(plain);
	const object = asObject(value);
	if (object && /^peer(?:User|Chat|Channel)$/.test(object._)) return markedId(object);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}

/** Each update in what Telegram pushed, the short forms spelled out. */
export function updatesIn(pushed: TlObject): unknown[] {
	const {pts, pts_count, user_id, from_id, chat_id, ...rest} = pushed;
	switch (pushed._) {
		case 'updateShortMessage':
		case 'updateShortChatMessage': {
			const from = Number(user_id ?? from_id);
			const peer_id = chat_id === undefined ? from : -Number(chat_id);
			const message = {...rest, _: 'message', out: false, from_id: from, peer_id};
			return [plain({_: 'updateNewMessage', message, pts, pts_count})];
		}

		case 'updateShort': {
			return [plain(rest['update'])];
		}

		default: {
			return (rest['updates'] as unknown[]).map(plain);
		}
	}
}
