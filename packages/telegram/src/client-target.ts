import type {ChatTarget} from './target.ts';

/** A chat, and the client of the handler that works there. */
export class ClientTarget<Client> implements ChatTarget {
	readonly chatId: number | string;
	readonly threadId: number | undefined;
	readonly isForum: boolean | undefined;
	readonly businessConnectionId: string | undefined;
	/** Private, because targets are part of events, events get logged, and the client has the token. */
	readonly #client: Client | undefined;

	/** @param client - Not needed for the target of a message, which is on its way already. */
	constructor({chatId, threadId, isForum, businessConnectionId}: ChatTarget, client?: Client) {
		this.chatId = chatId;
		this.threadId = threadId;
		this.isForum = isForum;
		this.businessConnectionId = businessConnectionId;
		this.#client = client;
	}

	/** The client of a target: a function, so that nobody who looks at a target comes across it. */
	static clientOf<Client>(target: ClientTarget<Client>): Client | undefined {
		return target.#client;
	}
}
