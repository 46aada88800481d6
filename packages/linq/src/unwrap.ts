/** The shape of `@linqapp/sdk` that verifies a webhook. */
export interface WebhookClient<Event> {
	readonly webhooks: {
		unwrap(body: string, options: {headers: Record<string, string>}): Event;
	};
}

/** What a request has, in the form of Node.js or of `fetch`. */
export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>> | Headers;

/** Why a delivery was not believed. `status` is what to answer: Koa does so by itself. */
export class WebhookError extends Error {
	override readonly name = 'WebhookError';

	/** 400 or 401, after which Linq gives up; 500 if it is our own fault, after which it tries again. */
	readonly status: 400 | 401 | 500;

	/** Koa may tell the sender what was wrong. */
	readonly expose: boolean;

	constructor(status: 400 | 401 | 500, message: string, options?: ErrorOptions) {
		super(message, options);
		this.status = status;
		this.expose = status !== 500;
	}
}

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

/**
The event in a webhook, verified by the SDK: with a signature that fits, and no older than five minutes.

The SDK's own `unwrap` verifies nothing when it is called without headers. This never does without.

@param client - Knows the signing secret: its `webhookSecret`, or the variable `LINQ_WEBHOOK_SECRET`.
@param body - As it was sent, before anybody parsed it.
@throws {WebhookError} If it is not from Linq, too old, or not JSON; or if the client has no secret, or `body` was parsed already.
@see https://docs.linqapp.com/guides/webhooks/
@example
```ts
import {targetOf, unwrap} from '@auto-typing/linq';
import LinqAPIV3 from '@linqapp/sdk';

const client = new LinqAPIV3();
const post = async (request: Request) => targetOf(unwrap(client, await request.text(), request.headers));
```
*/
export function unwrap<Event extends object>(client: WebhookClient<Event>, body: string, headers: WebhookHeaders): Event {
	if (body === undefined || body === null) {
		throw new WebhookError(400, 'The body of the webhook is missing');
	}

	if (typeof body !== 'string') {
		// Our own mistake, and no reason for Linq to give the event up. What was parsed can't be verified any more.
		throw new WebhookError(500, `Expected \`body\` to be the text as it was sent, such as \`ctx.request.rawBody\`, got ${typeof body}`);
	}

	const signed: Record<string, string> = {};
	for (const name of names) {
		const value = headerOf(headers, name);
		if (!value) {
			throw new WebhookError(401, `The header ${name} is missing`);
		}

		signed[name] = value;
	}

	let event: unknown;
	try {
		event = client.webhooks.unwrap(body, {headers: signed});
	} catch (error) {
		throw refusalOf(error);
	}

	if (typeof event !== 'object' || event === null) {
		throw new WebhookError(400, 'The body of the webhook is no event');
	}

	return event as Event;
}

function headerOf(headers: WebhookHeaders | undefined, name: string): string | undefined {
	const value = typeof headers?.get === 'function' ? (headers as Headers).get(name) : (headers as Record<string, unknown>)?.[name];
	return typeof value === 'string' ? value : undefined; // Sent twice it is not Linq's.
}

function refusalOf(error: unknown): WebhookError {
	switch ((error as Error | undefined)?.name) {
		case 'WebhookVerificationError': {
			return new WebhookError(401, 'The webhook is not signed by Linq, or was signed more than five minutes ago', {cause: error});
		}

		case 'SyntaxError': {
			return new WebhookError(400, 'The body of the webhook is not JSON', {cause: error});
		}

		default: {
			return new WebhookError(500, 'The client has no signing secret, or none that can be one: see its `webhookSecret`', {cause: error});
		}
	}
}
