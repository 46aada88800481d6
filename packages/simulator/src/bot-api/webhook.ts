import {request, type IncomingMessage} from 'node:http';
import type {Update} from '@grammyjs/types';
import {wait} from '../wait.ts';
import {readParameters, type Payload} from './parameters.ts';
import type {Updates} from './updates.ts';

/** Where a webhook's updates go, and how patiently. */
export interface WebhookOptions {
	readonly url: string;
	/** Sent along as `X-Telegram-Bot-Api-Secret-Token`. */
	readonly secret: string | undefined;
	/** How many deliveries may be under way at once. */
	readonly maxConnections: number;
	/** How long to wait for the bot's answer, in milliseconds. Telegram: 60 s. */
	readonly timeout: number;
	/** How long after a failed delivery to try again, in milliseconds. */
	readonly retry: number;
	/** A method call in the bot's answer. @see https://core.telegram.org/bots/api#making-requests-when-getting-updates */
	readonly onReply: (method: string, payload: Payload) => Promise<void>;
}

/**
Posts updates to a bot: those of one chat one after another, different chats side by side, each again and again until it is
answered with 2xx.
*/
export class Webhook {
	readonly options: WebhookOptions;
	lastError: {readonly date: number; readonly message: string} | undefined;
	readonly #updates: Updates;
	readonly #busy = new Map<string, Update>();
	readonly #closed = new AbortController();

	constructor(options: WebhookOptions, updates: Updates) {
		this.options = options;
		this.#updates = updates;
		updates.onPush = () => this.#pump();
		this.#pump();
	}

	close(): void {
		this.#updates.onPush = undefined;
		this.#closed.abort();
	}

	#pump(): void {
		for (const update of this.#updates.pending) {
			if (this.#closed.signal.aborted || this.#busy.size >= this.options.maxConnections) return;
			const queue = queueOf(update);
			if (this.#busy.has(queue)) continue;
			this.#busy.set(queue, update);
			void this.#deliver(update, queue);
		}
	}

	async #deliver(update: Update, queue: string): Promise<void> {
		const {signal} = this.#closed;
		while (!signal.aborted) {
			try {
				const {method, ...payload} = await this.#post(update);
				this.#updates.confirm(update);
				if (typeof method === 'string') await this.options.onReply(method, payload);
				break;
			} catch (error) {
				this.lastError = {date: Math.floor(Date.now() / 1000), message: String(error instanceof Error ? error.message : error)};
				await wait(this.options.retry, signal);
			}
		}

		this.#busy.delete(queue);
		this.#pump();
	}

	/** @returns the parameters of the method call in the answer, none for an empty answer */
	async #post(update: Update): Promise<Payload> {
		const {url, secret, timeout} = this.options;
		const body = JSON.stringify(update);
		const answer = await new Promise<IncomingMessage>((resolve, reject) => {
			const headers = {
				'content-type': 'application/json',
				'content-length': Buffer.byteLength(body),
				...(secret !== undefined && {'x-telegram-bot-api-secret-token': secret}),
			};
			const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(timeout)]);
			request(url, {method: 'POST', headers, signal, agent: false})
				.on('response', resolve)
				.on('error', error => reject(error.name === 'AbortError' ? new Error('Read timeout expired') : error))
				.end(body);
		});
		// An answer that is no method call is an answer all the same: only its status counts.
		const payload = await readParameters(answer).catch((): Payload => ({}));
		const {statusCode = 0, statusMessage} = answer;
		if (statusCode < 200 || statusCode > 299) throw new Error(`Wrong response from the webhook: ${statusCode} ${statusMessage}`);
		return payload;
	}
}

/** Updates with the same key are delivered in order: those of one chat or, where there is none, of one person. */
function queueOf(update: Update): string {
	for (const value of Object.values(update) as Array<Record<string, {id?: number}> & {message?: {chat?: {id?: number}}}>) {
		if (typeof value !== 'object') continue;
		const id = value['chat']?.id ?? value.message?.chat?.id ?? value['from']?.id ?? value['user']?.id;
		if (id !== undefined) return String(id);
	}

	return '';
}
