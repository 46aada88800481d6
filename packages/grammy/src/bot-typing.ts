import {Indicator, type IndicatorOptions} from '@auto-typing/core';
import {messageTarget, telegram, uploadAction, type ChatAction, type ChatTarget} from '@auto-typing/telegram';
import {GrammyError, type Context, type Transformer} from 'grammy';
import {Sender} from './sender.ts';
import {Target} from './target.ts';
import {gateLastFile, isFile} from './upload.ts';

type Response = Awaited<ReturnType<Parameters<Transformer>[0]>>;

export type BotTypingOptions = IndicatorOptions<ChatTarget, ChatAction>;

/** The indicator of one bot, and the transformer by which it sees the bot's messages. */
export class BotTyping {
	readonly indicator: Indicator<Target, ChatAction>;
	readonly #token: string;
	readonly #client: unknown;

	constructor({token, options: client}: Context['api'], options: BotTypingOptions) {
		this.#token = token;
		this.#client = client;
		const sender = new Sender(this.#transformer);
		const platform = telegram<Target>(async (payload, signal, target) => sender.send(Target.apiOf(target)!, payload, signal));
		this.indicator = new Indicator(
			{
				...platform,
				fallback(target, error) {
					const elsewhere = platform.fallback?.(target, error);
					return elsewhere && new Target(elsewhere, Target.apiOf(target));
				},
			},
			options,
		);
	}

	/** Whether `api` is one of this bot's. */
	owns({token, options}: Context['api']): boolean {
		return token === this.#token && options === this.#client;
	}

	/** See the messages that go out through `api`. Watching it twice changes nothing. */
	watch(api: Context['api']): void {
		if (!api.config.installedTransformers().includes(this.#transformer)) {
			api.config.use(this.#transformer);
		}
	}

	/** One function for all contexts: it finds the chat in the payload. */
	readonly #transformer: Transformer = async (previous, method, payload, signal) => {
		const target = messageTarget(method, payload);
		if (!target) {
			return previous(method, payload, signal);
		}

		const action = uploadAction(payload, isFile);
		let refusal: {readonly response: Response; readonly error: GrammyError} | undefined;
		try {
			return await this.indicator.message(
				new Target(target),
				async gate => {
					const response = await previous(method, action ? gateLastFile(payload, gate) : payload, signal);
					if (!response.ok) {
						// To the engine a refusal is an exception, to a transformer an answer.
						refusal = {response, error: new GrammyError(`Call to '${method}' failed!`, response, method, payload)};
						throw refusal.error;
					}

					return response;
				},
				action,
			);
		} catch (error) {
			if (refusal && error === refusal.error) {
				return refusal.response;
			}

			throw error;
		}
	};
}

/** For contexts that were made without `ctx.me`, as in some tests. */
const nobody = {};

/** `ctx.me` is one object for the whole life of a bot, so any number of installations find the same indicator and share one budget. */
const bots = new WeakMap<object, BotTyping[]>();

/** The one of the bot that made `ctx`: two bots may have been given one `botInfo`, but not one token and one set of client options. */
export function botTyping({me = nobody, api}: {readonly me?: object; readonly api: Context['api']}, options: BotTypingOptions): BotTyping {
	const sharers = bots.get(me) ?? [];
	bots.set(me, sharers);
	let bot = sharers.find(sharer => sharer.owns(api));
	if (!bot) {
		bot = new BotTyping(api, options);
		sharers.push(bot);
	}

	return bot;
}
