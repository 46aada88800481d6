import {messageTarget, type MessageTarget, type SetTyping, type WireAction} from '@auto-typing/mtproto';
import {Api} from 'telegram';

/** The parts of a request of GramJS that this package looks at. */
export interface RequestLike {
	readonly className?: string;
	readonly peer?: unknown;
	readonly toPeer?: unknown;
	readonly topMsgId?: number;
	readonly replyTo?: {readonly topMsgId?: number; readonly replyToMsgId?: number};
	readonly scheduleDate?: number;
}

/** Where a request puts a message, and which message that answers; `undefined` if it puts none anywhere now. */
export function messageOf(request: RequestLike | null | undefined): MessageTarget | undefined {
	const {className = '', peer, toPeer, topMsgId, replyTo, scheduleDate} = request ?? {};
	// The schema's words in GramJS's spelling: `messages.SendMessage`.
	const method = className.replace(/\.[A-Z]/, letter => letter.toLowerCase());
	return messageTarget(method, {
		peer,
		to_peer: toPeer,
		top_msg_id: topMsgId,
		schedule_date: scheduleDate,
		reply_to: {top_msg_id: replyTo?.topMsgId, reply_to_msg_id: replyTo?.replyToMsgId},
	});
}

/**
A request of `messages.setTyping` that is not sent once `signal` is aborted.

GramJS may hold a request back, until it is connected or has found the chat, and knows no way to take it back. But the last thing it does
before it sends one is to resolve it: there it can be stopped.
*/
export function setTyping(peer: unknown, {top_msg_id: topMsgId, action}: SetTyping, signal: AbortSignal): Api.messages.SetTyping {
	const request = new Api.messages.SetTyping({
		peer: peer as Api.TypeEntityLike,
		action: apiAction(action),
		...(topMsgId !== undefined && {topMsgId}),
	});
	const resolve = request.resolve.bind(request);
	request.resolve = async (...parameters) => {
		await resolve(...parameters);
		signal.throwIfAborted();
	};
	return request;
}

/** An action in GramJS's classes: they have the names of the schema, and its fields, in another spelling. */
function apiAction(action: WireAction): Api.TypeSendMessageAction {
	return instance(action) as Api.TypeSendMessageAction;
}

function instance({_: name, ...fields}: {readonly _: string; readonly [field: string]: unknown}): unknown {
	// By a name that is known only here: GramJS's types have no index.
	const Class = (Api as unknown as Record<string, new (fields: object) => unknown>)[name[0]!.toUpperCase() + name.slice(1)]!;
	return new Class(
		Object.fromEntries(Object.entries(fields).map(([field, value]) => [camelCase(field), isObject(value) ? instance(value) : value])),
	);
}

function camelCase(field: string): string {
	return field.replace(/_(?<letter>[a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

function isObject(value: unknown): value is {readonly _: string} {
	return typeof value === 'object' && value !== null && '_' in value;
}
