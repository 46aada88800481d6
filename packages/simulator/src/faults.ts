/** The rules by which calls go wrong, the newest first, each until it has hit as many calls as it says. */
export class Faults<Fault extends {readonly times?: number}> {
	readonly #rules: Array<{readonly fault: Fault; left: number}> = [];

	/** @returns a function that ends it */
	add(fault: Fault): () => void {
		const rule = {fault, left: fault.times ?? Infinity};
		this.#rules.unshift(rule);
		return () => {
			rule.left = 0;
		};
	}

	/** The first fault that hits a call, used up by one. */
	take(hits: (fault: Fault) => boolean): Fault | undefined {
		const rule = this.#rules.find(({fault, left}) => left > 0 && hits(fault));
		if (rule) rule.left--;
		return rule?.fault;
	}
}
