/** What a chat's messages travel by. Only iMessage shows who is typing. */
export type Service = 'iMessage' | 'SMS' | 'RCS';

/** A chat, and what is known of it. Whatever is unknown counts as "it might be seen": the call is made. */
export interface ChatTarget {
	/** The chat's UUID: `data.chat.id` of an event. */
	readonly chatId: string;

	/** Whether it is a group, which shows no typing. Unknown by default. */
	readonly isGroup?: boolean | undefined;

	/** Unknown by default. */
	readonly service?: Service | undefined;

	/** When its last message came in, in milliseconds since 1970. Unknown by default. */
	readonly receivedAt?: number | undefined;
}

const uuid = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** Whether it could be the id of a chat. */
function isChatId(value: unknown): value is string {
	return typeof value === 'string' && uuid.test(value);
}

/** What tells one chat from another. @throws {TypeError} If the chat has no id, or one that is no UUID. */
export function keyOf({chatId}: ChatTarget): string {
	if (isChatId(chatId)) {
		return chatId.toLowerCase();
	}

	const got = typeof chatId === 'string' ? JSON.stringify(chatId) : typeof chatId;
	throw new TypeError(`Expected \`chatId\` to be the UUID of a chat, got ${got}`);
}

/**
A chat that had no message for five minutes accepts a call (204), and doesn't show it.

@see https://docs.linqapp.com/api/resources/chats/subresources/typing/methods/start
*/
const attention = 5 * 60_000;

/** Whether anybody would see it. @param messageAge - How long ago the engine saw a message go out, in milliseconds. */
export function isVisible({isGroup, service, receivedAt}: ChatTarget, messageAge: number): boolean {
	if (isGroup || (service !== undefined && service !== 'iMessage')) {
		return false;
	}

	// Put so that a time that is none counts as unknown.
	return receivedAt === undefined || !(Math.min(messageAge, Date.now() - receivedAt) >= attention);
}

/** As much of an event as tells a chat. */
interface Event {
	readonly event_type?: unknown;
	readonly created_at?: unknown;
	readonly data?: {
		readonly direction?: unknown;
		readonly service?: unknown;
		readonly chat?: {readonly id?: unknown; readonly is_group?: unknown} | null;
	} | null;
}

/**
The chat a person wrote to, or `undefined` for every event that is no message to answer.

A group and a chat by SMS or RCS have a target, too: nothing can be seen there, so no call is made, and `onEvent` says so.

@param event - As Linq delivers it in the format of 2026-02-03: older ones say nothing of the direction.
@see https://docs.linqapp.com/guides/webhooks/
@example
```ts
import {targetOf} from '@auto-typing/linq';

const chat = {id: '550e8400-e29b-41d4-a716-446655440000', is_group: false};
targetOf({event_type: 'message.received', data: {direction: 'inbound', service: 'iMessage', chat}});
// {chatId: '550e8400-e29b-41d4-a716-446655440000', isGroup: false, service: 'iMessage'}
targetOf({event_type: 'message.sent', data: {direction: 'outbound', service: 'iMessage', chat}}); // undefined
```
*/
export function targetOf(event: object): ChatTarget | undefined {
	const {event_type: type, created_at: createdAt, data} = event as Event;
	const id = data?.chat?.id;
	// An id of another form, should Linq ever have one: rather an answer without an indicator than none.
	if (type !== 'message.received' || data?.direction !== 'inbound' || !isChatId(id)) {
		return undefined;
	}

	const isGroup = data.chat?.is_group;
	const {service} = data;
	const receivedAt = typeof createdAt === 'string' ? Date.parse(createdAt) : Number.NaN;
	return {
		chatId: id,
		...(typeof isGroup === 'boolean' && {isGroup}),
		...(typeof service === 'string' && {service: service as Service}),
		...(!Number.isNaN(receivedAt) && {receivedAt}),
	};
}
