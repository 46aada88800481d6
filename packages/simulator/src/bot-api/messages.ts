import type {Message} from '@grammyjs/types';

/** The messages of all chats, so that they can be edited, copied, answered and deleted. */
export class Messages {
	readonly #chats = new Map<number, Map<number, Message>>();
	#lastId = 0;

	/** An id no message has had. One row of numbers for all chats: less to mix up when reading a log. */
	nextId(): number {
		return ++this.#lastId;
	}

	add(message: Message): void {
		const chat = this.#chats.get(message.chat.id) ?? new Map<number, Message>();
		this.#lastId = Math.max(this.#lastId, message.message_id);
		this.#chats.set(message.chat.id, chat.set(message.message_id, message));
	}

	get(chatId: number | undefined, messageId: number | undefined): Message | undefined {
		return chatId === undefined || messageId === undefined ? undefined : this.#chats.get(chatId)?.get(messageId);
	}

	/** @returns whether it was there */
	delete(chatId: number, messageId: number): boolean {
		return this.#chats.get(chatId)?.delete(messageId) ?? false;
	}
}
