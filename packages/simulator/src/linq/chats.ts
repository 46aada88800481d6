import {Refused} from './refusal.ts';

export type LinqService = 'iMessage' | 'SMS' | 'RCS';

/** A chat as the simulator knows it. */
export interface LinqChatOptions {
	/** @default a new UUID */
	readonly id?: string;
	/** @default false */
	readonly isGroup?: boolean;
	/** @default 'iMessage' */
	readonly service?: LinqService;
	/** Who else is in it. @default a number */
	readonly handle?: string;
}

export interface LinqChat extends Required<LinqChatOptions> {
	/** When the last message came or went, in milliseconds since 1970; 0 for never. */
	lastMessageAt: number;
}

/** Typing reaches a device only so long after the last message of a chat, in milliseconds. */
const attention = 5 * 60_000;

const uuid = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;

/** The chats of the account. */
export class LinqChats {
	readonly #known = new Map<string, LinqChat>();

	add({id = crypto.randomUUID(), isGroup = false, service = 'iMessage', handle = '+12052532136'}: LinqChatOptions): LinqChat {
		const chat = {id: id.toLowerCase(), isGroup, service, handle, lastMessageAt: 0};
		this.#known.set(chat.id, chat);
		return chat;
	}

	/** From now on there is no such chat. */
	forget(id: string): void {
		this.#known.delete(id.toLowerCase());
	}

	/** @throws {Refused} as the service would */
	get(id: string): LinqChat {
		// What the vendor says of an id that is none is not documented; 400 with this code is the one 400 its reference gives.
		if (!uuid.test(id)) throw new Refused(400, 1002);
		const chat = this.#known.get(id);
		if (!chat) throw new Refused(404, 2001);
		return chat;
	}
}

/** Whether typing shows on the person's device. The service answers 204 all the same. */
export function showsTyping({isGroup, service, lastMessageAt}: LinqChat, now: number): boolean {
	return !isGroup && service === 'iMessage' && now - lastMessageAt < attention;
}
