import type {MtprotoTarget} from '@auto-typing/mtproto';
import type {GramjsClient} from './client.ts';
import type {ChatSource} from './event.ts';

/** A chat or a topic in it, and how to find it on the service. */
export class Target implements MtprotoTarget<string> {
	/** The number of the chat, as in the Bot API: `-100…` for channels and supergroups. */
	readonly peer: string;
	readonly topMsgId: number | undefined;
	readonly isBroadcast: boolean;
	/** Private, because targets are part of events, events get logged, and a message of GramJS has its client, and so the key of the session. */
	readonly #finder: Finder | undefined;

	/** @param finder - Not needed for the target of a message, which is on its way already. */
	constructor(peer: string, topMsgId: number | undefined, finder?: Finder, isBroadcast = false) {
		this.peer = peer;
		this.topMsgId = topMsgId;
		this.isBroadcast = isBroadcast;
		this.#finder = finder;
	}

	/** The chat of a target as GramJS takes it: a function, so that nobody who looks at a target comes across it. */
	static async inputPeerOf(target: Target): Promise<unknown> {
		return target.#finder ? target.#finder.find() : target.peer;
	}

	/** The same chat, shown elsewhere. */
	static elsewhere(target: Target, {peer, topMsgId}: MtprotoTarget<string>): Target {
		return new Target(peer, topMsgId, target.#finder, target.isBroadcast);
	}
}

/**
Finds a chat on the service, where the handler doesn't have to wait for it: GramJS may have to ask.

@see https://docs.telethon.dev/en/stable/concepts/entities.html GramJS refers to the page of its model
*/
export class Finder {
	readonly #client: GramjsClient;
	readonly #source: ChatSource;
	/** How to name it if all else fails. */
	readonly #name: unknown;
	#answer: Promise<unknown> | undefined;

	/** @param name - The chat as the service named it, or its number. */
	constructor(client: GramjsClient, source: ChatSource, name: unknown) {
		this.#client = client;
		this.#source = source;
		this.#name = name;
	}

	/** What GramJS knows by heart, then what it finds out, once; and else the name: enough for a basic group, and for a bot. */
	async find(): Promise<unknown> {
		return this.#source.inputChat ?? (this.#answer ??= this.#ask());
	}

	async #ask(): Promise<unknown> {
		try {
			const {chatId} = Object(this.#name) as {chatId?: unknown};
			// GramJS looks for it among the dialogs, which a bot may not: it would be refused every time.
			const isEnough = chatId !== undefined || (await this.#client.isBot());
			return (isEnough ? undefined : await this.#source.getInputChat?.()) ?? this.#name;
		} catch {
			return this.#name;
		}
	}
}
