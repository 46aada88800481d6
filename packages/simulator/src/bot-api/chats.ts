import type {Chat} from '@grammyjs/types';
import {integer, text, type Payload} from './parameters.ts';
import {badRequest, forbidden, Refusal} from './refusal.ts';

/** A chat as the simulator knows it. Everything but the id has a default. */
export interface ChatOptions {
	readonly id: number;
	/** By default private for a positive id, a supergroup for `-100…`, a group for any other negative one. */
	readonly type?: 'private' | 'group' | 'supergroup' | 'channel';
	readonly title?: string;
	readonly username?: string;
	readonly first_name?: string;
	/** Whether the supergroup has topics. @default whether there are `topics` */
	readonly is_forum?: boolean;
	/** The thread ids of the topics besides General. */
	readonly topics?: readonly number[];
	/** Those of them that are closed: 400 `TOPIC_CLOSED`. */
	readonly closed?: readonly number[];
	/**
	How a forum takes a chat action for General. `'thread'`: with `message_thread_id` 1, and without one it succeeds and shows
	nowhere. `'none'`: without one, and 1 is refused with 400. Reports differ, so a bot has to survive both.
	@default 'thread'
	*/
	readonly general?: 'thread' | 'none';
}

/** Why nothing reaches a chat. */
export type Block = 'blocked' | 'kicked' | 'deactivated' | 'restricted';

/** Where a request goes once it was let through. */
export interface Place {
	readonly chat: ChatOptions;
	readonly type: NonNullable<ChatOptions['type']>;
	/** The topic the person has to look at; 1 is a forum's General. */
	readonly topic: number | undefined;
	readonly businessConnectionId: string | undefined;
	/** False for a chat action that no place on the screen shows. */
	readonly visible: boolean;
}

/** The chats of the service: which exist, and why one refuses the bot. */
export class Chats {
	/** Refuse chats that were never added. */
	strict = false;
	readonly #known = new Map<number, ChatOptions>();
	readonly #forgotten = new Set<number>();
	readonly #blocks = new Map<number, Block>();
	readonly #migrations = new Map<number, number>();
	readonly #connections = new Map<string, Set<number>>();

	add(chat: ChatOptions): void {
		this.#known.set(chat.id, chat);
		this.#forgotten.delete(chat.id);
	}

	forget(id: number): void {
		this.#known.delete(id);
		this.#forgotten.add(id);
	}

	block(id: number, reason?: Block): void {
		this.#blocks.set(id, reason ?? (typeOf(this.get(id) ?? {id}) === 'private' ? 'blocked' : 'kicked'));
	}

	unblock(id: number): void {
		this.#blocks.delete(id);
	}

	migrate(from: number, to: number): void {
		this.#migrations.set(from, to);
		this.add({...this.get(from), id: to, type: 'supergroup'});
	}

	connect(id: string, chatId: number): void {
		const chats = this.#connections.get(id) ?? new Set();
		this.#connections.set(id, chats.add(chatId));
	}

	disconnect(id: string): void {
		this.#connections.delete(id);
	}

	/** The chat of that id: any integer is one unless the service is strict. */
	get(id: number): ChatOptions | undefined {
		return this.#known.get(id) ?? (this.strict || this.#forgotten.has(id) || id === 0 ? undefined : {id});
	}

	isForum(id: number): boolean {
		const chat = this.get(id);
		return chat ? isForum(chat) : false;
	}

	/** The id a request names, `@username`s looked up. */
	idOf(payload: Payload): number | undefined {
		const name = text(payload, 'chat_id');
		if (!name?.startsWith('@')) return integer(payload, 'chat_id');
		return [...this.#known.values()].find(chat => `@${chat.username}`.toLowerCase() === name.toLowerCase())?.id;
	}

	/** Where a call with these parameters goes. @throws {Refusal} as the service would */
	place(payload: Payload, kind: 'send' | 'action' | 'known'): Place {
		if (payload['chat_id'] === undefined) throw badRequest('chat_id is empty');
		const id = this.idOf(payload);
		const chat = id === undefined ? undefined : this.get(id);
		if (!chat) throw badRequest('chat not found');
		const businessConnectionId = this.#connection(payload, chat.id);
		this.#refuse(chat, kind);
		const type = typeOf(chat);
		if (kind === 'known') return {chat, type, topic: undefined, businessConnectionId, visible: true};
		return {chat, type, businessConnectionId, ...topicOf(chat, payload, kind)};
	}

	#connection(payload: Payload, chatId: number): string | undefined {
		const id = text(payload, 'business_connection_id');
		if (id === undefined) return undefined;
		const chats = this.#connections.get(id);
		if (!chats) throw badRequest('BUSINESS_CONNECTION_INVALID');
		if (!chats.has(chatId)) throw badRequest('BUSINESS_PEER_INVALID');
		return id;
	}

	#refuse(chat: ChatOptions, kind: 'send' | 'action' | 'known'): void {
		const to = this.#migrations.get(chat.id);
		if (to !== undefined) {
			throw new Refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {migrate_to_chat_id: to});
		}

		switch (this.#blocks.get(chat.id)) {
			case 'blocked':
				throw forbidden('bot was blocked by the user');
			case 'deactivated':
				throw forbidden('user is deactivated');
			case 'kicked':
				throw forbidden(`bot was kicked from the ${typeOf(chat)} chat`);
			case 'restricted':
				throw badRequest(kind === 'action' ? 'have no rights to send a message' : 'not enough rights to send text messages to the chat');
			case undefined:
		}
	}
}

/** What `chat` looks like inside a message. */
export function chatObject(chat: ChatOptions): Chat {
	const {id, username, first_name = `Person ${id}`, title = `Chat ${id}`} = chat;
	const type = typeOf(chat);
	const named = username === undefined ? {id} : {id, username};
	if (type === 'private') return {...named, type, first_name};
	if (type === 'supergroup' && isForum(chat)) return {...named, type, title, is_forum: true};
	return {...named, type, title} as Chat;
}

function typeOf({id, type}: ChatOptions): NonNullable<ChatOptions['type']> {
	if (type) return type;
	if (id > 0) return 'private';
	return id <= -1_000_000_000_000 ? 'supergroup' : 'group';
}

function isForum({is_forum, topics}: ChatOptions): boolean {
	return is_forum ?? topics !== undefined;
}

function topicOf(chat: ChatOptions, payload: Payload, kind: 'send' | 'action'): Pick<Place, 'topic' | 'visible'> {
	const thread = integer(payload, 'message_thread_id') || undefined;
	if (thread !== undefined && thread < 0) throw badRequest('invalid message thread identifier specified');
	if (!isForum(chat)) {
		// In an ordinary supergroup the field is the root of a reply thread, which only some clients know.
		if (thread !== undefined) throw badRequest('message thread not found');
		return {topic: undefined, visible: true};
	}

	const inThread = chat.general !== 'none';
	if (thread === undefined) return {topic: 1, visible: kind === 'send' || !inThread};
	// General has the id 1 for chat actions alone. @see https://github.com/tdlib/telegram-bot-api/issues/798
	if (thread === 1 && kind === 'action' && inThread) return {topic: 1, visible: true};
	if (!chat.topics?.includes(thread)) throw badRequest('message thread not found');
	if (chat.closed?.includes(thread)) throw badRequest('TOPIC_CLOSED');
	return {topic: thread, visible: true};
}
