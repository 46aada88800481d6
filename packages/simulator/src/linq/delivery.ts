import {createHmac} from 'node:crypto';
import {request, type IncomingMessage} from 'node:http';
import {Webhook} from 'standardwebhooks';
import {wait} from '../wait.ts';
import type {LinqEvent} from './events.ts';

/** Where events go. */
export interface Subscription {
	readonly id: string;
	readonly url: string;
	/** With the prefix `whsec_`. */
	readonly secret: string;
	readonly events: readonly string[];
}

/** One attempt to deliver an event. */
export interface LinqDelivery {
	readonly event: LinqEvent;
	/** 1 for the first. */
	readonly attempt: number;
	/** When it went out, by `performance.now()` (ms). */
	readonly at: number;
	/** How long the answer took, in milliseconds. */
	readonly took: number;
	/** The HTTP status of the answer; 0 for none. */
	readonly status: number;
}

export interface DeliveryOptions {
	/** How long to wait for an answer, in milliseconds. */
	readonly timeout: number;
	/** How long after a failure it is delivered again, in milliseconds: one number for each further attempt. */
	readonly schedule: readonly number[];
	readonly onAttempt: (delivery: LinqDelivery) => void;
	readonly signal: AbortSignal;
}

/** "up to 10 times over ~25 minutes with exponential backoff" @see https://docs.linqapp.com/guides/webhooks/ */
export const usualSchedule: readonly number[] = Array.from({length: 10}, (_, attempt) => 1500 * 2 ** attempt);

/** Posts an event until it is answered, or refused with a 4xx other than 429. @returns the last attempt */
export async function deliver(event: LinqEvent, subscription: Subscription, options: DeliveryOptions): Promise<LinqDelivery> {
	const {schedule, onAttempt, signal} = options;
	for (let attempt = 1; ; attempt++) {
		const at = performance.now();
		const status = await post(event, subscription, options).catch(() => 0);
		const delivery = {event, attempt, at, took: performance.now() - at, status};
		onAttempt(delivery);
		const pause = schedule[attempt - 1];
		const isToBeRepeated = status === 0 || status === 429 || status >= 500;
		if (!isToBeRepeated || pause === undefined || !(await wait(pause, signal))) return delivery;
	}
}

async function post(event: LinqEvent, {id, url, secret}: Subscription, {timeout, signal}: DeliveryOptions): Promise<number> {
	const body = JSON.stringify(event);
	const answer = await new Promise<IncomingMessage>((resolve, reject) => {
		const headers = {
			'content-type': 'application/json',
			'content-length': Buffer.byteLength(body),
			...sign(event.event_id, body, secret),
			// Deprecated by the vendor, and still sent.
			'x-webhook-event': event.event_type,
			'x-webhook-subscription-id': id,
		};
		const either = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
		request(url, {method: 'POST', headers, signal: either, agent: false}).on('response', resolve).on('error', reject).end(body);
	});
	answer.resume();
	return answer.statusCode ?? 0;
}

/** @param at - when it is signed */
function sign(id: string, body: string, secret: string, at: Date = new Date()): Record<string, string> {
	const seconds = String(Math.floor(at.getTime() / 1000));
	return {
		'webhook-id': id,
		'webhook-timestamp': seconds,
		'webhook-signature': new Webhook(secret).sign(id, at, body),
		'x-webhook-timestamp': seconds,
		'x-webhook-signature': createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'),
	};
}
