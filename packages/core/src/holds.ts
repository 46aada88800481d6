import type {EndReason} from './events.ts';
import type {Typing} from './typing.ts';

/** The holds on one lease, oldest first. */
export class Holds<Action extends string> {
	readonly #holds: Array<Typing<Action>> = [];

	get isEmpty(): boolean {
		return this.#holds.length === 0;
	}

	/** The most recent one, active or not. */
	get latest(): Typing<Action> | undefined {
		return this.#holds.at(-1);
	}

	add(hold: Typing<Action>): void {
		this.#holds.push(hold);
	}

	/** Returns whether it was there. */
	remove(hold: Typing<Action>): boolean {
		const index = this.#holds.indexOf(hold);
		if (index !== -1) {
			this.#holds.splice(index, 1);
		}

		return index !== -1;
	}

	cancel(reason: unknown, why: EndReason): void {
		for (const hold of this.#holds.slice()) {
			hold.cancel(reason, why);
		}
	}

	/** The most recent active one: it decides what is shown. */
	decisive(now: number): Typing<Action> | undefined {
		for (let index = this.#holds.length - 1; index >= 0; index--) {
			const hold = this.#holds[index]!;
			if (hold.isActive(now)) {
				return hold;
			}
		}

		return undefined;
	}

	/** When the next one begins or ceases to be active by itself. */
	nextChange(now: number): number {
		let next = Number.POSITIVE_INFINITY;
		for (const {from, until} of this.#holds) {
			const change = from > now ? from : until;
			next = change > now ? Math.min(next, change) : next;
		}

		return next;
	}
}
