import type {Failure} from '@auto-typing/core';
import {refusalOf, type AnswerTime} from './refusal.ts';

/** The window in which the vendor adds up the time a method takes, in milliseconds: no silence is longer. */
const operatingWindow = 600_000;

/** How often to ask at first where it doesn't say when. It never does for the first, and for the second not to everyone. */
const soon: Failure = {after: 1000, scope: 'bot', doubling: true};
const later: Failure = {after: 10_000, scope: 'bot', doubling: true};

/**
What each code means.

@see https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-send-typing.html
@see https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/ui/chat-input-action-notify.html
@see https://apidocs.bitrix24.com/error-codes.html
*/
const meanings: Readonly<Record<string, Failure>> = {
	// Version 1. The first two concern the bot, not the chat.
	BOT_ID_ERROR: 'revoked',
	APP_ID_ERROR: 'revoked',
	DIALOG_ID_EMPTY: 'give-up',
	// Version 2.
	BOT_TOKEN_NOT_SPECIFIED: 'revoked',
	BOT_ID_REQUIRED: 'revoked',
	BOT_NOT_FOUND: 'revoked',
	BOT_OWNERSHIP_ERROR: 'revoked',
	ACCESS_DENIED: 'give-up', // The bot is no member of the chat.
	// Any method.
	QUERY_LIMIT_EXCEEDED: soon,
	expired_token: 'retry', // The SDK fetches a new one.
	invalid_token: 'revoked', // Nor would a new one do.
	invalid_grant: 'revoked', // There is none to be had: the application was removed.
	invalid_client: 'revoked',
	NO_AUTH_FOUND: 'revoked',
	INVALID_CREDENTIALS: 'revoked',
	INVALID_REQUEST: 'revoked', // Not by https.
	insufficient_scope: 'revoked',
	user_access_error: 'revoked',
	PORTAL_DELETED: 'revoked',
	OVERLOAD_LIMIT: 'revoked', // A block by hand, lifted by the vendor's support.
	ERROR_METHOD_NOT_FOUND: 'revoked', // An older portal, without version 2.
	INTERNAL_SERVER_ERROR: 'retry',
	ERROR_UNEXPECTED_ANSWER: 'retry',
};

/** By the code; by the status only where there is none that we know. */
export function classify(error: unknown): Failure {
	const {code = '', status, time} = refusalOf(error);
	if (code === 'OPERATION_TIME_LIMIT') {
		const after = untilReset(time);
		return after === undefined ? later : {after, scope: 'bot'};
	}

	if (code === 'ACCESS_DENIED' && status === 401) {
		return 'revoked'; // The plan of the portal has no REST API.
	}

	const meaning = Object.hasOwn(meanings, code) ? meanings[code] : undefined;
	// "HTTP 429 – use exponential backoff" https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/index.html
	return meaning ?? (status === 429 || status === 503 ? soon : 'retry');
}

/** Both times are the portal's, so that its clock and ours need not agree. */
function untilReset(time: AnswerTime | undefined): number | undefined {
	const {operating_reset_at: reset, finish = Date.now() / 1000} = time ?? {};
	if (typeof reset !== 'number' || !Number.isFinite(reset) || !Number.isFinite(finish)) {
		return undefined;
	}

	return Math.min(Math.max(Math.ceil((reset - finish) * 1000), 1000), operatingWindow);
}
