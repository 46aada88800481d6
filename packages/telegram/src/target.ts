/** A chat, or a topic in it, as an update or an outgoing message names it. */
export interface ChatTarget {
	/** The numeric id of the chat, or the `@name` of a public one. */
	readonly chatId: number | string;

	/** The topic, where the chat has topics. None in the General topic. */
	readonly threadId?: number | undefined;

	/** Whether the chat has topics: then a missing `threadId` means the General topic. */
	readonly isForum?: boolean | undefined;

	/** The business account the bot writes for. */
	readonly businessConnectionId?: string | undefined;
}

/** The General topic of every forum. Updates and messages leave it out, `sendChatAction` needs it. */
export const generalTopic = 1;

interface Message {
	readonly chat?: {readonly id: number; readonly is_forum?: boolean};
	readonly is_topic_message?: boolean;
	readonly message_thread_id?: number;
	readonly business_connection_id?: string;
}

/**
The chat an update came from, or `undefined` if it came from none, or from one the bot can't show anything in.

@param update - As the Bot API delivers it. What is no update has no chat: whatever a stranger may post to a webhook.
@see https://core.telegram.org/bots/api#update
@example
```ts
import {targetOf} from '@auto-typing/telegram';

targetOf({update_id: 1, message: {chat: {id: 5}, is_topic_message: true, message_thread_id: 9}}); // {chatId: 5, threadId: 9}
targetOf({update_id: 2, inline_query: {}}); // undefined
```
*/
export function targetOf(update: object | null | undefined): ChatTarget | undefined {
	for (const [type, content] of Object.entries(update ?? {}) as Array<[string, (Message & {readonly message?: Message}) | null]>) {
		// A guest message comes from a chat the bot is no member of: it can answer there, but show nothing.
		if (typeof content !== 'object' || content === null || type === 'guest_message') {
			continue;
		}

		// Every kind of update that has a chat has it at the top, but for a callback query, which has it in its message.
		const message = content.chat ? content : content.message;
		if (typeof message?.chat?.id === 'number') {
			// In other groups the field of a message is the root of a thread of replies, and a chat action with it is refused.
			const isInTopic = message.is_topic_message || type === 'stopped_message_generation';
			const threadId = isInTopic ? message.message_thread_id : undefined;
			return {
				chatId: message.chat.id,
				...(threadId !== undefined && threadId !== generalTopic && {threadId}),
				...(message.chat.is_forum && {isForum: true}),
				...(message.business_connection_id !== undefined && {businessConnectionId: message.business_connection_id}),
			};
		}
	}

	return undefined;
}
