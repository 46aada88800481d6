import {Indicator, type IndicatorOptions} from '@auto-typing/core';
import type {ChatAction} from './chat-action.ts';
import {ClientTarget} from './client-target.ts';
import type {Connection, Framework, LetOut} from './framework.ts';
import {messageTarget, payloadTarget, uploadAction} from './outgoing.ts';
import type {ChatTarget} from './target.ts';
import {telegram} from './telegram.ts';

/** What the middleware of every framework takes. The first one that meets a bot decides its `limit` and its `throttle`. */
export type TelegramTypingOptions = IndicatorOptions<ChatTarget, ChatAction>;

/** The indicator of one bot, and how it sees the bot's messages. */
export class BotTyping<Client extends object> {
	readonly indicator: Indicator<ClientTarget<Client>, ChatAction>;
	readonly #connection: Connection<Client>;
	readonly #isFile: (value: unknown, name: string) => boolean;

	constructor({connect, isFile}: Framework<never, Client>, client: Client, options: TelegramTypingOptions) {
		this.#connection = connect(client, this.#letOut);
		this.#isFile = isFile;
		const platform = telegram<ClientTarget<Client>>(async (payload, signal, target) =>
			this.#connection.send(ClientTarget.clientOf(target)!, payload, signal),
		);
		this.indicator = new Indicator(
			{
				...platform,
				fallback(target, error) {
					const elsewhere = platform.fallback?.(target, error);
					return elsewhere && new ClientTarget(elsewhere, ClientTarget.clientOf(target));
				},
			},
			options,
		);
	}

	/** Whether `client` is one of this bot's. */
	owns(client: Client): boolean {
		return this.#connection.owns(client);
	}

	/** See the messages that go out through `client`. Watching it twice changes nothing. */
	watch(client: Client): void {
		this.#connection.watch(client);
	}

	/** One function for all clients: it finds the chat in the payload. */
	// oxlint-disable-next-line promise-function-async -- every message passes here, and most calls need nothing
	readonly #letOut: LetOut = (method, payload, perform) => {
		const target = messageTarget(method, payload);
		if (target) {
			const action = uploadAction(payload, this.#isFile);
			// oxlint-disable-next-line promise-function-async -- as above
			return this.indicator.message(new ClientTarget(target), action ? perform : () => perform(), action);
		}

		const place = payloadTarget(payload);
		if (!place) {
			return perform();
		}

		// What concerns a chat counts against the limit of the bot: one that streams its answers edits far more than it sends.
		const call = async () => this.indicator.count(perform);
		return method.startsWith('edit') ? this.#edit(place, payload, call) : call();
	};

	/** A file in an edit takes its time like any other, but is no message: it clears nothing, so nothing has to wait. */
	async #edit<Result>(place: ChatTarget, payload: object, perform: () => Promise<Result>): Promise<Result> {
		const action = uploadAction(payload, this.#isFile);
		const target = new ClientTarget<Client>(place);
		const around = action && this.indicator.current(target);
		return around ? this.indicator.start(target, {action}, around).during(async () => perform()) : perform();
	}
}
