import type {Entry} from '../chat-view.ts';
import type {RestError} from './refusal.ts';

/** What became of a call. */
export type RestOutcome = 'pending' | 'ok' | 'refused' | 'reset' | 'hang' | 'html';

/** One call that reached the portal, in the order they took effect. One that was aborted on its way is among them. */
export interface RestArrival extends Entry {
	/** When the portal counted it, by `performance.now()` (ms). It takes effect at the same moment. */
	readonly at: number;
	/** In the vendor's spelling, whatever the client's was; as it was sent if there is no such method. */
	readonly method: string;
	/** The parameters; a message has its text as `text` besides. */
	readonly payload: Readonly<Record<string, unknown>>;
	/** The dialog it names, or that of the message it names. */
	readonly dialogId: string | undefined;
	/** The bot that made it, if it was let in. */
	readonly botId: number | undefined;
	readonly outcome: RestOutcome;
	/** The HTTP status of the answer; 0 for none. */
	readonly status: number;
	/** What the bot was told when it was refused. */
	readonly error: RestError | undefined;
	/** When the answer left or the connection ended, by `performance.now()` (ms). */
	readonly settledAt: number | undefined;
}
