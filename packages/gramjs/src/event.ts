import {peerKey} from '@auto-typing/mtproto';
import type {GramjsClient} from './client.ts';

/** A chat as GramJS finds it: from its cache, or from the service. */
export interface ChatSource {
	readonly inputChat?: unknown;
	getInputChat?(): Promise<unknown>;
}

interface Message extends ChatSource {
	readonly id?: number;
	readonly peerId?: unknown;
	/** Whether a channel wrote it, in its own name. */
	readonly post?: boolean;
	readonly replyTo?: Reply;
}

/** To what a message replies, in the words of the schema. */
export interface Reply {
	readonly className?: string;
	readonly forumTopic?: boolean;
	readonly replyToTopId?: number;
	readonly replyToMsgId?: number;
	readonly topMsgId?: number;
}

/** What this package reads of an event; raw updates are events as well. */
export interface EventLike extends ChatSource {
	readonly className?: string;
	readonly client?: GramjsClient;
	readonly _client?: GramjsClient;
	readonly message?: Message | string;
	readonly messages?: readonly Message[];
	readonly query?: {readonly className?: string; readonly peer?: unknown; readonly msgId?: unknown};
	readonly userId?: unknown;
	readonly chatId?: unknown;
}

/** Where an event comes from. */
export interface Origin {
	/** One text for the chat. */
	readonly chat: string;

	/** The chat as the service named it, if it did. */
	readonly peer: unknown;
	readonly source: ChatSource;
	readonly message: Message | undefined;
	/** The message whose button was pressed. */
	readonly pressed?: number;
}

/** Which client an event came through. Raw updates have it under its private name only. */
export function clientOf(event: EventLike): GramjsClient | undefined {
	// oxlint-disable-next-line no-underscore-dangle -- GramJS's own name
	return event.client ?? event._client;
}

/**
Where an event comes from; `undefined` where nobody waits for an answer: a status, a deletion, somebody else who is typing, a button of a
message that was sent by way of the bot into a chat it may not be in.
*/
export function originOf(event: EventLike): Origin | undefined {
	const {message = event.messages?.[0], query} = event;
	if (typeof message === 'object' && message.peerId !== undefined) {
		return {chat: peerKey(message.peerId), peer: message.peerId, source: event.getInputChat ? event : message, message};
	}

	if (query?.className === 'UpdateBotCallbackQuery') {
		return {chat: peerKey(query.peer), peer: query.peer, source: event, message: undefined, pressed: query.msgId as number};
	}

	// Short for "a message with nothing to it but text": raw updates only, the filters make messages of them.
	const peer =
		event.className === 'UpdateShortMessage'
			? {userId: event.userId}
			: event.className === 'UpdateShortChatMessage'
				? {chatId: event.chatId}
				: undefined;
	return peer && {chat: peerKey(peer), peer: undefined, source: {}, message: undefined};
}

/** The topic of a message that arrived. In a group without topics the same fields name the root of a thread of replies. */
export function topicOf(message: {readonly replyTo?: Reply | undefined} | undefined): number | undefined {
	const {forumTopic, replyToTopId, replyToMsgId} = message?.replyTo ?? {};
	return forumTopic ? (replyToTopId ?? replyToMsgId) : undefined;
}
