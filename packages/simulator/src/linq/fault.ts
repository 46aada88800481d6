import type {Breakage} from '../breakage.ts';
import type {LinqMethod} from './arrival.ts';
import type {LinqRefusal} from './refusal.ts';

/**
What goes wrong. A refusal is answered as the service would; `'reset'` cuts the connection; `'hang'` never answers; `'html'` is a 502 page;
`{latency}` (ms, there and back) only takes longer; `{late}` (ms) is a request that waits in a queue of the service, and takes effect that
much later even if the client has hung up.
*/
export type LinqFaultOutcome = LinqRefusal | Breakage | {readonly latency: number} | {readonly late: number};

/** Which requests go wrong, and how. */
export interface LinqFault {
	/** @default every method */
	readonly method?: LinqMethod;
	/** @default every chat, and requests without one */
	readonly chatId?: string;
	/** How many requests it hits before it wears off. @default Infinity */
	readonly times?: number;
	readonly outcome: LinqFaultOutcome;
	/** Whether the request takes effect all the same and only its answer is lost. @default true for `{latency}` and `{late}`, else false */
	readonly effect?: boolean;
}
