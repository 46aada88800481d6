import {RpcError} from './rpc-error.ts';
import {asObject, type TlObject} from './tl-object.ts';

/** A person, a bot, a group or a channel. Everything but the id has a default. */
export interface Peer {
	/**
	Positive for a person or a bot, negative for a basic group, `-100…` for a supergroup or channel, as in the Bot API. Give the
	last ten digits, as Telegram does: GramJS puts "-100" before a channel's number, and only then comes to the same `chatId`.
	*/
	readonly id: number;
	/** What a client must know besides the id, as a decimal string. @default made from the id */
	readonly access_hash?: string;
	readonly first_name?: string;
	readonly username?: string;
	readonly bot?: boolean;
	readonly title?: string;
	/** Whether a `-100…` is a channel rather than a supergroup. @default false */
	readonly broadcast?: boolean;
	/** The topics of a forum besides General, by the ids of their first messages. A supergroup with topics is a forum. */
	readonly topics?: readonly number[];
}

const channelMark = -1_000_000_000_000;

/** Everyone there is. Who was never added and never wrote does not exist. */
export class Peers {
	readonly #known = new Map<number, Peer>();

	add(peer: Peer): Peer {
		this.#known.set(peer.id, peer);
		return peer;
	}

	get(id: number): Peer | undefined {
		return this.#known.get(id);
	}

	get all(): readonly Peer[] {
		return [...this.#known.values()];
	}

	named(username: string): Peer | undefined {
		const name = username.replace(/^@/, '').toLowerCase();
		return this.all.find(peer => peer.username?.toLowerCase() === name);
	}

	/**
	Whom a request means: an `InputPeer`, an `InputUser`, an `InputChannel`, a `Peer`, an id, a `@username`, or `'me'`.

	@throws {RpcError} if there is no such peer, or the client had to guess its access hash
	*/
	resolve(input: unknown, account: Peer): Peer {
		if (typeof input === 'string' && !/^-?\d+$/.test(input)) {
			const found = input === 'me' ? account : this.named(input);
			if (!found) throw new RpcError('USERNAME_NOT_OCCUPIED');
			return found;
		}

		const object = asObject(input);
		if (object?._.endsWith('Self')) return account;
		const id = object ? markedId(object) : Number(input);
		const peer = this.#known.get(id);
		const hash = String((object?.['access_hash'] as number | string | undefined) ?? '');
		// Bots may leave out the hash of whom they have met. @see https://core.telegram.org/api/peers
		const trusted = hash === '' || hash === accessHash(peer ?? {id}) || (hash === '0' && account.bot === true);
		if (!peer || !trusted) throw new RpcError(isChannel(id) ? 'CHANNEL_INVALID' : 'PEER_ID_INVALID');
		return peer;
	}
}

/** The id in a `Peer`, an `InputPeer` or the like, with its sign: 5, -5 or -1000000000005. NaN if there is none. */
export function markedId(object: TlObject): number {
	const {user_id: user, chat_id: chat, channel_id: channel} = object;
	if (channel !== undefined) return channelMark - Number(channel);
	return chat === undefined ? Number(user) : -Number(chat);
}

export function isChannel(id: number): boolean {
	return id < channelMark;
}

export function isForum(peer: Peer): boolean {
	return peer.topics !== undefined;
}

function accessHash({id, access_hash: hash}: Peer): string {
	// Above 2 ** 53, as the real ones are, so that a client which rounds them is found out.
	return hash ?? String(7_000_000_000_000_000_001n + BigInt(Math.abs(id)) * 1001n);
}

/** The reference to a peer that stands in messages. */
export function peerObject({id}: Peer): TlObject {
	if (id > 0) return {_: 'peerUser', user_id: id};
	return isChannel(id) ? {_: 'peerChannel', channel_id: channelMark - id} : {_: 'peerChat', chat_id: -id};
}

/** What the account is told of a peer: a `User` or a `Chat`. */
export function entityOf(peer: Peer, account: Peer): TlObject {
	const {id, username, bot, title = `Chat ${id}`, first_name = `Person ${id}`, broadcast = false} = peer;
	const photo = {_: 'chatPhotoEmpty'};
	if (id > 0) {
		const self = id === account.id;
		return {_: 'user', id, access_hash: accessHash(peer), first_name, username, self, bot, ...(bot && {bot_info_version: 1})};
	}

	if (!isChannel(id)) return {_: 'chat', id: -id, title, photo, participants_count: 2, date: 0, version: 1};
	const kind = {broadcast, megagroup: !broadcast, forum: isForum(peer)};
	return {_: 'channel', id: channelMark - id, access_hash: accessHash(peer), title, username, photo, date: 0, ...kind};
}

/** The peers as the `users` and `chats` that stand beside updates and results. */
export function entities(peers: Iterable<Peer | undefined>, account: Peer): {users: TlObject[]; chats: TlObject[]} {
	const unique = [...new Set(peers)].filter(peer => peer !== undefined);
	const objects = unique.map(peer => entityOf(peer, account));
	return {users: objects.filter(({_}) => _ === 'user'), chats: objects.filter(({_}) => _ !== 'user')};
}
