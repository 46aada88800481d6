import type {Chat} from './chat.ts';

/** Remembers the chats seen last, at most `size` of them, so that it can't grow without bound. */
export class Memory {
	readonly #chats = new Map<string, Chat>();
	readonly #size: number;

	constructor(size = 10_000) {
		this.#size = size;
	}

	recall(key: string): Chat | undefined {
		return this.#chats.get(key);
	}

	keep(key: string, chat: Chat): void {
		this.#chats.delete(key); // Moves it to the end: a Map keeps the order of insertion.
		this.#chats.set(key, chat);
		if (this.#chats.size > this.#size) {
			this.#chats.delete(this.#chats.keys().next().value!);
		}
	}
}
