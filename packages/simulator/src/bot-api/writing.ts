import type {Message, Update, User} from '@grammyjs/types';
import {chatObject, type Chats} from './chats.ts';
import type {Messages} from './messages.ts';

/** A message a person writes: where, who, what. Any further field of a message may be given too (`photo`, `caption`…). */
export interface Writing extends Omit<Partial<Message>, 'chat' | 'from' | 'text'> {
	/** The chat's id. */
	readonly chat: number;
	/** Their id, or what is to be known of them. @default the private chat's own id, 1 in a group */
	readonly from?: number | Partial<User>;
	readonly text?: string;
	/** The topic they write in, or in an ordinary supergroup the reply thread. Leave it out in General. */
	readonly thread?: number;
	/** The connection through which the bot reads along in a business account's chat. */
	readonly businessConnection?: string;
}

/** The update a bot gets when a person writes this. */
export function compose(
	{chat: id, from, text, thread, businessConnection, ...fields}: Writing,
	chats: Chats,
	messages: Messages,
): Omit<Update, 'update_id'> {
	// Whoever writes to a bot is known to it from then on.
	const known = chats.get(id) ?? {id};
	if (!chats.get(id)) chats.add(known);
	const chat = chatObject(known);
	const person = typeof from === 'object' ? from : {id: from ?? (id > 0 ? id : 1)};
	const personId = person.id ?? 1;
	const message = {
		message_id: messages.nextId(),
		date: Math.floor(Date.now() / 1000),
		chat,
		...(chat.type === 'channel' ? {sender_chat: chat} : {from: {is_bot: false, first_name: `Person ${personId}`, ...person, id: personId}}),
		...(thread !== undefined && {message_thread_id: thread, ...(chats.isForum(id) && {is_topic_message: true})}),
		...(businessConnection !== undefined && {business_connection_id: businessConnection}),
		...(text !== undefined && {text, ...commandIn(text)}),
		...fields,
	} as Message & Update.NonChannel;
	if (businessConnection !== undefined) return {business_message: message} as Omit<Update, 'update_id'>;
	return (chat.type === 'channel' ? {channel_post: message} : {message}) as Omit<Update, 'update_id'>;
}

/** Frameworks find a command by the entity Telegram puts on it, not by its slash. */
function commandIn(text: string): Pick<Message, 'entities'> {
	const [command] = /^\/\w+(@\w+)?/.exec(text) ?? [];
	return command === undefined ? {} : {entities: [{type: 'bot_command', offset: 0, length: command.length}]};
}
