import type {Breakage} from '../breakage.ts';
import type {ApiError} from './refusal.ts';

/** An error to answer with. @default description - what Telegram says for that code */
export type FaultError = Omit<ApiError, 'description'> & {readonly description?: string};

/**
What goes wrong. An error is answered as the service would (429 with its `Retry-After`); `'reset'` cuts the connection;
`'hang'` never answers; `'html'` is a 502 page; `'redirect'` leads to a 200 page; `'malformed'` is the true answer cut off
in the middle; `{latency}` (ms, there and back) only takes longer.
*/
export type FaultOutcome = FaultError | Breakage | 'redirect' | 'malformed' | {readonly latency: number};

/** Which requests go wrong, and how. */
export interface Fault {
	/** @default every method */
	readonly method?: string;
	/** @default every chat, and requests without one */
	readonly chatId?: number;
	/** How many requests it hits before it wears off. @default Infinity */
	readonly times?: number;
	readonly outcome: FaultOutcome;
	/**
	Whether the request takes effect all the same and only its answer is lost.
	@default true for `'malformed'` and `{latency}`, else false
	*/
	readonly effect?: boolean;
}

const usual: Readonly<Record<number, string>> = {
	400: 'Bad Request',
	401: 'Unauthorized',
	403: 'Forbidden: bot was blocked by the user',
	404: 'Not Found',
	409: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
	500: 'Internal Server Error',
	502: 'Bad Gateway',
	503: 'Service Unavailable',
	504: 'Gateway Timeout',
};

/** The error with the description Telegram gives to its code. */
export function described({error_code, description, parameters}: FaultError): ApiError {
	const after = parameters?.retry_after;
	const text = description ?? (error_code === 429 ? `Too Many Requests: retry after ${after ?? 1}` : usual[error_code]);
	return {error_code, description: text ?? 'Error', ...(parameters && {parameters})};
}
