/**
What goes wrong. `{code}` refuses as the portal would; `'html'` is a page of the web server in front of it; `'reset'` cuts the connection;
`'hang'` never answers; `{latency}` (ms, there and back) only takes longer.
*/
export type RestFaultOutcome =
	| {readonly code: string; /** @default the code's own */ readonly status?: number}
	| {readonly latency: number}
	| 'html'
	| 'reset'
	| 'hang';

/** Which calls go wrong, and how. */
export interface RestFault {
	/** @default every method */
	readonly method?: string;
	/** @default every dialog, and calls without one */
	readonly dialogId?: string;
	/** How many calls it hits before it wears off. @default Infinity */
	readonly times?: number;
	readonly outcome: RestFaultOutcome;
	/**
	Whether the call takes effect all the same and only its answer is lost.
	@default true for `{latency}`, else false
	*/
	readonly effect?: boolean;
}

/** The rules of `fail`, the newest first. */
export class RestFaults {
	readonly #rules: Array<{readonly fault: RestFault; left: number}> = [];

	add(fault: RestFault): () => void {
		const rule = {fault, left: fault.times ?? Infinity};
		this.#rules.unshift(rule);
		return () => {
			rule.left = 0;
		};
	}

	/** The fault that hits this call, used up by one. */
	take(method: string, dialogId: string | undefined): RestFault | undefined {
		const rule = this.#rules.find(
			({fault, left}) =>
				left > 0 &&
				(fault.method === undefined || fault.method.toLowerCase() === method.toLowerCase()) &&
				(fault.dialogId === undefined || fault.dialogId === dialogId),
		);
		if (rule) rule.left--;
		return rule?.fault;
	}
}
