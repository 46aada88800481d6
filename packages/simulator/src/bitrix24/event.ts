import type {Auth} from './auth.ts';
import type {Bitrix24Bot} from './options.ts';

/** What a person writes to a bot. */
export interface DialogMessage {
	/** A user's id for a private dialog, `chatXXX` for a group chat. @default '27' */
	readonly dialogId?: string;
	/** Who writes. @default the user of a private dialog, or 27 */
	readonly userId?: number;
	readonly text: string;
	/** In which version's form the event comes: that by which the bot was registered. @default 2 */
	readonly version?: 1 | 2;
	/** To which bot. @default the first */
	readonly botId?: number;
	/** Fields besides those of every message, such as the files of a long one. */
	readonly extra?: object;
}

/** The event a message makes, as `http_build_query` would get it: all scalars are strings. */
export function compose(
	{dialogId = '27', userId, text, version = 2, extra = {}}: DialogMessage,
	bot: Bitrix24Bot,
	{grant, applicationToken, memberId, clientId}: Auth,
	messageId: number,
): object {
	const user = String(userId ?? (/^\d+$/.test(dialogId) ? dialogId : 27));
	const tokens = {
		...grant,
		expires: String(grant.expires),
		expires_in: String(grant.expires_in),
		client_id: clientId,
		application_token: applicationToken,
	};
	const chatId = dialogId.replace(/^chat/, '');
	const data =
		version === 1
			? {
					BOT: {[bot.id]: {...tokens, AUTH: tokens, BOT_ID: String(bot.id), BOT_CODE: bot.code}},
					PARAMS: {
						MESSAGE: text,
						MESSAGE_TYPE: dialogId.startsWith('chat') ? 'C' : 'P',
						FROM_USER_ID: user,
						DIALOG_ID: dialogId,
						TO_CHAT_ID: chatId,
						AUTHOR_ID: user,
						MESSAGE_ID: String(messageId),
						LANGUAGE: 'en',
						...extra,
					},
					USER: {ID: user, NAME: 'Emily Smith', IS_BOT: 'N'},
				}
			: {
					bot: {id: String(bot.id), code: bot.code, auth: tokens},
					message: {id: String(messageId), chatId, authorId: user, text, isSystem: '0', uuid: '', ...extra},
					chat: {id: chatId, dialogId, type: dialogId.startsWith('chat') ? 'chat' : 'private'},
					user: {id: user, name: 'Emily Smith', bot: '0'},
					language: 'en',
				};
	return {
		event: version === 1 ? 'ONIMBOTMESSAGEADD' : 'ONIMBOTV2MESSAGEADD',
		event_handler_id: '403',
		data,
		ts: String(Math.floor(Date.now() / 1000)),
		auth: {...tokens, member_id: memberId, application_token: applicationToken},
	};
}

/**
A form as PHP's `http_build_query` makes it: groups as `data[BOT][7]`, with the brackets encoded too.

@see https://www.php.net/manual/en/function.http-build-query.php
*/
export function encodeForm(fields: object, prefix = ''): string {
	return Object.entries(fields)
		.map(([name, value]: [string, unknown]) => {
			const path = prefix === '' ? name : `${prefix}[${name}]`;
			return typeof value === 'object' && value !== null ? encodeForm(value, path) : `${encodePart(path)}=${encodePart(String(value))}`;
		})
		.filter(pair => pair !== '')
		.join('&');
}

/** `urlencode`: a space is a plus, and more is encoded than by `encodeURIComponent`. */
function encodePart(text: string): string {
	return encodeURIComponent(text)
		.replaceAll('%20', '+')
		.replaceAll(/[!'()*~]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
