import type {Failure} from '@auto-typing/core';

/**
What each error of `messages.setTyping`, and of every method, means for the indicator. By the text that MTProto itself calls the error, not by
its number: USER_IS_BLOCKED is a 403 in one of Telegram's tables, and a 400 in the other.

@see https://core.telegram.org/method/messages.setTyping#possible-errors
@see https://core.telegram.org/api/errors
*/
const failures: ReadonlyMap<string, Failure> = new Map([
	['CHANNEL_INVALID', 'give-up'],
	['CHAT_ADMIN_REQUIRED', 'give-up'],
	['CHAT_ID_INVALID', 'give-up'],
	['GROUPCALL_FORBIDDEN', 'give-up'],
	['MSG_ID_INVALID', 'give-up'], // After it was tried without the topic.
	['PEER_ID_INVALID', 'give-up'],
	['USER_IS_BOT', 'give-up'],
	['CHANNEL_PRIVATE', 'gone'],
	['CHAT_WRITE_FORBIDDEN', 'gone'],
	['INPUT_USER_DEACTIVATED', 'gone'],
	['USER_BANNED_IN_CHANNEL', 'gone'],
	['USER_IS_BLOCKED', 'gone'],
	['AUTH_KEY_DUPLICATED', 'revoked'],
	['AUTH_KEY_INVALID', 'revoked'],
	['AUTH_KEY_UNREGISTERED', 'revoked'],
	['SESSION_EXPIRED', 'revoked'],
	['SESSION_REVOKED', 'revoked'],
	['USER_DEACTIVATED', 'revoked'],
	['USER_DEACTIVATED_BAN', 'revoked'],
]);

/** MTProto says how many seconds of silence it wants in the text of the error. */
const wait = /^(?:FLOOD(?:_PREMIUM)?|SLOWMODE)_WAIT_(?<seconds>\d+)$/;

/** What GramJS makes of it: the text is cut, and the seconds stand beside it. */
const cutWait = 'FLOOD';

/**
MTProto's text for an error, such as `CHAT_WRITE_FORBIDDEN`: clients keep it in `errorMessage` (GramJS) or in `message` (MadelineProto).
`undefined` for any other error.
*/
export function errorText(error: unknown): string | undefined {
	if (typeof error !== 'object' || error === null) {
		return undefined;
	}

	const {errorMessage, message} = error as {errorMessage?: unknown; message?: unknown};
	const text = errorMessage ?? message;
	return typeof text === 'string' && /^[A-Z][A-Z\d]*(?:_[A-Z\d]+)*$/.test(text) ? text : undefined;
}

/** What a rejected call means for the indicator. What it doesn't know is worth another try: -500, RPC_CALL_FAIL, TIMEOUT, the network. */
export function classify(error: unknown): Failure {
	const text = errorText(error);
	if (text === undefined) {
		return 'retry';
	}

	const {seconds} = text === cutWait ? (error as {seconds?: unknown}) : (wait.exec(text)?.groups ?? {});
	if (seconds !== undefined && Number.isFinite(Number(seconds))) {
		return {after: Number(seconds) * 1000, scope: 'chat'};
	}

	return failures.get(text) ?? 'retry';
}
