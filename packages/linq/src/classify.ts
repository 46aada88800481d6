import type {Failure} from '@auto-typing/core';

/** What the SDK rejects with: `error` is the body, whose own `error` says what was wrong. */
interface Rejection {
	readonly status?: unknown;
	readonly headers?: {get?(name: string): string | null} | null;
	readonly error?: {readonly error?: {readonly code?: unknown; readonly retry_after?: unknown} | null} | null;
}

/** There is no such chat, or it isn't ours. */
const chatNotFound = 2001;

/**
What a refusal means, by its status, and by its code where the status alone could mean more.

@see https://docs.linqapp.com/error/
*/
export function classify(rejection: unknown): Failure {
	const {status, headers, error} = (rejection ?? {}) as Rejection;
	switch (status) {
		case 401: {
			return 'revoked';
		}

		case 404: {
			// A chat that is gone makes the work pointless; a page that isn't there only says that the address is wrong.
			return error?.error?.code === chatNotFound ? 'gone' : 'give-up';
		}

		case 400:
		case 403: // A group.
		case 409: // A group we have left.
		case 422: {
			return 'give-up';
		}

		case 429: {
			const after = secondsOf(headers?.get?.('retry-after')) ?? secondsOf(error?.error?.retry_after);
			// It doesn't say what the limit was for.
			return after === undefined ? {after: 1000, scope: 'bot', doubling: true} : {after: after * 1000, scope: 'bot'};
		}

		default: {
			return 'retry'; // A 5xx, a timeout, or no answer at all.
		}
	}
}

/** Seconds, or a date. */
function secondsOf(value: unknown): number | undefined {
	const text = typeof value === 'string' ? value.trim() : value;
	if (text === '' || (typeof text !== 'string' && typeof text !== 'number')) {
		return undefined;
	}

	const seconds = Number.isNaN(Number(text)) ? (Date.parse(`${text}`) - Date.now()) / 1000 : Number(text);
	return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}
