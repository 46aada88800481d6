/** What a call for typing needs: one try, because a late one is worth nothing, and an end. */
export interface CallOptions {
	readonly maxRetries: number;

	/** In milliseconds. */
	readonly timeout: number;
	readonly signal: AbortSignal;
}

/** The shape of `@linqapp/sdk` that the platform needs. It rejects with an error that has `status`, `headers` and, in `error`, the body. */
export interface LinqClient {
	readonly chats: {
		readonly typing: {
			start(chatId: string, options: CallOptions): PromiseLike<unknown>;
			stop(chatId: string, options: CallOptions): PromiseLike<unknown>;
		};
	};
}

/** Linq said no. Its members are those of the SDK's errors. */
export class LinqError extends Error {
	override readonly name = 'LinqError';
	readonly status: number;
	readonly headers: Headers;

	/** The body of the answer, if it was JSON. */
	readonly error: unknown;

	constructor({status, headers}: Response, error: unknown) {
		super(`Linq answered ${status}`);
		this.status = status;
		this.headers = headers;
		this.error = error;
	}
}

export interface TokenOptions {
	/** Where the API is. `https://api.linqapp.com/api/partner` by default. */
	readonly baseURL?: string | undefined;
}

/**
A client without the SDK: `fetch`, and nothing else.

@param token - The bearer token. No error and no event ever holds it.
@throws {TypeError} For a token or a `baseURL` that can't be one.
@see https://docs.linqapp.com/api/resources/chats/subresources/typing/
@example
```ts
import {Indicator} from '@auto-typing/core';
import {fromToken, linq} from '@auto-typing/linq';

const indicator = new Indicator(linq(fromToken(process.env.LINQ_API_V3_API_KEY!)));
```
*/
export function fromToken(token: string, {baseURL = 'https://api.linqapp.com/api/partner'}: TokenOptions = {}): LinqClient {
	// Checked here, because `fetch` quotes what it can't send.
	if (typeof token !== 'string' || !/^[\u0021-\u007E]+$/.test(token)) {
		const got = typeof token === 'string' ? 'one that is empty or has other characters in it' : typeof token;
		throw new TypeError(`Expected \`token\` to be a string of visible ASCII characters, got ${got}`);
	}

	const base = checkURL(baseURL);
	const call =
		(method: 'POST' | 'DELETE') =>
		async (chatId: string, {timeout, signal}: CallOptions): Promise<void> => {
			const response = await fetch(`${base}/v3/chats/${encodeURIComponent(chatId)}/typing`, {
				method,
				headers: {authorization: `Bearer ${token}`, accept: '*/*'},
				redirect: 'error', // A POST that is sent elsewhere comes back as the 200 of some page.
				signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
			});
			if (!response.ok) {
				throw new LinqError(response, await response.json().catch(() => {}));
			}

			await response.body?.cancel();
		};
	return {chats: {typing: {start: call('POST'), stop: call('DELETE')}}};
}

/** Without a slash at its end. @throws {TypeError} */
function checkURL(baseURL: string): string {
	const url = typeof baseURL === 'string' && URL.canParse(baseURL) ? new URL(baseURL) : undefined;
	if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
		throw new TypeError('Expected `baseURL` to be an http or https URL without a user and a password, got something else');
	}

	return baseURL.replace(/\/+$/, '');
}
