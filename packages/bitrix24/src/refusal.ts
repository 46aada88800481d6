/** What an answer tells of the time it took. In seconds since 1970, by the clock of the portal. */
export interface AnswerTime {
	/** When the answer was made. */
	readonly finish?: number;
	/** When a method that used up its time is let in again. */
	readonly operating_reset_at?: number;
}

/** What is known of a refusal, whoever tells it. */
export interface Refusal {
	/** The vendor's code, such as `QUERY_LIMIT_EXCEEDED`. */
	readonly code?: string;
	/** The HTTP status; 0 if there was no answer. */
	readonly status?: number;
	readonly time?: AnswerTime;
}

/**
A call that Bitrix24 refused, or that didn't get through.

It holds the vendor's code and no cause: the errors below it name the address of the call, and in a webhook that is the secret.
*/
export class Bitrix24Error extends Error implements Refusal {
	readonly code: string;
	readonly status: number;
	declare readonly time?: AnswerTime;

	/** @param method - The method that was called. */
	constructor(method: string, {code, status = 0, time}: Refusal) {
		const reason = code ?? (status > 0 ? `HTTP_${status}` : 'NETWORK_ERROR');
		super(`Call to '${method}' failed: ${reason}${status > 0 ? ` (${status})` : ''}`);
		this.name = 'Bitrix24Error';
		this.code = reason;
		this.status = status;
		if (time) {
			this.time = time;
		}
	}
}

/** Any answer or error, as far as it tells of a refusal. */
interface Teller {
	readonly code?: unknown;
	readonly status?: unknown;
	readonly error?: unknown;
	readonly time?: unknown;
	readonly response?: {readonly status?: unknown; readonly data?: unknown} | null;
}

/**
What an error says: one of ours or of the SDK (`code`, `status`), a body that was thrown (`error`), or an error of axios, which keeps the body
in its `response`.
*/
export function refusalOf(error: unknown): Refusal {
	const teller = tellerOf(error);
	const {error: named, time} = tellerOf(teller.response?.data ?? error);
	const code = codeOf(named) ?? codeOf(tellerOf(named).code) ?? codeOf(teller.code);
	const status = teller.response?.status ?? teller.status;
	return {
		...(code !== undefined && {code}),
		...(typeof status === 'number' && {status}),
		...(typeof time === 'object' && time !== null && {time}),
	};
}

/**
The refusal that an answer is, if it is one: not every client rejects. The SDK answers some errors with a result that is no success.

@param method - The method that was called.
*/
export function refusalIn(method: string, answer: unknown): Bitrix24Error | undefined {
	if (typeof answer !== 'object' || answer === null) {
		return undefined;
	}

	const {isSuccess, getErrors} = answer as {readonly isSuccess?: unknown; readonly getErrors?: unknown};
	if (isSuccess === false && typeof getErrors === 'function') {
		const [error] = (answer as {getErrors(): Iterable<unknown>}).getErrors();
		return new Bitrix24Error(method, refusalOf(error));
	}

	return 'error' in answer && Boolean(answer.error) ? new Bitrix24Error(method, refusalOf(answer)) : undefined;
}

function tellerOf(value: unknown): Teller {
	return typeof value === 'object' && value !== null ? value : {};
}

/** Codes are words: a page of HTML is none. */
function codeOf(value: unknown): string | undefined {
	return typeof value === 'string' && /^\w{1,80}$/.test(value) ? value : undefined;
}
