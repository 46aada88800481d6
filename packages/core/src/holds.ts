import type {AnyAction} from './action.ts';
import type {EndReason} from './events.ts';
import type {Typing} from './typing.ts';

/** The holds on one lease, oldest first. */
export class Holds<Action extends AnyAction> {
	#holds: Array<Typing<Action>> = [];

	get isEmpty(): boolean {
		return this.#holds.length === 0;
	}

	/** The most recent one, active or not. */
	get latest(): Typing<Action> | undefined {
		return this.#holds.at(-1);
	}

	add(hold: Typing<Action>): void {
		if (this.#holds.length === 0) {
			this.#holds = [hold]; // An array that grows takes room for sixteen more, and most chats have one hold.
		} else {
			this.#holds.push(hold);
		}
	}

	/** Returns whether it was there. */
	remove(hold: Typing<Action>): boolean {
		const index = this.#holds.lastIndexOf(hold);
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
	decisive(time: number): Typing<Action> | undefined {
		for (let index = this.#holds.length - 1; index >= 0; index--) {
			const hold = this.#holds[index]!;
			if (hold.isActive(time)) {
				return hold;
			}
		}

		return undefined;
	}

	/** When the next one begins or ceases to be active by itself. */
	nextChange(time: number): number {
		let next = Number.POSITIVE_INFINITY;
		for (const {from, until} of this.#holds) {
			const change = from > time ? from : until;
			next = change > time ? Math.min(next, change) : next;
		}

		return next;
	}
}
