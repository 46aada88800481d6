/** An arrival while the service still works on it. */
export type Draft<Arrival> = {-readonly [Key in keyof Arrival]: Arrival[Key]};

/** Everything that arrived, findable by chat: a view of one chat of thousands must not read the others' requests. */
export class Log<Arrival extends {readonly method: string}, Chat> {
	readonly all: Arrival[] = [];
	readonly #chatOf: (arrival: Arrival) => Chat | undefined;
	readonly #byChat = new Map<Chat, Arrival[]>();
	readonly #listeners = new Set<(arrival: Arrival) => void>();

	/** @param chatOf - the chat it belongs to for good */
	constructor(chatOf: (arrival: Arrival) => Chat | undefined) {
		this.#chatOf = chatOf;
	}

	add(arrival: Arrival): void {
		this.all.push(arrival);
		const chat = this.#chatOf(arrival);
		if (chat === undefined) return;
		const arrivals = this.#byChat.get(chat);
		if (arrivals) arrivals.push(arrival);
		else this.#byChat.set(chat, [arrival]);
	}

	of(chat: Chat): readonly Arrival[] {
		return this.#byChat.get(chat) ?? [];
	}

	/** Tells the listeners, once it is known what became of it. */
	announce(arrival: Arrival): void {
		for (const listener of this.#listeners) listener(arrival);
	}

	/** @returns a function that ends it */
	listen(listener: (arrival: Arrival) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The next one that is announced and matches, by its method or by whatever the function says. */
	async next(match: string | ((arrival: Arrival) => boolean)): Promise<Arrival> {
		return new Promise(resolve => {
			const end = this.listen(arrival => {
				if (typeof match === 'string' ? arrival.method !== match : !match(arrival)) return;
				end();
				resolve(arrival);
			});
		});
	}
}
