import {Budget, type Limit} from '../budget.ts';

/** One rate limit, or several that all must hold. */
export type Limits = Limit | readonly Limit[];

/** The rate limits of a bot: one set of windows for all its requests, and one for each chat. */
export class RateLimits {
	readonly #scopes = new Map<number | 'bot', Budget[]>();

	/** The seconds the request must wait; 0 lets it pass and counts it. A refused one does not count. */
	admit(method: string, chatId: number, limits: {bot: Limits | undefined; chat: Limits | undefined}, now: number): number {
		const budgets = [...this.#applying('bot', limits.bot, method), ...this.#applying(chatId, limits.chat, method)];
		for (const {budget, limit} of budgets) {
			const seconds = budget.refuse(limit, now);
			if (seconds > 0) return seconds;
		}

		for (const {budget} of budgets) budget.book(now);
		return 0;
	}

	#applying(scope: number | 'bot', limits: Limits | undefined, method: string): Array<{budget: Budget; limit: Limit}> {
		if (!limits) return [];
		let budgets = this.#scopes.get(scope);
		if (!budgets) this.#scopes.set(scope, (budgets = []));
		return [limits].flat().flatMap((limit, index) => {
			const budget = (budgets[index] ??= new Budget());
			return limit.methods && !limit.methods.includes(method) ? [] : [{budget, limit}];
		});
	}
}
