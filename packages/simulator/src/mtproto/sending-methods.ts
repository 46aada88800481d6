import {mediaOf} from './media.ts';
import {entities, isChannel, peerObject} from './peers.ts';
import {RpcError} from './rpc-error.ts';
import type {ChatCall, Method} from './state.ts';
import {asObject, type TlObject} from './tl-object.ts';
import {date} from './updates.ts';

/** What one message has besides its place, and the number its client gave it. */
interface Content {
	readonly random: unknown;
	readonly fields: Readonly<Record<string, unknown>>;
}

/** Puts messages of the account into the chat. */
function send(call: ChatCall, contents: readonly Content[]): TlObject {
	const {account, caller, state, place} = call;
	const {peer, topic} = place;
	for (const {random} of contents) state.messages.claim(account.id, random as number | string | undefined);
	const sent = contents.map(({random, fields}) => {
		const id = state.messages.nextId();
		const message = {
			_: 'message',
			out: true,
			id,
			from_id: peerObject(account),
			peer_id: peerObject(peer),
			date: date(),
			message: '',
			...replied(call),
			...fields,
		};
		state.messages.add({message, peer: peer.id, topic});
		const pts = state.updates.count(account, message);
		const type = isChannel(peer.id) ? 'updateNewChannelMessage' : 'updateNewMessage';
		return {random: {_: 'updateMessageID', id, random_id: random ?? 0}, news: {_: type, message, pts, pts_count: 1}};
	});
	const about = {...entities([account, peer], account), date: date(), seq: 0};
	const news = sent.map(({news}) => news);
	state.updates.push({account, updates: {_: 'updates', updates: news, ...about}, origin: caller});
	return {_: 'updates', updates: [...sent.map(({random}) => random), ...news], ...about};
}

/** The header of a message that answers another one, or that stands in a topic. */
function replied({payload, place: {topic}}: ChatCall): Record<string, unknown> {
	const to = asObject(payload['reply_to'])?.['reply_to_msg_id'] ?? payload['reply_to_msg_id'];
	const inTopic = topic !== undefined && topic !== 1;
	if (!inTopic) return to === undefined ? {} : {reply_to: {_: 'messageReplyHeader', reply_to_msg_id: to}};
	const header = {_: 'messageReplyHeader', forum_topic: true, reply_to_msg_id: to ?? topic};
	return {reply_to: to === undefined || to === topic ? header : {...header, reply_to_top_id: topic}};
}

/** What the client gets for a plain text in a private chat, as the service saves bytes there. */
function short({updates}: TlObject): TlObject {
	const {message, pts, pts_count} = (updates as TlObject[]).at(-1) as TlObject;
	const {id, date: at} = message as TlObject;
	return {_: 'updateShortSentMessage', out: true, id, pts, pts_count, date: at};
}

/** What puts messages into a chat. @see https://core.telegram.org/method/messages.sendMessage */
export const sendingMethods: readonly Method[] = [
	{
		name: 'messages.sendMessage',
		kind: 'send',
		run(call) {
			const {payload, place} = call;
			const {message, entities: formatting, random_id: random} = payload;
			if (typeof message !== 'string' || message.trim() === '') throw new RpcError('MESSAGE_EMPTY');
			if (message.length > 4096) throw new RpcError('MESSAGE_TOO_LONG');
			const updates = send(call, [{random, fields: {message, ...(formatting !== undefined && {entities: formatting})}}]);
			return place.peer.id > 0 ? short(updates) : updates;
		},
	},
	{
		name: 'messages.sendMedia',
		kind: 'send',
		run(call) {
			const {media, message = '', random_id: random} = call.payload;
			return send(call, [{random, fields: {message, media: mediaOf(media, call.state)}}]);
		},
	},
	{
		name: 'messages.sendMultiMedia',
		kind: 'send',
		run(call) {
			const grouped_id = call.state.messages.nextId();
			const contents = (call.payload['multi_media'] as TlObject[]).map(({media, message = '', random_id: random}) => ({
				random,
				fields: {message, media: mediaOf(media, call.state), grouped_id},
			}));
			return send(call, contents);
		},
	},
	{
		name: 'messages.forwardMessages',
		kind: 'send',
		run(call) {
			const {id: ids, random_id: randoms} = call.payload;
			const originals = call.state.messages.find(ids);
			if (originals.length === 0) throw new RpcError('MESSAGE_ID_INVALID');
			const contents = originals.map(({message: {message, media, from_id, date}}, index) => ({
				random: (randoms as unknown[] | undefined)?.[index],
				fields: {message, ...(media !== undefined && {media}), fwd_from: {_: 'messageFwdHeader', from_id, date}},
			}));
			return send(call, contents);
		},
	},
];
