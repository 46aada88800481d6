import type {Entry} from '../chat-view.ts';
import type {Peer} from './peers.ts';
import type {RpcError} from './rpc-error.ts';

/** The parameters of a method, in the schema's spelling. */
export type Payload = Readonly<Record<string, unknown>>;

/** What became of a request. */
export type CallOutcome = 'pending' | 'ok' | 'refused' | 'hang' | 'drop';

/** One request that reached the service, in the order they took effect. */
export interface MtprotoCall extends Entry {
	/** When the service counted it, by `performance.now()` (ms). It takes effect at the same moment. */
	readonly at: number;
	/** With its namespace: `messages.setTyping`. */
	readonly method: string;
	/** As it came, but with the number of bytes in place of a file's content. */
	readonly payload: Payload;
	/** Who called; `undefined` before the login. */
	readonly account: Peer | undefined;
	/** The id of the chat it addresses, with its sign. */
	readonly peer: number | undefined;
	/** The topic it belongs to on the person's screen: 1 for a forum's General. */
	readonly topic: number | undefined;
	readonly outcome: CallOutcome;
	readonly error: RpcError | undefined;
}
