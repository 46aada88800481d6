/**
What is shown without further ado. By the Bot API's names where it has one, so that users of both feel at home, and by those of the schema
where it has none.

@see https://core.telegram.org/type/SendMessageAction
*/
const plain = {
	typing: 'sendMessageTypingAction',
	record_video: 'sendMessageRecordVideoAction',
	record_voice: 'sendMessageRecordAudioAction',
	record_video_note: 'sendMessageRecordRoundAction',
	find_location: 'sendMessageGeoLocationAction',
	choose_contact: 'sendMessageChooseContactAction',
	choose_sticker: 'sendMessageChooseStickerAction',
	game_play: 'sendMessageGamePlayAction',
	speaking_in_group_call: 'speakingInGroupCallAction',
} as const;

/** What is on its way, and how far it has come. */
const moving = {
	upload_photo: 'sendMessageUploadPhotoAction',
	upload_video: 'sendMessageUploadVideoAction',
	upload_voice: 'sendMessageUploadAudioAction',
	upload_video_note: 'sendMessageUploadRoundAction',
	upload_document: 'sendMessageUploadDocumentAction',
	history_import: 'sendMessageHistoryImportAction',
} as const;

/** What makes no sense without its fields. */
const interactions = {
	emoji_interaction: 'sendMessageEmojiInteraction',
	emoji_interaction_seen: 'sendMessageEmojiInteractionSeen',
} as const;

/** An action without fields. */
export type PlainAction = keyof typeof plain;

/** An action with a progress; by its name alone it stands at 0 %. */
export type MovingAction = keyof typeof moving;

/** Something on its way. */
export interface ProgressAction {
	readonly type: MovingAction;

	/** How far it has come, 0–100 per cent. It should move: a getter is read at each send. Rounded, and kept within its bounds. */
	readonly progress: number;
}

/**
The person is shown the effect of an animated emoji that was clicked.

@see https://core.telegram.org/api/animated-emojis#emoji-reactions
*/
export interface EmojiInteractionAction {
	readonly type: 'emoji_interaction';
	readonly emoticon: string;

	/** The message with the emoji. */
	readonly msgId: number;

	/** The clicks, as Telegram's clients tell them: `{v: 1, a: [{t: 0, i: 1}]}` is one, at once, with the first of the effects. */
	readonly interaction: object;
}

/** The effect that the person sent is being watched. */
export interface EmojiInteractionSeenAction {
	readonly type: 'emoji_interaction_seen';
	readonly emoticon: string;
}

/** What MTProto can show. Taking it down, which the schema counts among the actions too, is `stop`. */
export type MtprotoAction = PlainAction | MovingAction | ProgressAction | EmojiInteractionAction | EmojiInteractionSeenAction;

/** The name of an action. */
export type MtprotoActionType = PlainAction | MovingAction | keyof typeof interactions;

/** A `SendMessageAction` in the words of the schema, as a plain object. MadelineProto takes it as it is. */
export type WireAction =
	| {readonly _: (typeof plain)[PlainAction] | 'sendMessageCancelAction'}
	| {readonly _: (typeof moving)[MovingAction]; readonly progress: number}
	| {
			readonly _: 'sendMessageEmojiInteraction';
			readonly emoticon: string;
			readonly msg_id: number;
			readonly interaction: {readonly _: 'dataJSON'; readonly data: string};
	  }
	| {readonly _: 'sendMessageEmojiInteractionSeen'; readonly emoticon: string};

/** The names of all actions. */
export const actionTypes: readonly MtprotoActionType[] = Object.freeze([
	...(Object.keys(plain) as PlainAction[]),
	...(Object.keys(moving) as MovingAction[]),
	...(Object.keys(interactions) as Array<keyof typeof interactions>),
]);

/**
An action as it goes over the wire.

@throws {TypeError} For an action that there is not, or that lacks a field: names it, and what it expects.
@example
```ts
import {wireAction} from '@auto-typing/mtproto';

wireAction('typing'); // {_: 'sendMessageTypingAction'}
wireAction({type: 'upload_video', progress: 39.7}); // {_: 'sendMessageUploadVideoAction', progress: 40}
```
*/
export function wireAction(action: MtprotoAction): WireAction {
	const fields: Fields = typeof action === 'object' && action !== null ? action : {type: action};
	const {type} = fields;
	if (isOneOf(plain, type)) {
		return {_: plain[type]};
	}

	if (isOneOf(moving, type)) {
		return {_: moving[type], progress: percentage(fields.progress ?? 0)};
	}

	if (type === 'emoji_interaction') {
		const {msgId, interaction} = fields;
		check('msgId', Number.isSafeInteger(msgId), 'the number of a message');
		check('interaction', typeof interaction === 'object' && interaction !== null, 'an object');
		const data = JSON.stringify(interaction);
		return {_: interactions[type], emoticon: emoticon(fields), msg_id: msgId as number, interaction: {_: 'dataJSON', data}};
	}

	check('type', type === 'emoji_interaction_seen', `one of ${actionTypes.join(', ')}`);
	return {_: interactions.emoji_interaction_seen, emoticon: emoticon(fields)};
}

/** Taking down whatever is shown. */
export const cancelAction: WireAction = Object.freeze({_: 'sendMessageCancelAction'});

/** What an action may have, whatever it is. */
type Fields = Partial<Record<'type' | 'progress' | 'emoticon' | 'msgId' | 'interaction', unknown>>;

function isOneOf<Names extends object>(names: Names, type: unknown): type is keyof Names {
	return typeof type === 'string' && Object.hasOwn(names, type);
}

/** Nobody is helped by an indicator that goes out because a download was larger than announced: what is out of bounds is brought back. */
function percentage(progress: unknown): number {
	check('progress', typeof progress === 'number', 'a number from 0 to 100');
	return Math.min(100, Math.max(0, Math.round(progress as number) || 0));
}

function emoticon({emoticon}: Fields): string {
	check('emoticon', typeof emoticon === 'string' && emoticon !== '', 'an emoji');
	return emoticon as string;
}

function check(name: string, isRight: boolean, expectation: string): void {
	if (!isRight) {
		throw new TypeError(`Expected \`action.${name}\` to be ${expectation}`);
	}
}
