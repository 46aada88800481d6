import type {Entry} from '../chat-view.ts';
import type {LinqRefusal} from './refusal.ts';

/** What a request asks for, in the words of the SDK: `client.chats.typing.start` is `typing.start`. */
export type LinqMethod =
	| 'typing.start'
	| 'typing.stop'
	| 'messages.send'
	| 'voicememo.send'
	| 'markAsRead'
	| 'retrieve'
	| 'webhooks.create'
	| 'webhooks.delete'
	| 'unknown';

/** One request that reached the service, in the order they took effect. One that was aborted on its way is among them. */
export interface LinqArrival extends Entry {
	/** When it took effect, by `performance.now()` (ms). */
	readonly at: number;
	readonly method: LinqMethod;
	/** The body; a message's text is in `text` besides. */
	readonly payload: Readonly<Record<string, unknown>>;
	/** The chat's UUID in lower case. */
	readonly chatId: string | undefined;
	readonly outcome: 'pending' | 'ok' | 'refused' | 'reset' | 'hang' | 'html';
	/** The HTTP status of the answer; 0 for none. */
	readonly status: number;
	/** What the client was told when it was refused. */
	readonly error: LinqRefusal | undefined;
	/** What the client said of itself, in lower case, without what identifies it. */
	readonly headers: Readonly<Record<string, string>>;
}
