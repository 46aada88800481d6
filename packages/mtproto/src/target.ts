/** A chat, or a topic in it, as one account sees it. */
export interface MtprotoTarget<Peer = unknown> {
	/**
	The chat, as the client takes it: a number as in the Bot API (`-100…` for channels), a `@name`, or an object of the schema such as
	`{_: 'peerUser', user_id: 5}`, `InputPeerChannel` or `User`.
	*/
	readonly peer: Peer;

	/** The topic, where the chat has topics. None in the General topic. */
	readonly topMsgId?: number | undefined;

	/** Whether it is a channel where only its owners write: these show nobody typing. A supergroup is none. */
	readonly isBroadcast?: boolean | undefined;

	/** Which account shows it, if one indicator serves several: the name of its session, say. */
	readonly account?: string | undefined;
}

/** The General topic of every forum: the service message that created the group. */
const generalTopic = 1;

/** Two targets with the same key are one place on the person's screen. The account is last, because it may be any text. */
export function keyOf({peer, topMsgId = generalTopic, account = ''}: MtprotoTarget): string {
	return `${peerKey(peer)}/${topMsgId === generalTopic ? '' : topMsgId}/${account}`;
}

/**
One text for a chat, however it is written: the numbers of the Bot API, which MadelineProto uses as well, tell users, groups and channels apart.

@throws {TypeError} For what is no chat.
@see https://core.telegram.org/api/bots/ids
@example
```ts
import {peerKey} from '@auto-typing/mtproto';

peerKey({_: 'inputPeerChannel', channel_id: 5, access_hash: 1}); // '-1000000000005'
peerKey('@Alice'); // 'alice': nothing tells that this is user 7
```
*/
export function peerKey(peer: unknown): string {
	if (typeof peer === 'object' && peer !== null) {
		return objectKey(peer);
	}

	if (typeof peer === 'string' && peer.trim() !== '') {
		return peer
			.trim()
			.replace(/^(?:https?:\/\/)?(?:t|telegram)\.me\/|^@/i, '')
			.toLowerCase();
	}

	if (typeof peer === 'bigint' || Number.isSafeInteger(peer)) {
		return String(peer);
	}

	throw new TypeError(`Expected \`target.peer\` to be a chat: a number, a name or an object of the schema, got ${describe(peer)}`);
}

type Peer = Readonly<Partial<Record<'id' | 'userId' | 'user_id' | 'chatId' | 'chat_id' | 'channelId' | 'channel_id', unknown>>> & {
	readonly className?: string;
	readonly _?: string;
};

/** An object of the schema, in the spelling of either client. */
function objectKey(peer: Peer): string {
	const name = (peer.className ?? peer._ ?? '').toLowerCase();
	const user = decimal(peer.userId ?? peer.user_id ?? (name === 'user' ? peer.id : undefined));
	const chat = decimal(peer.chatId ?? peer.chat_id ?? (/^chat(?:forbidden)?$/.test(name) ? peer.id : undefined));
	const channel = decimal(peer.channelId ?? peer.channel_id ?? (/^channel(?:forbidden)?$/.test(name) ? peer.id : undefined));
	if (name === 'inputpeerself' || name === 'inputuserself') {
		return 'me'; // Which both clients take as a name.
	}

	const key = user ?? (chat && `-${chat}`) ?? (channel && String(-1_000_000_000_000n - BigInt(channel))) ?? decimal(peer);
	if (key === undefined) {
		throw new TypeError(`Expected \`target.peer\` to be a chat, got an object that names none${name && `: ${name}`}`);
	}

	return key;
}

/** A whole number of any kind that has a decimal form: GramJS has its own from `big-integer`. */
function decimal(value: unknown): string | undefined {
	const text = `${value as bigint}`;
	return /^-?\d+$/.test(text) ? text : undefined;
}

function describe(value: unknown): string {
	return typeof value === 'string' ? 'an empty text' : typeof value === 'number' || value == null ? String(value) : `a ${typeof value}`;
}
