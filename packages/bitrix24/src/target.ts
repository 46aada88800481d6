import {show} from './show.ts';

/** A dialog, and the bot that types in it. */
export interface DialogTarget {
	/** A user's id for a private dialog, `chatXXX` for a group chat, as events name it. */
	readonly dialogId: string | number;

	/** The bot, where an application has several; by default the one of the platform's options. */
	readonly botId?: number | undefined;
}

/**
The two forms there are.

@see https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/index.html#dialog-id
*/
const dialogIds = /^(?:chat)?[1-9]\d*$/;

/** Whether a value is the id of a dialog: a user's, or `chatXXX`. */
export function isDialogId(value: unknown): value is string | number {
	return (typeof value === 'string' || typeof value === 'number') && dialogIds.test(String(value));
}

/** @throws {TypeError} If it is no id of a dialog. */
export function dialogIdOf({dialogId}: DialogTarget): string {
	if (!isDialogId(dialogId)) {
		throw new TypeError(
			`Expected \`dialogId\` to be the id of a user, such as '27', or of a chat, such as 'chat27', got ${show(dialogId)}`,
		);
	}

	return String(dialogId);
}

/** @throws {TypeError} If it is no id of a bot. */
export function checkBotId(botId: unknown): void {
	if (botId !== undefined && !(Number.isSafeInteger(botId) && (botId as number) > 0)) {
		throw new TypeError(`Expected \`botId\` to be a positive integer, got ${show(botId)}`);
	}
}
