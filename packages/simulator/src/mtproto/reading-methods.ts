import {entities, entityOf, markedId, peerObject, type Peer} from './peers.ts';
import {RpcError} from './rpc-error.ts';
import type {Call, Method} from './state.ts';
import {asObject, type TlObject} from './tl-object.ts';
import {date} from './updates.ts';

/** Looking up people, chats and messages. */
export const readingMethods: readonly Method[] = [
	{
		name: 'users.getUsers',
		kind: 'any',
		run: ({payload, account, state}) =>
			(payload['id'] as unknown[]).map(input => {
				try {
					return entityOf(state.peers.resolve(input, account), account);
				} catch (error) {
					// An unknown person is no error here, only empty.
					if (error instanceof RpcError) return {_: 'userEmpty', id: asObject(input)?.['user_id'] ?? 0};
					throw error;
				}
			}),
	},
	{
		name: 'channels.getChannels',
		kind: 'any',
		run({payload, account, state}) {
			const channels = (payload['id'] as unknown[]).map(input => state.peers.resolve(input, account));
			return {_: 'messages.chats', chats: entities(channels, account).chats};
		},
	},
	{
		name: 'contacts.resolveUsername',
		kind: 'any',
		run({payload, account, state}) {
			const peer = state.peers.named(String(payload['username']));
			if (!peer) throw new RpcError('USERNAME_NOT_OCCUPIED');
			return {_: 'contacts.resolvedPeer', peer: peerObject(peer), ...entities([peer], account)};
		},
	},
	{
		name: 'messages.getDialogs',
		kind: 'people',
		run({account, state}) {
			const {last} = state.messages;
			const dialogs = last.map(({peer, message}) => ({
				_: 'dialog',
				peer: peerObject({id: peer}),
				top_message: message['id'],
				notify_settings: {_: 'peerNotifySettings'},
			}));
			const messages = last.map(({message}) => message);
			return {_: 'messages.dialogs', dialogs, messages, ...entities(peersIn(messages, state), account)};
		},
	},
	{
		name: 'messages.getMessages',
		kind: 'any',
		run: call => found(call, 'messages.messages', id => id > 0 || id > -1_000_000_000_000),
	},
	{
		name: 'channels.getMessages',
		kind: 'any',
		run: call => {
			const channel = call.state.peers.resolve(call.payload['channel'], call.account);
			return found(call, 'messages.channelMessages', id => id === channel.id);
		},
	},
	{
		name: 'updates.getDifference',
		kind: 'any',
		run(call) {
			const {payload, account, state} = call;
			const news = state.updates.since(account, Number(payload['pts']));
			if (news.length === 0) return {_: 'updates.differenceEmpty', date: date(), seq: 0};
			const now = {_: 'updates.state', pts: state.updates.pts(account), qts: 0, date: date(), seq: 0, unread_count: 0};
			return {_: 'updates.difference', new_messages: news, state: now, ...entities(peersIn(news, state), account)};
		},
	},
];

function found({payload, account, state}: Call, type: string, isHere: (peer: number) => boolean): TlObject {
	const messages = state.messages
		.find(payload['id'])
		.filter(({peer}) => isHere(peer))
		.map(({message}) => message);
	return {_: type, pts: state.updates.pts(account), count: messages.length, messages, ...entities(peersIn(messages, state), account)};
}

/** Who writes in these messages, and where. */
function peersIn(messages: readonly TlObject[], {peers}: Call['state']): Array<Peer | undefined> {
	return messages.flatMap(message =>
		[message['from_id'], message['peer_id']].map(peer => {
			const object = asObject(peer);
			return object && peers.get(markedId(object));
		}),
	);
}
