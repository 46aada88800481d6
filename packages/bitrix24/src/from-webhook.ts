import type {Call} from './call.ts';
import {Bitrix24Error, refusalIn} from './refusal.ts';

/** What comes before the name of a method: the user for whom the webhook acts, and its secret. */
const webhookPath = /^\/rest\/\d+\/[\w-]+\/?$/;

const local = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
Calls by an inbound webhook, with nothing but `fetch`. Each call is tried once.

@param url - As the portal shows it: `https://portal.bitrix24.com/rest/1/secret/`. It is kept where nobody who looks comes across it.
@throws {TypeError} If it is no such address. The message doesn't name it.
@see https://apidocs.bitrix24.com/local-integrations/local-webhooks.html
@example
```ts
import {fromWebhook} from '@auto-typing/bitrix24';

const call = fromWebhook(process.env.BITRIX24_WEBHOOK!);
await call('imbot.v2.Chat.Message.send', {botId: 567, botToken: 'token', dialogId: '27', fields: {message: 'Hello'}});
```
*/
export function fromWebhook(url: string): Call {
	const base = checked(url);
	return async (method, params, signal) => {
		const json = JSON.stringify(params); // What can't be sent is no trouble of the network.
		let status = 0;
		let body: unknown;
		try {
			const response = await fetch(`${base}${encodeURIComponent(method)}`, {
				method: 'POST',
				headers: {'content-type': 'application/json', accept: 'application/json'},
				body: json,
				redirect: 'error', // The address is the secret: it is for nobody else.
				...(signal && {signal}),
			});
			status = response.status;
			body = await response.json();
		} catch {
			signal?.throwIfAborted();
			throw new Bitrix24Error(method, {status});
		}

		const refusal = refusalIn(method, body);
		if (refusal || status >= 300) {
			const {code, time} = refusal ?? {};
			throw new Bitrix24Error(method, {...(code !== undefined && {code}), ...(time && {time}), status});
		}

		return body;
	};
}

function checked(url: string): string {
	let parsed: URL;
	try {
		parsed = new URL(url);
	} catch {
		throw new TypeError(
			`Expected \`url\` to be the address of a webhook, got ${typeof url === 'string' ? 'a string that is none' : typeof url}`,
		);
	}

	const {protocol, hostname, pathname, origin} = parsed;
	if (protocol !== 'https:' && !(protocol === 'http:' && local.has(hostname))) {
		throw new TypeError(`Expected \`url\` to begin with https:, got ${protocol} (http: is for this machine only)`);
	}

	if (!webhookPath.test(pathname)) {
		throw new TypeError('Expected `url` to end with /rest/, the id of a user and the secret of the webhook, got another path');
	}

	return `${origin}${pathname.replace(/\/?$/, '/')}`;
}
