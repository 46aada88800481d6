import type {ChatAction} from './chat-action.ts';
import {generalTopic, type ChatTarget} from './target.ts';

/** The methods that put a message of the bot into a chat, which is when Telegram clears the chat action. Drafts and actions are no messages. */
const sendsMessage = /^(?:send(?!ChatAction$|ChatJoinRequest|Gift$)\w+(?<!Draft)|copyMessages?|forwardMessages?)$/;

/**
Where a call puts a message, or `undefined` if it puts none anywhere.

@param method - The method of the Bot API.
@param payload - Its parameters.
@see https://core.telegram.org/bots/api#available-methods
@example
```ts
import {messageTarget} from '@auto-typing/telegram';

messageTarget('sendMessage', {chat_id: 5, text: 'hi'}); // {chatId: 5}
messageTarget('editMessageText', {chat_id: 5, message_id: 1, text: 'ho'}); // undefined: it clears nothing
```
*/
export function messageTarget(method: string, payload: object): ChatTarget | undefined {
	return sendsMessage.test(method) ? payloadTarget(payload) : undefined;
}

/** The chat that the parameters of a call name. */
export function payloadTarget(payload: object): ChatTarget | undefined {
	const {
		chat_id: chatId,
		message_thread_id: threadId,
		business_connection_id: businessConnectionId,
	} = (payload ?? {}) as {chat_id?: number | string | null; message_thread_id?: number | null; business_connection_id?: string | null};
	if (chatId === undefined || chatId === null) {
		return undefined;
	}

	// Clients leave `null` out of the request, and to Telegram 0 is no topic.
	return {
		chatId,
		...(threadId && threadId !== generalTopic && {threadId}),
		...(businessConnectionId && {businessConnectionId}),
	};
}

/** What the person should see while a file of this kind is on its way. There is none for audio: Telegram's own apps show a voice upload. */
const uploadActions: Readonly<Record<string, ChatAction>> = {
	animation: 'upload_video',
	audio: 'upload_voice',
	document: 'upload_document',
	live_photo: 'upload_photo',
	photo: 'upload_photo',
	sticker: 'choose_sticker',
	video: 'upload_video',
	video_note: 'upload_video_note',
	voice: 'upload_voice',
	voice_note: 'upload_voice', // In a rich message.
};

/**
The chat action for a call that carries files, or `undefined` for a call that carries none.

@param payload - Its parameters. In an album the first file decides.
@param isFile - Whether a value is a file that has to be uploaded, in the terms of the client: not an id or an address. Handed its key, too.
@example
```ts
import {uploadAction} from '@auto-typing/telegram';

uploadAction({photo: Buffer.of()}, value => value instanceof Uint8Array); // 'upload_photo'
uploadAction({photo: 'AgACAgQAAx'}, value => value instanceof Uint8Array); // undefined: nothing is uploaded
```
*/
export function uploadAction(payload: object, isFile: (value: unknown, name: string) => boolean): ChatAction | undefined {
	let action: ChatAction | undefined;
	for (const [name, value] of Object.entries(payload ?? {}) as Array<[string, unknown]>) {
		if (isFile(value, name)) {
			// An item of an album has its kind in `type`, and a thumbnail is no reason to say "document".
			const kind = name === 'media' ? (payload as {type?: string}).type : name;
			action = (kind && uploadActions[kind]) || action || 'upload_document';
		} else if (Array.isArray(value) || (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)) {
			action ??= uploadAction(value, isFile);
		}
	}

	return action;
}
