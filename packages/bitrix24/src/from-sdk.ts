import {showsTyping, type Call} from './call.ts';
import {Slots, type AjaxClient} from './slots.ts';
import {Bitrix24Error, refusalIn, refusalOf, type Refusal} from './refusal.ts';

/** What is needed of `B24Hook`, `B24OAuth` or `B24Frame`. */
export interface Sdk {
	readonly actions: {
		readonly v2: {
			readonly call: {make(options: {readonly method: string; readonly params?: object; readonly requestId?: string}): Promise<unknown>};
		};
	};

	/** Its client for the network, and what that knows of its own limits. */
	getHttpClient?(version: string): {readonly ajaxClient: AjaxClient; getStats(): Partial<Bucket>};
}

/** The leaky bucket by which the SDK holds back its calls. */
interface Bucket {
	readonly tokens: number;
	readonly burstLimit: number;
	readonly drainRate: number;
	readonly lastRefill: number;
}

/** The share of the bucket that typing leaves to all else. */
const reserve = 0.1;

/**
Calls by `@bitrix24/b24jssdk`.

A typing call is tried once, honours its signal, and is left out while the SDK's own bucket is nearly empty: the SDK would let it wait in line,
before the reply, and try it three times. It counts in that bucket like every other. All other methods go the SDK's way, repetitions included,
so that this serves for messages too.

@param b24 - A `B24Hook` or a `B24OAuth`; a token that has expired is renewed by it.
@throws {TypeError} If it is no such thing.
@see https://bitrix24.github.io/b24jssdk/
@example
```ts
import {bitrix24, fromSdk} from '@auto-typing/bitrix24';
import {Indicator} from '@auto-typing/core';
import {B24Hook} from '@bitrix24/b24jssdk';

const b24 = B24Hook.fromWebhookUrl(process.env.BITRIX24_WEBHOOK!);
const indicator = new Indicator(bitrix24({call: fromSdk(b24), botId: 567, botToken: process.env.BITRIX24_BOT_TOKEN!}));
```
*/
export function fromSdk(b24: Sdk): Call {
	if (typeof (b24 as Partial<Sdk> | undefined)?.actions?.v2?.call?.make !== 'function') {
		throw new TypeError('Expected `b24` to be an instance of @bitrix24/b24jssdk 2.2 or later, with `actions.v2.call.make`');
	}

	return async (method, params, signal) =>
		showsTyping(method) ? callOnce(b24, method, params, signal) : b24.actions.v2.call.make({method, params});
}

/** @throws {Bitrix24Error} Whatever goes wrong: the SDK's own errors hold the address of the call, and with it the secret. */
async function callOnce(b24: Sdk, method: string, params: object, signal?: AbortSignal): Promise<unknown> {
	signal?.throwIfAborted();
	const client = b24.getHttpClient?.('v2');
	if (client && isNearlyEmpty(client.getStats())) {
		throw new Bitrix24Error(method, {code: 'QUERY_LIMIT_EXCEEDED'});
	}

	const slot = client && Slots.of(client.ajaxClient).take(signal);
	let answer: unknown;
	try {
		answer = await b24.actions.v2.call.make({method, params, ...(slot && {requestId: slot.requestId})});
	} catch (error) {
		signal?.throwIfAborted();
		throw new Bitrix24Error(method, reasonOf(error));
	} finally {
		slot?.release();
	}

	const refusal = refusalIn(method, answer);
	if (refusal) {
		signal?.throwIfAborted();
		throw slot?.refusal ? new Bitrix24Error(method, slot.refusal) : refusal;
	}

	return answer;
}

/** A token that can't be renewed comes as an unknown error, which has the reason inside. */
function reasonOf(error: unknown): Refusal {
	const refusal = refusalOf(error);
	return refusal.code === 'JSSDK_UNKNOWN_ERROR' ? refusalOf((error as {readonly originalError?: unknown}).originalError) : refusal;
}

function isNearlyEmpty({tokens, burstLimit, drainRate, lastRefill}: Partial<Bucket>): boolean {
	if (tokens === undefined || burstLimit === undefined || drainRate === undefined || lastRefill === undefined) {
		return false; // Another version of the SDK: then its bucket decides.
	}

	const filled = Math.min(burstLimit, tokens + ((Date.now() - lastRefill) * drainRate) / 1000);
	return filled < Math.max(1, burstLimit * reserve);
}
