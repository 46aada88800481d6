import {Settings, Typing} from '@auto-typing/core';
import type {MtprotoAction} from '@auto-typing/mtproto';
import type {MadelineProto} from './madelineproto.ts';
import {madelineproto} from './platform.ts';

/** An object of the schema, as MadelineProto writes it in JSON. */
export interface TlObject {
	readonly _: string;
	readonly [field: string]: unknown;
}

/** A message, as MadelineProto writes it in JSON. @see https://docs.madelineproto.xyz/API_docs/constructors/message.html */
export interface Message extends TlObject {
	readonly id: number;

	/** The chat: a number as in the Bot API. */
	readonly peer_id: number;

	/** Who wrote it, where that is known. */
	readonly from_id?: number;
	readonly date: number;

	/** Its text. */
	readonly message: string;

	/** Whether the account wrote it itself. */
	readonly out: boolean;

	/** Whether a channel wrote it, in its own name. */
	readonly post?: boolean;
}

interface ReplyHeader {
	readonly forum_topic?: boolean;
	readonly reply_to_msg_id?: number;
	readonly reply_to_top_id?: number;
}

/** For handlers without `withTyping` around them: the hold is there, and holds nothing. */
const facts = madelineproto(async () => {});

/** A message that somebody wrote to the account. */
export class MessageEvent {
	readonly client: MadelineProto;

	/** The session it came to. */
	readonly session: string;
	readonly message: Message;
	#typing: Typing<MtprotoAction> | undefined;

	constructor(client: MadelineProto, session: string, message: Message) {
		this.client = client;
		this.session = session;
		this.message = message;
	}

	/** The hold of this handler: what is shown, pausing, and the signal to hand on. Without `withTyping` it holds nothing. */
	get typing(): Typing<MtprotoAction> {
		return (this.#typing ??= new Typing(new Settings(facts)));
	}

	/** The hold around the current handler, if there is one. */
	static holdOf(event: MessageEvent): Typing<MtprotoAction> | undefined {
		return event.#typing;
	}

	/** Set while a handler runs. */
	static hold(event: MessageEvent, typing: Typing<MtprotoAction> | undefined): void {
		event.#typing = typing;
	}

	get text(): string {
		return this.message.message;
	}

	/** The chat. */
	get peer(): number {
		return this.message.peer_id;
	}

	/** The topic of a forum; none in the General topic. In other groups the same header names the message that is answered. */
	get topMsgId(): number | undefined {
		const {forum_topic: isTopic, reply_to_top_id: top, reply_to_msg_id: id} = (this.message['reply_to'] ?? {}) as ReplyHeader;
		return isTopic ? (top ?? id) : undefined;
	}

	/**
	Write into the same chat, and the same topic.

	@param parameters - Further ones of `messages.sendMessage`: `parse_mode`, `reply_markup`…
	@throws {MadelineProtoError} When the message is refused.
	*/
	async reply(text: string, parameters: object = {}): Promise<unknown> {
		const {client, peer, topMsgId, session} = this;
		const topic = topMsgId !== undefined && {
			reply_to: {_: 'inputReplyToMessage', reply_to_msg_id: topMsgId, top_msg_id: topMsgId},
		};
		return client.sendMessage(peer, text, {...topic, ...parameters}, {session});
	}
}
