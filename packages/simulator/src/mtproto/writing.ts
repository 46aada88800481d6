import {entities, isChannel, isForum, peerObject, type Peer} from './peers.ts';
import type {State} from './state.ts';
import type {TlObject} from './tl-object.ts';
import {date} from './updates.ts';

/** A message a person writes: where, who, what. */
export interface MtprotoWriting {
	/** The chat's id, with its sign. */
	readonly peer: number;
	/** Their id, or what is to be known of them. @default the private chat's own id, 1 in a group */
	readonly from?: number | Peer;
	readonly text?: string;
	/** The topic they write in. Leave it out in General. */
	readonly topic?: number;
	/** The message they answer. */
	readonly replyTo?: number;
	/**
	Sends it as the service does to save bytes: without a word about who wrote it, so that a client which has never seen the
	person knows their id alone. Text in private chats and basic groups only.
	@default false
	*/
	readonly short?: boolean;
	/** Further fields of the `message`, such as `media`. */
	readonly fields?: Readonly<Record<string, unknown>>;
}

/** Puts the message into the chat and tells the account. @returns the message */
export function write(writing: MtprotoWriting, account: Peer, state: State): TlObject {
	const {peers, messages, updates} = state;
	const {peer: id, from = id > 0 ? id : 1, text = '', short = false, fields} = writing;
	// Whoever writes is known to the service from then on.
	const chat = peers.get(id) ?? peers.add({id});
	const personId = typeof from === 'number' ? from : from.id;
	const person = typeof from === 'number' ? (peers.get(from) ?? peers.add({id: from})) : peers.add({...peers.get(from.id), ...from});
	const topic = isForum(chat) ? (writing.topic ?? 1) : undefined;
	const message: TlObject = {
		_: 'message',
		out: false,
		id: messages.nextId(),
		...(chat.broadcast ? {post: true} : {from_id: peerObject(person)}),
		peer_id: peerObject(chat),
		date: date(),
		message: text,
		...header(writing, topic),
		...fields,
	};
	messages.add({message, peer: id, topic});
	const pts = updates.count(account, message);
	updates.push({
		account,
		origin: undefined,
		updates: short ? shortened(message, personId, chat, pts) : full(message, person, chat, pts, account),
	});
	return message;
}

function header({replyTo}: MtprotoWriting, topic: number | undefined): Record<string, unknown> {
	if (topic === undefined || topic === 1) {
		return replyTo === undefined ? {} : {reply_to: {_: 'messageReplyHeader', reply_to_msg_id: replyTo}};
	}

	// The first message of a topic stands for it: an answer to another message names both.
	const reply_to = {_: 'messageReplyHeader', forum_topic: true, reply_to_msg_id: replyTo ?? topic};
	return {reply_to: replyTo === undefined ? reply_to : {...reply_to, reply_to_top_id: topic}};
}

function full(message: TlObject, person: Peer, chat: Peer, pts: number, account: Peer): TlObject {
	const type = isChannel(chat.id) ? 'updateNewChannelMessage' : 'updateNewMessage';
	const about = entities([person, chat, account], account);
	return {_: 'updates', updates: [{_: type, message, pts, pts_count: 1}], ...about, date: date(), seq: 0};
}

function shortened({id, date, message, reply_to}: TlObject, person: number, chat: Peer, pts: number): TlObject {
	if (isChannel(chat.id)) throw new TypeError('`short` is for private chats and basic groups; Telegram has no short form for channels');
	const common = {id, message, date, pts, pts_count: 1, ...(reply_to !== undefined && {reply_to})};
	if (chat.id > 0) return {_: 'updateShortMessage', user_id: person, ...common};
	return {_: 'updateShortChatMessage', from_id: person, chat_id: -chat.id, ...common};
}
