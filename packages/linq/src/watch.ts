import type {Indicator} from '@auto-typing/core';
import {LinqError} from './client.ts';
import type {ChatTarget} from './target.ts';

/** A message to a chat. One that opens a chat (`POST /v3/chats`) has none to be seen in yet. */
const message = /\/v3\/chats\/([\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})\/(?:messages|voicememo)$/i;

/**
A `fetch` for your client that lets its messages out through `indicator`: so nothing is seen after a reply, and typing returns after an
intermediate one. Everything else passes untouched.

@param fetch - What to send by. That of the runtime by default.
@throws {TypeError} If `indicator` or `fetch` is none.
@example
```ts
import {Indicator} from '@auto-typing/core';
import {linq, watch} from '@auto-typing/linq';
import LinqAPIV3 from '@linqapp/sdk';

const indicator = new Indicator(linq(new LinqAPIV3()));
const client = new LinqAPIV3({fetch: watch(indicator)});
await client.chats.messages.send('550e8400-e29b-41d4-a716-446655440000', {message: {parts: [{type: 'text', value: 'Hello'}]}});
```
*/
export function watch(
	indicator: Pick<Indicator<ChatTarget>, 'message'>,
	fetch: typeof globalThis.fetch = globalThis.fetch,
): typeof globalThis.fetch {
	if (typeof indicator?.message !== 'function') {
		throw new TypeError(`Expected \`indicator\` to be an Indicator, as \`new Indicator(linq(client))\` makes one, got ${show(indicator)}`);
	}

	if (typeof fetch !== 'function') {
		throw new TypeError(`Expected \`fetch\` to be a function, got ${show(fetch)}`);
	}

	return async (input, init) => {
		const chatId = chatOf(input, init);
		if (chatId === undefined) {
			return fetch(input, init);
		}

		let refusal: {readonly response: Response; readonly error: LinqError} | undefined;
		try {
			return await indicator.message({chatId}, async () => {
				const response = await fetch(input, init);
				if (!response.ok) {
					// To the engine a refusal is an exception, to a client of `fetch` an answer.
					refusal = {response, error: new LinqError(response, await bodyOf(response))};
					throw refusal.error;
				}

				return response;
			});
		} catch (error) {
			if (refusal && error === refusal.error) {
				return refusal.response;
			}

			throw error;
		}
	};
}

/** The chat that a request puts a message into, if it does. */
function chatOf(input: Parameters<typeof fetch>[0], init?: RequestInit): string | undefined {
	const {url, method} = typeof input === 'string' || input instanceof URL ? {url: `${input}`, method: 'GET'} : input;
	return (init?.method ?? method).toUpperCase() === 'POST' && URL.canParse(url) ? message.exec(new URL(url).pathname)?.[1] : undefined;
}

/** What is in it, without taking it from the client. */
async function bodyOf(response: Response): Promise<unknown> {
	return response
		.clone()
		.json()
		.catch(() => {});
}

/** What was given instead, and nothing of what may be inside. */
function show(value: unknown): string {
	return value === null ? 'null' : typeof value;
}
