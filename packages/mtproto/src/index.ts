export {
	actionTypes,
	wireAction,
	type EmojiInteractionAction,
	type EmojiInteractionSeenAction,
	type MovingAction,
	type MtprotoAction,
	type MtprotoActionType,
	type PlainAction,
	type ProgressAction,
	type WireAction,
} from './action.ts';
export {classify, errorText} from './failure.ts';
export {mtproto, type SetTyping} from './mtproto.ts';
export {messageTarget, uploadAction, type MessageTarget} from './outgoing.ts';
export {peerKey, type MtprotoTarget} from './target.ts';
