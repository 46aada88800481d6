import type {Payload} from './call.ts';
import {isForum, type Peer} from './peers.ts';
import {RpcError} from './rpc-error.ts';
import type {Place, State} from './state.ts';
import {asObject} from './tl-object.ts';

/** The peer a call names, if it names one that exists: what the log and the faults go by. */
export function peerIn(payload: Payload, account: Peer | undefined, state: State): Peer | undefined {
	const input = payload['to_peer'] ?? payload['peer'];
	if (input === undefined || !account) return undefined;
	try {
		return state.peers.resolve(input, account);
	} catch {
		return undefined;
	}
}

/** Where a call goes. @throws {RpcError} if that place does not exist */
export function placeOf(payload: Payload, account: Peer, state: State, kind: 'send' | 'action'): Place {
	const peer = state.peers.resolve(payload['to_peer'] ?? payload['peer'], account);
	const topic = topicOf(payload, peer, state);
	const exists = peer.topics ? topic === 1 || peer.topics.includes(topic as number) : topic === undefined;
	if (exists) return {peer, topic};
	throw new RpcError(kind === 'action' ? 'MSG_ID_INVALID' : 'TOPIC_ID_INVALID');
}

/**
The topic a call means: `top_msg_id`, or the topic of the message it replies to; in a forum without either, General.

@see https://core.telegram.org/api/forum
*/
export function topicOf(payload: Payload, peer: Peer, {messages}: State): number | undefined {
	const reply = asObject(payload['reply_to']);
	const root = payload['top_msg_id'] ?? reply?.['top_msg_id'];
	// Outside a forum there is nothing below the chat, so any id there is as wrong as an unknown topic.
	if (!isForum(peer)) return payload['top_msg_id'] === undefined ? undefined : Number(payload['top_msg_id']);
	if (root !== undefined) return Number(root);
	const to = reply?.['reply_to_msg_id'] ?? payload['reply_to_msg_id'];
	if (to === undefined) return 1;
	return peer.topics?.includes(Number(to)) ? Number(to) : (messages.get(Number(to))?.topic ?? 1);
}
