import type {Address} from './address.ts';
import {MadelineProtoError, type ErrorDetails} from './error.ts';

/** How to make one call. */
export interface CallOptions {
	/** The session to use, instead of the client's. */
	readonly session?: string | undefined;

	/** Ends the wait for the answer. A server that has the call already carries it out all the same. */
	readonly signal?: AbortSignal | undefined;
}

/** A call on its way out. */
export interface Call extends CallOptions {
	readonly method: string;
	readonly parameters: object;
}

/**
Make a call over HTTP.

@throws {MadelineProtoError} When it is refused.
*/
export async function request(address: Address, {method, parameters, session, signal}: Call): Promise<unknown> {
	const response = await fetch(address.api(method, session), {
		method: 'POST',
		// Not a character more: to the server anything else is no JSON.
		headers: {...address.headers, 'content-type': 'application/json'},
		body: JSON.stringify(parameters),
		redirect: 'error',
		...(signal && {signal}),
	});
	const answer = await read(response, method);
	const [error] = answer.errors ?? [];
	if (!response.ok || error || answer.success !== true) {
		throw new MadelineProtoError(method, response.status, error);
	}

	return answer.response;
}

/** @throws {TypeError} */
export function checkCall(method: unknown, parameters: unknown, options: unknown): void {
	if (typeof method !== 'string' || method === '') {
		throw new TypeError(`Expected \`method\` to be the name of a method, got ${method === '' ? 'an empty text' : typeof method}`);
	}

	if (typeof parameters !== 'object' || parameters === null) {
		throw new TypeError(`Expected \`parameters\` to be an object, got ${parameters === null ? 'null' : typeof parameters}`);
	}

	if (typeof options !== 'object' || options === null) {
		throw new TypeError(`Expected \`options\` to be an object, got ${options === null ? 'null' : typeof options}`);
	}

	const {session} = options as {readonly session?: unknown};
	if (session !== undefined && (typeof session !== 'string' || session === '')) {
		throw new TypeError(`Expected \`session\` to be the name of a session, got ${session === '' ? 'an empty text' : typeof session}`);
	}
}

interface Answer {
	readonly success?: boolean;
	readonly errors?: readonly ErrorDetails[];
	readonly response?: unknown;
}

/** @throws {MadelineProtoError} When it is no answer of TelegramApiServer: the page of a proxy, or cut off in the middle. */
async function read(response: Response, method: string): Promise<Answer> {
	const text = await response.text();
	try {
		const answer: unknown = JSON.parse(text);
		if (typeof answer === 'object' && answer !== null) {
			return answer;
		}
	} catch {
		// Below.
	}

	throw new MadelineProtoError(method, response.status);
}
