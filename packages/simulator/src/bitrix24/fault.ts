import type {Breakage} from '../breakage.ts';

/**
What goes wrong. `{code}` refuses as the portal would; `'html'` is a page of the web server in front of it; `'reset'` cuts the connection;
`'hang'` never answers; `{latency}` (ms, there and back) only takes longer.
*/
export type RestFaultOutcome =
	| {readonly code: string; /** @default the code's own */ readonly status?: number}
	| {readonly latency: number}
	| Breakage;

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
