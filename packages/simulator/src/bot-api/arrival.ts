import type {Entry} from '../chat-view.ts';
import type {Payload} from './parameters.ts';
import type {ApiError} from './refusal.ts';

/** What became of a request. `'pending'`: a long poll that is still waiting. */
export type Outcome = 'pending' | 'ok' | 'refused' | 'reset' | 'hang' | 'html' | 'redirect' | 'malformed';

/** One request that reached the service, in the order they took effect. One that was aborted on its way is among them. */
export interface Arrival extends Entry {
	/** When the service counted it, by `performance.now()` (ms). It takes effect at the same moment. */
	readonly at: number;
	/** In the vendor's spelling, whatever the client's was; as it was sent if there is no such method. */
	readonly method: string;
	readonly payload: Payload;
	/** The chat by its number, `@usernames` looked up. */
	readonly chatId: number | undefined;
	/** `message_thread_id` as it was sent. */
	readonly threadId: number | undefined;
	/** The topic it belongs to on the person's screen: 1 for a forum's General. */
	readonly topic: number | undefined;
	readonly businessConnectionId: string | undefined;
	/** Whether it came as the answer to a webhook delivery, so that nobody heard the result. */
	readonly webhookReply: boolean;
	readonly outcome: Outcome;
	/** The HTTP status of the answer; 0 for none. */
	readonly status: number;
	/** What the bot was told when it was refused. */
	readonly error: ApiError | undefined;
	/** When the answer left or the connection ended, by `performance.now()` (ms). */
	readonly settledAt: number | undefined;
}
