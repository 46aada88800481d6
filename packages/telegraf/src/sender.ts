import type {ChatActionPayload} from '@auto-typing/telegram';
import {Telegram, TelegramError} from 'telegraf';

type Signal = Required<NonNullable<Parameters<Telegram['callApi']>[2]>>['signal'];

/**
Sends chat actions over a `Telegram` of its own.

That of the context would spend the webhook reply on the first of them: it would end the response early, hide every refusal, and could not be
taken back.
*/
export class Sender {
	/** Private: it has the token. */
	readonly #telegram: Telegram;

	constructor(token: string, options: Telegram['options']) {
		this.#telegram = new Telegram(token, {...options, webhookReply: false});
	}

	/** @throws {TelegramError | Error} When the call is refused, or doesn't get through; then the message holds no secret. */
	async send(payload: ChatActionPayload, signal: AbortSignal): Promise<unknown> {
		try {
			// Telegraf has the type of its signals from a polyfill; ours is the real thing.
			return await this.#telegram.callApi('sendChatAction', payload, {signal: signal as unknown as Signal});
		} catch (error) {
			if (error instanceof TelegramError) {
				throw error;
			}

			// Not passed on, nor as a cause: its message or its stack has the address of the call, and the token is part of that.
			const {code} = (error ?? {}) as {code?: unknown};
			// oxlint-disable-next-line preserve-caught-error -- see above
			throw new Error(`Network request for 'sendChatAction' failed${typeof code === 'string' ? ` (${code})` : ''}`);
		}
	}
}
