import {messageTarget, peerKey, uploadAction, type MessageTarget, type MtprotoAction} from '@auto-typing/mtproto';

/**
MadelineProto's own ways to send, and those of its server, with what they upload. Their parameters are in camel case, or in one array.

@see https://docs.madelineproto.xyz/docs/FILES.html
*/
const own: ReadonlyMap<string, MtprotoAction | undefined> = new Map<string, MtprotoAction | undefined>([
	['sendMessage', undefined],
	['sendMedia', undefined],
	['copyMessages', undefined],
	['sendPhoto', 'upload_photo'],
	['sendDocumentPhoto', 'upload_photo'],
	['sendVideo', 'upload_video'],
	['sendGif', 'upload_video'],
	['sendVoice', 'upload_voice'],
	['sendAudio', 'upload_voice'],
	['sendDocument', 'upload_document'],
	['sendSticker', 'choose_sticker'],
]);

type Item = {readonly media?: unknown} | null;

interface Parameters {
	readonly topMsgId?: number;
	readonly replyToMsgId?: number;
	readonly scheduleDate?: number;
	readonly media?: unknown;
	readonly multi_media?: ArrayLike<Item> | Readonly<Record<string, Item>> | null;
}

/** A message on its way out: where it goes, and what it uploads. */
export interface Outgoing {
	readonly target: MessageTarget;
	readonly action: MtprotoAction | undefined;
}

/** What a call sends, or `undefined` if it sends nothing. */
export function outgoing(method: string, parameters: object): Outgoing | undefined {
	const all = unwrapped(parameters);
	const {topMsgId, replyToMsgId, scheduleDate, media: single, multi_media: album, ...rest} = all as Parameters;
	const target = own.has(method)
		? messageTarget('messages.sendMessage', {
				top_msg_id: topMsgId,
				reply_to_msg_id: replyToMsgId,
				schedule_date: scheduleDate,
				...rest,
			})
		: messageTarget(method, all);
	if (!target || !isChat(target.peer)) {
		return undefined;
	}

	const media = [single, ...Object.values(album ?? {}).map(item => item?.media)];
	return {target, action: own.get(method) ?? media.map(uploading).find(Boolean)};
}

/** Whether we can tell which chat it is. MadelineProto takes whatever leads to one, whole updates even. */
export function isChat(peer: unknown): boolean {
	try {
		return peerKey(peer) !== '';
	} catch {
		return false;
	}
}

/** A single array holds all parameters, whatever it is called. */
function unwrapped(parameters: object): object {
	const [only, ...more] = Object.values(parameters) as unknown[];
	return more.length === 0 && typeof only === 'object' && only !== null && !('_' in only) ? only : parameters;
}

/** MadelineProto uploads a path or an address while it sends; what was uploaded before is an object of the schema. */
function uploading(media: unknown): MtprotoAction | undefined {
	const {file} = (media ?? {}) as {file?: {readonly _?: unknown} | null};
	return typeof file === 'object' && String(file?._).startsWith('inputFile') ? undefined : uploadAction(media);
}
