import type {MovingAction, PlainAction} from './action.ts';
import type {MtprotoTarget} from './target.ts';

/** The methods that put a message of the account into a chat, which is when Telegram clears its action. */
const sendsMessage: ReadonlySet<string> = new Set([
	'messages.sendMessage',
	'messages.sendMedia',
	'messages.sendMultiMedia',
	'messages.sendInlineBotResult',
	'messages.forwardMessages',
	'messages.sendScheduledMessages',
	'messages.sendQuickReplyMessages',
]);

/** Where a message goes, and which message it answers: in a forum that decides the topic, and only the service knows which one. */
export interface MessageTarget<Peer = unknown> extends MtprotoTarget<Peer> {
	readonly replyToMsgId?: number;
}

/**
Where a call puts a message, or `undefined` if it puts none anywhere now.

@param method - The method of the schema.
@param parameters - Its parameters, in the words of the schema; `reply_to_msg_id` and `top_msg_id` may stand beside each other as they did once.
@see https://core.telegram.org/methods#working-with-messages
@example
```ts
import {messageTarget} from '@auto-typing/mtproto';

messageTarget('messages.sendMessage', {peer: 5, message: 'hi'}); // {peer: 5}
messageTarget('messages.editMessage', {peer: 5, id: 1, message: 'ho'}); // undefined: it clears nothing
```
*/
export function messageTarget(method: string, parameters: object): MessageTarget | undefined {
	const {peer, to_peer: toPeer, schedule_date: scheduleDate, reply_to: replyTo, ...legacy} = parameters as Outgoing;
	const to = toPeer ?? peer;
	if (!sendsMessage.has(method) || to === undefined || scheduleDate) {
		return undefined;
	}

	const topMsgId = replyTo?.top_msg_id ?? legacy.top_msg_id;
	const replyToMsgId = replyTo?.reply_to_msg_id ?? legacy.reply_to_msg_id;
	return {peer: to, ...(topMsgId && {topMsgId}), ...(replyToMsgId && {replyToMsgId})};
}

interface Reply {
	readonly reply_to_msg_id?: number;
	readonly top_msg_id?: number;
}

interface Outgoing extends Reply {
	readonly peer?: unknown;
	readonly to_peer?: unknown;
	readonly schedule_date?: number;
	readonly reply_to?: Reply;
}

interface Attribute {
	readonly _?: unknown;
	readonly round_message?: boolean;
}

/** As a user may have written it: nothing of it is certain, and what is wrong with it is for the service to say. */
interface Media {
	readonly _?: unknown;
	readonly mime_type?: unknown;
	readonly attributes?: ArrayLike<Attribute | null> | Readonly<Record<string, Attribute | null>> | null;
}

/**
What the person should see while a medium is on its way, or `undefined` if nothing of it has to be uploaded.

@param media - An `InputMedia` in the words of the schema.
@see https://core.telegram.org/type/InputMedia
@example
```ts
import {uploadAction} from '@auto-typing/mtproto';

uploadAction({_: 'inputMediaUploadedPhoto', file: 'cat.jpg'}); // 'upload_photo'
uploadAction({_: 'inputMediaPhoto', id: {}}); // undefined: Telegram has it already
```
*/
export function uploadAction(media: unknown): MovingAction | Extract<PlainAction, 'choose_sticker'> | undefined {
	const {_: type, mime_type: mime, attributes} = (media ?? {}) as Media;
	if (type === 'inputMediaUploadedPhoto') {
		return 'upload_photo';
	}

	if (type !== 'inputMediaUploadedDocument') {
		return undefined;
	}

	// MadelineProto makes the same of a list and of an object.
	const has = (name: string) => Object.values(attributes ?? {}).find(attribute => attribute?._ === name);
	if (has('documentAttributeSticker')) {
		return 'choose_sticker'; // There is none for sending one.
	}

	const video = has('documentAttributeVideo');
	if (video?.round_message) {
		return 'upload_video_note';
	}

	if (video || has('documentAttributeAnimated') || String(mime).startsWith('video/')) {
		return 'upload_video';
	}

	// There is none for music either: Telegram's own apps show a voice upload.
	return has('documentAttributeAudio') || String(mime).startsWith('audio/') ? 'upload_voice' : 'upload_document';
}
