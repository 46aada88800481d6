import {Budget, type Limit} from '../budget.ts';
import {LinqChats} from './chats.ts';
import type {Subscription} from './delivery.ts';
import type {LinqEvent} from './events.ts';

/** Everything the service remembers of its one account. */
export class LinqState {
	readonly chats: LinqChats = new LinqChats();
	readonly subscriptions: Map<string, Subscription> = new Map();
	/** What time it is, in milliseconds since 1970. */
	readonly now: () => number;
	/** Tells the webhooks. */
	readonly publish: (event: LinqEvent) => void;
	readonly #limit: () => Limit | undefined;
	readonly #sent = new Map<string, Budget>();

	constructor(now: () => number, limit: () => Limit | undefined, publish: (event: LinqEvent) => void) {
		this.now = now;
		this.publish = publish;
		this.#limit = limit;
	}

	/** The seconds a message to that chat must wait; 0 lets it pass and counts it. */
	admit(chatId: string): number {
		const limit = this.#limit();
		if (!limit) return 0;
		const budget = this.#sent.get(chatId) ?? new Budget();
		this.#sent.set(chatId, budget);
		const seconds = budget.refuse(limit, this.now());
		if (seconds === 0) budget.book(this.now());
		return seconds;
	}
}
