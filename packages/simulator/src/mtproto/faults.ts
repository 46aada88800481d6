/** An error to answer with. @default code - what the vendor documents for that message */
export interface RpcFault {
	/** The vendor's string: `CHAT_WRITE_FORBIDDEN`, `FLOOD_WAIT_30`. */
	readonly message: string;
	readonly code?: number;
}

/**
What goes wrong: an error instead of the result; `'hang'` never answers; `'drop'` ends the connection instead of answering;
`{latency}` answers that many milliseconds later.
*/
export type MtprotoOutcome = RpcFault | 'hang' | 'drop' | {readonly latency: number};

/** Which calls go wrong, and how. */
export interface MtprotoFault {
	/** `messages.setTyping`. @default every method */
	readonly method?: string;
	/** The chat's id, with its sign. @default every chat, and calls without one */
	readonly peer?: number;
	/** How many calls it hits before it wears off. @default Infinity */
	readonly times?: number;
	readonly outcome: MtprotoOutcome;
	/** Whether the call takes effect all the same and only its answer is lost. @default true for `{latency}`, else false */
	readonly effect?: boolean;
}

/** The rules of `fail`, the newest first. */
export class Faults {
	readonly #rules: Array<{fault: MtprotoFault; left: number}> = [];

	add(fault: MtprotoFault): () => void {
		const rule = {fault, left: fault.times ?? Infinity};
		this.#rules.unshift(rule);
		return () => {
			rule.left = 0;
		};
	}

	/** The fault that hits this call, used up by one. */
	take(method: string, peer: number | undefined): MtprotoFault | undefined {
		const rule = this.#rules.find(
			({fault, left}) =>
				left > 0 && (fault.method === undefined || fault.method === method) && (fault.peer === undefined || fault.peer === peer),
		);
		if (rule) rule.left--;
		return rule?.fault;
	}
}
