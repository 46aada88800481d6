import {now} from './timer.ts';

/** The longest trip is forgotten by half in this many milliseconds: by the time and not by calls, as in a burst the quick ones are answered first. */
const halfLife = 5 * 60_000;

/** How long the calls of a bot take. */
export class Trip {
	#longest = 0;
	#at = 0;

	/** The longest of late, in milliseconds; 0 before any was answered. */
	get longest(): number {
		return this.#longest * 2 ** ((this.#at - now()) / halfLife);
	}

	/** A call was answered after `ms`. */
	took(ms: number): void {
		if (ms > this.longest) {
			this.#longest = ms;
			this.#at = now();
		}
	}
}
