import type {GramjsClient} from './client.ts';
import {override} from './override.ts';
import {keepQueue} from './queue.ts';
import {readOn} from './reading.ts';

/** A call as GramJS keeps it until it is answered. */
export interface State {
	readonly request: object;
	/** The number of the message it went out in last; `undefined` if it never did. */
	readonly msgId: unknown;
	/** The answer to this try. After a refusal it is another one, if GramJS tries again. */
	readonly promise: Promise<unknown>;
	reject(reason: unknown): void;
}

/** What this package needs of a connection of GramJS, by GramJS's own names. One that has other names stays as it is. */
export interface Sender {
	addStateToQueue?(state: State): void;
	_processMessage?(message: unknown): Promise<void>;
	readonly _sendQueue?: {
		_queue: Array<State | undefined>;
		readonly _pendingStates: readonly State[];
		prepend(states: readonly State[]): void;
		clear(): void;
	};
}

/** Somebody who wants to know what becomes of a call. */
export interface Follower {
	/** Aborted when nobody wants the call any more. */
	readonly signal?: AbortSignal;

	/**
	GramJS is about to try it, for the first time or again.

	@param send - Lets it.
	@param answer - What comes of this try. GramJS may sleep on a refusal before it tells the caller.
	*/
	attempt(send: () => void, answer: Promise<unknown>): void;
}

/** By request, which is all that GramJS hands on. */
const followers = new WeakMap<object, Follower>();

const known = new WeakSet<Sender>();

/** Follow a call that is about to be made. */
export function follow(client: GramjsClient, request: object, follower: Follower): void {
	followers.set(request, follower);
	const {_sender: sender} = client as {readonly _sender?: Sender};
	if (sender && !known.has(sender)) {
		known.add(sender);
		readOn(sender);
		keepQueue(sender, ({request}) => followers.get(request)?.signal);
		override(sender, 'addStateToQueue', (add, state) => {
			const send = () => add(state);
			const follower = followers.get(state.request);
			return follower ? follower.attempt(send, state.promise) : send();
		});
	}
}
