import {RpcError} from './rpc-error.ts';
import {asObject, type TlObject} from './tl-object.ts';

/** A message of any chat, and where it stands. */
export interface Stored {
	readonly message: TlObject;
	/** The chat's id, with its sign. */
	readonly peer: number;
	readonly topic: number | undefined;
}

/** The messages of all chats. One row of ids for all of them: less to mix up when reading a log. */
export class Messages {
	readonly #stored = new Map<number, Stored>();
	readonly #claimed = new Set<string>();
	#lastId = 0;

	nextId(): number {
		return ++this.#lastId;
	}

	/** Leaves out the ids of topics, whose first messages have them. */
	skip(ids: readonly number[]): void {
		this.#lastId = Math.max(this.#lastId, ...ids);
	}

	/**
	Takes the number a client gave to a message, so that a call which is repeated after a broken connection sends nothing twice.

	@throws {RpcError} if the account has used it
	*/
	claim(account: number, random: number | string | undefined): void {
		if (random === undefined) return;
		const number = `${account} ${random}`;
		if (this.#claimed.has(number)) throw new RpcError('RANDOM_ID_DUPLICATE');
		this.#claimed.add(number);
	}

	add(stored: Stored): TlObject {
		this.#stored.set(stored.message['id'] as number, stored);
		return stored.message;
	}

	/** The messages of these ids: numbers or `InputMessage`s. */
	find(ids: unknown): Stored[] {
		return (ids as unknown[]).flatMap(id => this.get(Number(asObject(id)?.['id'] ?? id)) ?? []);
	}

	get(id: number): Stored | undefined {
		return this.#stored.get(id);
	}

	/** The last message of every chat. */
	get last(): readonly Stored[] {
		return [...new Map([...this.#stored.values()].map(stored => [stored.peer, stored])).values()];
	}
}
