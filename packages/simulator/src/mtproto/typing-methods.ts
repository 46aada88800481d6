import {RpcError} from './rpc-error.ts';
import type {Method} from './state.ts';
import {asObject} from './tl-object.ts';

/** @see https://core.telegram.org/type/SendMessageAction */
const actions: ReadonlySet<string> = new Set([
	'sendMessageTypingAction',
	'sendMessageCancelAction',
	'sendMessageRecordVideoAction',
	'sendMessageUploadVideoAction',
	'sendMessageRecordAudioAction',
	'sendMessageUploadAudioAction',
	'sendMessageUploadPhotoAction',
	'sendMessageUploadDocumentAction',
	'sendMessageGeoLocationAction',
	'sendMessageChooseContactAction',
	'sendMessageGamePlayAction',
	'sendMessageRecordRoundAction',
	'sendMessageUploadRoundAction',
	'speakingInGroupCallAction',
	'sendMessageHistoryImportAction',
	'sendMessageChooseStickerAction',
	'sendMessageEmojiInteraction',
	'sendMessageEmojiInteractionSeen',
]);

/** @see https://core.telegram.org/method/messages.setTyping */
export const typingMethods: readonly Method[] = [
	{
		name: 'messages.setTyping',
		kind: 'action',
		run({payload, place, account}) {
			if (!actions.has(asObject(payload['action'])?._ ?? '')) throw new RpcError('INPUT_CONSTRUCTOR_INVALID');
			if (account.bot && place.peer.bot) throw new RpcError('USER_IS_BOT');
			return true;
		},
	},
];
