import {now} from './timer.ts';

/** The longest trip counts for this many milliseconds: a time and not a number of calls, as in a burst the quick ones are answered first. */
const memory = 5 * 60_000;

/** A message waits this many milliseconds at the most for a call. */
export const patience = 300;

/** How long the calls of a bot take. */
export class Trip {
	#longest = 0;
	#until = 0;

	/** The longest of late, in milliseconds, as far as a message waits; as long as that if none was answered. */
	get longest(): number {
		return this.#until > now() ? Math.min(this.#longest, patience) : patience;
	}

	/** A call was answered after `ms`. */
	took(ms: number): void {
		if (this.#until <= now() || ms >= this.#longest) {
			this.#longest = ms;
			this.#until = now() + memory;
		}
	}
}
