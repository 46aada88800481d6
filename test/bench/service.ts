import {ChatView, type Rules} from '@auto-typing/simulator';
import type {ApiClientOptions} from 'grammy';

/** A request as the service met it. Times are in milliseconds. */
export interface Arrival {
	readonly chatId: number;
	readonly method: string;
	readonly payload: Readonly<Record<string, unknown>>;
	/** When it left the bot. */
	readonly sentAt: number;
	/** When it arrived. */
	readonly at: number;
	/** How long the bot waits for its answer, counted from when it left. */
	readonly roundTrip: number;
	readonly effect: boolean;
	readonly refused: boolean;
}

/** How many requests a second the service admits, and what the others get. */
export interface Admission {
	readonly limit: number;
	/** Whether the second slides along or starts afresh with every full one. */
	readonly window: 'sliding' | 'fixed';
	/** How long everything is refused after one refusal. */
	readonly lockout: number;
}

export interface ServiceOptions {
	/** The milliseconds from a request to its answer. Asked once a request. */
	readonly roundTrip: (method: string) => number;
	/** The share of the round trip after which the request arrives. */
	readonly outward?: number;
	/** Whether a request never arrives, and is answered by an error after 20 s. Asked once a request. */
	readonly hangs?: (method: string) => boolean;
	/** Whether the client drops a request that is aborted: not all do. */
	readonly deafToSignals?: boolean;
	readonly admission?: Admission | undefined;
}

const hangTime = 20_000;

/** When in a second a fixed window starts: not in step with anything that the bot does. */
const phase = 370;

/** What Telegram's clients do with a request. */
const rules: Rules<Arrival> = {
	ttl: 5000,
	shows: ({method}) => (method === 'sendChatAction' ? 'typing' : undefined),
	clears: ({method}) => method === 'sendMessage',
};

/**
A Telegram-like service in this process: no sockets, so that it lives on virtual time and a run is the same every time.

An aborted request arrives all the same: what has left the machine can't be called back.
*/
export class Service {
	readonly log: Arrival[] = [];
	readonly #options: ServiceOptions;
	#admitted: number[] = [];
	#shutUntil = 0;

	constructor(options: ServiceOptions) {
		this.#options = options;
	}

	/** What grammY takes for the network. */
	readonly fetch = (async (url: string, init: {body: string; signal?: AbortSignal}) => {
		const {roundTrip: timeOf, outward = 0.5, hangs, deafToSignals = false} = this.#options;
		const method = url.slice(url.lastIndexOf('/') + 1);
		const payload = JSON.parse(init.body) as Record<string, unknown>;
		const sentAt = performance.now();
		const roundTrip = timeOf(method);
		return new Promise((resolve, reject) => {
			if (!deafToSignals) {
				init.signal?.addEventListener('abort', () => reject(new DOMException('The request was aborted', 'AbortError')), {once: true});
			}

			if (hangs?.(method)) {
				setTimeout(() => reject(new Error('socket hang up')), hangTime);
				return;
			}

			setTimeout(() => {
				const arrival = this.#arrive(method, payload, sentAt, roundTrip);
				setTimeout(() => resolve({json: async () => this.#answer(arrival)}), roundTrip * (1 - outward));
			}, roundTrip * outward);
		});
	}) as unknown as NonNullable<ApiClientOptions['fetch']>;

	/** How many of a method's requests came, to one chat or to all. */
	count(method: string, chatId?: number): number {
		return this.log.filter(arrival => arrival.method === method && (chatId === undefined || arrival.chatId === chatId)).length;
	}

	/** What the person in one chat saw. */
	view(chatId: number): ChatView<Arrival> {
		return new ChatView(
			this.log.filter(arrival => arrival.chatId === chatId),
			rules,
		);
	}

	#arrive(method: string, payload: Readonly<Record<string, unknown>>, sentAt: number, roundTrip: number): Arrival {
		const at = performance.now();
		const refused = !this.#admits(at);
		const arrival: Arrival = {chatId: payload['chat_id'] as number, method, payload, sentAt, at, roundTrip, effect: !refused, refused};
		this.log.push(arrival);
		return arrival;
	}

	#admits(now: number): boolean {
		const {admission} = this.#options;
		if (!admission) {
			return true;
		}

		const start = admission.window === 'sliding' ? now - 1000 : Math.floor((now - phase) / 1000) * 1000 + phase - 1e-6;
		this.#admitted = this.#admitted.filter(at => at > start);
		if (now < this.#shutUntil) {
			return false;
		}

		if (this.#admitted.length >= admission.limit) {
			this.#shutUntil = now + admission.lockout;
			return false;
		}

		this.#admitted.push(now);
		return true;
	}

	#answer({method, refused, at}: Arrival): object {
		if (refused) {
			const wait = Math.max(Math.ceil((this.#shutUntil - at) / 1000), 1);
			return {ok: false, error_code: 429, description: `Too Many Requests: retry after ${wait}`, parameters: {retry_after: wait}};
		}

		return {ok: true, result: method === 'sendMessage' ? {message_id: 1, date: 0, chat: {id: 1, type: 'private'}, text: 'done'} : true};
	}
}
