import type {Failure, Platform} from '@auto-typing/core';
import {chatActions, type ChatAction} from './chat-action.ts';
import {generalTopic, type ChatTarget} from './target.ts';

/** The parameters of `sendChatAction`. */
export interface ChatActionPayload {
	readonly chat_id: number | string;
	readonly action: ChatAction;
	readonly message_thread_id?: number;
	readonly business_connection_id?: string;
}

/**
The Telegram Bot API.

@param call - Calls `sendChatAction` with `payload`, by whatever client you use, and rejects with an error that has `error_code` and `parameters`
as the Bot API names them, itself or in its `response`. It is handed the target too, for clients that find themselves there.
@throws {TypeError} If `call` is no function.
@example
```ts
import {Indicator} from '@auto-typing/core';
import {telegram} from '@auto-typing/telegram';

const indicator = new Indicator(
	telegram(async (payload, signal) => {
		const response = await fetch(`https://api.telegram.org/bot${process.env.BOT_TOKEN}/sendChatAction`, {
			method: 'POST',
			headers: {'content-type': 'application/json'},
			body: JSON.stringify(payload),
			signal,
		});
		if (!response.ok) {
			throw Object.assign(new Error('sendChatAction was refused'), await response.json());
		}
	}),
);
```
*/
export function telegram<Target extends ChatTarget = ChatTarget>(
	call: (payload: ChatActionPayload, signal: AbortSignal, target: Target) => Promise<unknown>,
): Platform<Target, ChatAction> {
	if (typeof call !== 'function') {
		// Never the value: it may be the token.
		throw new TypeError(`Expected \`call\` to be a function that calls sendChatAction, got ${call === null ? 'null' : typeof call}`);
	}

	return {
		name: 'telegram',
		// "5 seconds or less" https://core.telegram.org/bots/api#sendchataction
		ttl: 5000,
		action: 'typing',
		actions: chatActions,
		// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
		limit: {limit: 30, interval: 1000},
		// Not documented. Users report refusals from about 20 calls in 5 s and 40 in 30 s: this keeps below both.
		chatLimit: {limit: 20, interval: 15_000},
		// All topics of a group are one peer.
		peer: ({chatId}) => `${chatId}`,
		key: keyOf,
		send: async (target, action, signal) => call(payloadFor(target, action), signal, target),
		classify,
		fallback,
	};
}

/**
@throws {TypeError} If it names no chat, as when it is spelled `chat_id`, or is the number of a variable that isn't set: Telegram would refuse every
call, and nobody would know why.
*/
function keyOf({chatId, threadId, businessConnectionId}: ChatTarget): string {
	if (chatId === undefined || chatId === null || Number.isNaN(chatId)) {
		throw new TypeError(`Expected \`target.chatId\` to be a number or a name, got ${String(chatId)}`);
	}

	return `${chatId}/${threadId ?? ''}/${businessConnectionId ?? ''}`;
}

function payloadFor({chatId, threadId, isForum, businessConnectionId}: ChatTarget, action: ChatAction): ChatActionPayload {
	const thread = threadId ?? (isForum ? generalTopic : undefined);
	return {
		chat_id: chatId,
		action,
		...(thread !== undefined && {message_thread_id: thread}),
		...(businessConnectionId !== undefined && {business_connection_id: businessConnectionId}),
	};
}

interface Response {
	readonly error_code?: number;
	readonly parameters?: {readonly retry_after?: number; readonly migrate_to_chat_id?: number};
}

/** What the Bot API answered: clients put it on the error itself or on its `response`. */
function responseOf(error: unknown): Response {
	const {response} = (error ?? {}) as {response?: Response};
	return response ?? error ?? {};
}

/** @see https://core.telegram.org/bots/api#making-requests */
function classify(error: unknown): Failure {
	const {error_code: code, parameters} = responseOf(error);
	switch (code) {
		case 400: {
			return 'give-up';
		}

		case 401:
		case 404: {
			return 'revoked'; // The token is part of the address: a wrong one is "Not Found".
		}

		case 403: {
			return 'gone';
		}

		case 429: {
			// Telegram doesn't say what the limit was for, and a bot that goes on gets locked out for longer.
			return {after: (parameters?.retry_after ?? 1) * 1000, scope: 'bot'};
		}

		default: {
			return 'retry';
		}
	}
}

/** A group that became a supergroup has a new id; a General topic that isn't one is shown without a topic. */
function fallback<Target extends ChatTarget>(target: Target, error: unknown): Target | undefined {
	const {error_code: code, parameters} = responseOf(error);
	if (code !== 400) {
		return undefined;
	}

	if (parameters?.migrate_to_chat_id !== undefined) {
		return {...target, chatId: parameters.migrate_to_chat_id};
	}

	return target.isForum && target.threadId === undefined ? {...target, isForum: false} : undefined;
}
