import type {EndReason} from './events.ts';
import type {Typing} from './typing.ts';

/** The holds on one lease, oldest first. */
export class Holds<Action extends string> {
	/** Never changed but replaced: an array that grows takes room for sixteen more, and most chats have one hold. */
	#holds: ReadonlyArray<Typing<Action>> = [];

	get isEmpty(): boolean {
		return this.#holds.length === 0;
	}

	/** The most recent one, active or not. */
	get latest(): Typing<Action> | undefined {
		return this.#holds.at(-1);
	}

	add(hold: Typing<Action>): void {
		this.#holds = this.#holds.length === 0 ? [hold] : [...this.#holds, hold];
	}

	/** Returns whether it was there. */
	remove(hold: Typing<Action>): boolean {
		const {length} = this.#holds;
		this.#holds = this.#holds.filter(other => other !== hold);
		return this.#holds.length < length;
	}

	cancel(reason: unknown, why: EndReason): void {
		for (const hold of this.#holds) {
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
