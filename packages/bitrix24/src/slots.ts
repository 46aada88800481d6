import {refusalOf, type Refusal} from './refusal.ts';

/** A request as axios knows it. */
interface Config {
	readonly url?: string;
	signal?: unknown;
	validateStatus?: ((status: number) => boolean) | null;
}

interface Response {
	readonly config: Config;
	readonly status: number;
	data: unknown;
}

interface Failed {
	readonly config?: Config;
	readonly code?: unknown;
	readonly response?: Response;
}

/** Changes a request or a response in place. `any`, because its types are those of the axios that the SDK brings. */
type Intercept = (passing: any) => any;

/** What is needed of an axios instance. */
export interface AjaxClient {
	readonly interceptors: {
		readonly request: {use(onRequest: Intercept): unknown};
		readonly response: {use(onResponse: Intercept, onError: (error: unknown) => unknown): unknown};
	};
}

/** One typing call on its way through the SDK. */
export interface Slot {
	/** The SDK makes it part of the address. */
	readonly requestId: string;
	readonly signal: AbortSignal | undefined;
	/** What it was answered with, if it was refused. */
	refusal?: Refusal;
	/** It is over. */
	release(): void;
}

const instances = new WeakMap<AjaxClient, Slots>();

/**
The typing calls that are on their way through one axios instance.

The SDK has no way to call without repetitions, or with a signal: it repeats what its axios rejects. So a typing call is found again there, by
the id of its request; it is given its signal, and what it is refused with is handed to the SDK as an answer, which it passes on at once.
*/
export class Slots {
	readonly #slots = new Map<string, Slot>();

	/** One for each axios instance, however many calls are made of it. */
	static of(client: AjaxClient): Slots {
		let slots = instances.get(client);
		if (!slots) {
			slots = new Slots(client);
			instances.set(client, slots);
		}

		return slots;
	}

	private constructor({interceptors}: AjaxClient) {
		interceptors.request.use(this.#onRequest);
		interceptors.response.use(this.#onResponse, this.#onError);
	}

	take(signal: AbortSignal | undefined): Slot {
		const requestId = crypto.randomUUID();
		const slot: Slot = {requestId, signal, release: () => void this.#slots.delete(requestId)};
		this.#slots.set(requestId, slot);
		return slot;
	}

	/** All other calls of the user pass untouched. */
	#slotOf(config: Config | undefined): Slot | undefined {
		if (this.#slots.size === 0 || config?.url === undefined) {
			return undefined;
		}

		const id = new URLSearchParams(config.url.slice(config.url.indexOf('?') + 1)).get('bx24_request_id');
		return id === null ? undefined : this.#slots.get(id);
	}

	readonly #onRequest = (config: Config): Config => {
		const slot = this.#slotOf(config);
		if (slot) {
			delete slot.refusal; // It goes out again, with a new token.
			config.signal = slot.signal;
			// On 401 the SDK fetches a new token, which is as it should be.
			config.validateStatus = status => status !== 401;
		}

		return config;
	};

	readonly #onResponse = (response: Response): Response => {
		const slot = this.#slotOf(response.config);
		if (slot && (response.status < 200 || response.status > 299)) {
			slot.refusal = {...refusalOf(response.data), status: response.status};
			response.data = {error: slot.refusal.code ?? `HTTP_${response.status}`};
		}

		return response;
	};

	readonly #onError = (error: unknown): unknown => {
		const {config, response} = (error ?? {}) as Failed;
		const slot = this.#slotOf(config);
		if (!slot || response) {
			throw error;
		}

		// A network that failed, or a signal. The code is axios's or Node's: ERR_NETWORK, ECONNRESET, ERR_CANCELED.
		slot.refusal = {...refusalOf(error), status: 0};
		return {config, status: 0, data: {error: slot.refusal.code ?? 'NETWORK_ERROR'}};
	};
}
