import type {ChatTarget} from '@auto-typing/telegram';
import type {Context} from 'grammy';

/** A chat, and the client of the handler that works there. */
export class Target implements ChatTarget {
	readonly chatId: number | string;
	readonly threadId: number | undefined;
	readonly isForum: boolean | undefined;
	readonly businessConnectionId: string | undefined;
	/** Private, because targets are part of events, events get logged, and the client has the token. */
	readonly #api: Context['api'] | undefined;

	/** @param api - Not needed for the target of a message, which is on its way already. */
	constructor({chatId, threadId, isForum, businessConnectionId}: ChatTarget, api?: Context['api']) {
		this.chatId = chatId;
		this.threadId = threadId;
		this.isForum = isForum;
		this.businessConnectionId = businessConnectionId;
		this.#api = api;
	}

	/** The client of a target: a function, so that nobody who looks at a target comes across it. */
	static apiOf(target: Target): Context['api'] | undefined {
		return target.#api;
	}
}
