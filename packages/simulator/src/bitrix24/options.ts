import type {BucketOptions} from './bucket.ts';
import type {OperatingOptions} from './operating.ts';

/** A chat bot that is registered at the portal. */
export interface Bitrix24Bot {
	readonly id: number;
	readonly code: string;
	/** What version 2 wants of a webhook. */
	readonly botToken: string;
	/** What version 1 wants of a webhook. */
	readonly clientId: string;
}

/** How the portal behaves. The starred ones can be changed while it runs, as properties of it. */
export interface Bitrix24Options {
	/** Whether it speaks https, with a certificate that it signed itself. @default false */
	readonly https?: boolean;
	/** The bots besides the first. @default none */
	readonly bots?: ReadonlyArray<Partial<Bitrix24Bot> & {readonly id: number}>;
	/** The number of the first bot. @default 567 */
	readonly botId?: number;
	/** *How long a call takes there and back, in milliseconds. @default 0 */
	readonly latency?: number;
	/** *The leaky bucket; `undefined` for none. @default 50 requests, of which 2 leak out in a second */
	readonly bucket?: BucketOptions | undefined;
	/** *How much time one method may take. @default 480 s in 10 min */
	readonly operating?: OperatingOptions;
	/** *Where events go. @default nowhere */
	readonly handler?: string | undefined;
}

/** A bot with all that is left out made up from its number. */
export function createBot({id, code, botToken, clientId}: Partial<Bitrix24Bot> & {readonly id: number}): Bitrix24Bot {
	return {
		id,
		code: code ?? `bot_${id}`,
		botToken: botToken ?? `simulated_bot_token_of_${id}`,
		clientId: clientId ?? `simulated_client_id_of_${id}`,
	};
}
