import type {ChatActionPayload} from '@auto-typing/telegram';
import {Api, GrammyError, type Context, type Transformer} from 'grammy';

type BotApi = Context['api'];
type Signal = Parameters<BotApi['raw']['sendChatAction']>[1];

/**
Sends chat actions through the transformers of a bot, but over an `Api` of its own.

Through the transformers, because a bot's own tests replace the network by one, and others add what every call needs. Over an `Api` of its own,
because that of the context may spend the webhook reply on a chat action, which would end the response early and hide every refusal.
*/
export class Sender {
	readonly #ignored: Transformer;
	#transformers: readonly Transformer[] = [];
	#api: BotApi | undefined;
	#isHiding = true;

	/** @param ignored - The transformer that is not for chat actions: ours, which looks for messages. */
	constructor(ignored: Transformer) {
		this.#ignored = ignored;
	}

	/** @throws {GrammyError | Error} When the call is refused, or doesn't get through; then the message holds no secret. */
	async send(api: BotApi, payload: ChatActionPayload, signal: AbortSignal): Promise<unknown> {
		try {
			return await this.#call(api, payload, signal);
		} catch (error) {
			// A transformer that clones the payload can't clone a proxy: rather a call that a throttler sees than none.
			if (!this.#isHiding || !(error instanceof Error) || error.name !== 'DataCloneError') {
				throw error;
			}

			this.#isHiding = false;
			this.#api = undefined;
			return this.#call(api, payload, signal);
		}
	}

	async #call(api: BotApi, payload: ChatActionPayload, signal: AbortSignal): Promise<unknown> {
		// grammY has its signals from a polyfill; ours is the real thing.
		return this.#apiLike(api).raw.sendChatAction(this.#isHiding ? hidden({...payload}) : payload, signal as Signal);
	}

	/** The `Api` used last fits most of the time: contexts differ in their transformers only where a handler installed one. */
	#apiLike(api: BotApi): BotApi {
		const transformers = api.config.installedTransformers().filter(transformer => transformer !== this.#ignored);
		const isSame =
			transformers.length === this.#transformers.length &&
			transformers.every((transformer, index) => transformer === this.#transformers[index]);
		if (!this.#api || !isSame) {
			this.#transformers = transformers;
			this.#api = new Api(api.token, api.options);
			// Each transformer may hand a copy to the next, which nobody has hidden yet.
			this.#api.config.use(
				throwRefusals,
				...transformers.flatMap(transformer => (this.#isHiding ? [transformer, hideFromThrottlers] : [transformer])),
			);
		}

		return this.#api;
	}
}

/**
Nearest to the network: turns whatever goes wrong into an exception, which `autoRetry` and its like pass on at once. They would sleep on it
otherwise, for a call that is worth nothing later, and we would never hear of a 429.
*/
const throwRefusals: Transformer = async (previous, method, payload, signal) => {
	let response;
	try {
		response = await previous(method, payload, signal);
	} catch (error) {
		// Not passed on, nor as a cause: its message has the address of the call, and the token is part of that.
		const {code} = ((error as {error?: unknown}).error ?? error) as {code?: unknown};
		// oxlint-disable-next-line preserve-caught-error -- see above
		throw new Error(`Network request for '${method}' failed${typeof code === 'string' ? ` (${code})` : ''}`);
	}

	if (!response.ok) {
		throw new GrammyError(`Call to '${method}' failed!`, response, method, payload);
	}

	return response;
};

/**
`transformer-throttler` queues every call that has a `chat_id`, one per second and chat: the reply would wait behind a chat action. It asks
`'chat_id' in payload`; everyone else just reads it. Our own throttle has counted the call already.

@see https://github.com/grammyjs/transformer-throttler
*/
const hideFromThrottlers: Transformer = async (previous, method, payload, signal) => previous(method, hidden(payload), signal);

function hidden<Payload extends object>(payload: Payload): Payload {
	return new Proxy(payload, {has: (target, name) => name !== 'chat_id' && name in target});
}
