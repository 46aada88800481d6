import {Indicator, type IndicatorOptions} from '@auto-typing/core';
import type {MtprotoAction, MtprotoTarget} from '@auto-typing/mtproto';
import type {MadelineProto} from './madelineproto.ts';
import type {MessageEvent} from './message-event.ts';
import {isChat, outgoing} from './outgoing.ts';
import {madelineproto} from './platform.ts';
import type {Call} from './request.ts';

/** A chat: the number it has in the Bot API, a `@name`, or an object of the schema. */
export type Peer = number | string | object;

export type ClientTypingOptions = IndicatorOptions<MtprotoTarget<Peer>, MtprotoAction>;

/**
A typing call is left alone for this many milliseconds, although the engine gives up sooner. The server sleeps on short flood waits, up to 5 s,
and carries out what it has whether we hang up or not: hanging up would only hide from us that it is shown after all.
*/
const patience = 10_000;

/** Taking an indicator down holds nobody up for longer than this many milliseconds. */
const hurry = 300;

/** The indicator of one client, and what sees its messages. */
export class ClientTyping {
	readonly indicator: Indicator<MtprotoTarget<Peer>, MtprotoAction>;
	readonly #client: MadelineProto;
	/** The session that calls without one mean, once an event has told. */
	#main: string | undefined;
	/** The topics of the messages that are being handled, by account: who answers one of them needs not name its topic. */
	readonly #topics = new Map<string, number>();
	readonly #calls = new Set<AbortController>();

	constructor(client: MadelineProto, options: ClientTypingOptions) {
		this.#client = client;
		this.#main = client.session;
		const platform = madelineproto<MtprotoTarget<Peer>>(async (payload, _signal, {account}) =>
			this.#perform({method: 'messages.setTyping', parameters: payload, session: account ?? this.#main}),
		);
		this.indicator = new Indicator(platform, options);
		client.use({
			call: async (call, next) => this.#call(call, next),
			close: async () => this.close(),
		});
	}

	/** Where an event comes from; `undefined` where nobody can tell. */
	targetOf({session, peer, topMsgId, message}: MessageEvent): MtprotoTarget<Peer> | undefined {
		this.#main ??= session;
		return isChat(peer) ? {...this.#target(peer, topMsgId, session), ...(message.post && {isBroadcast: true})} : undefined;
	}

	/** Any chat; `account` is the name of a session. */
	target({peer, topMsgId, account}: MtprotoTarget<Peer>): MtprotoTarget<Peer> {
		return this.#target(peer, topMsgId, account);
	}

	/** Remember the topic of a message while it is handled. @returns a function that forgets it */
	remember(target: MtprotoTarget<Peer>, messageId: number): () => void {
		const key = this.#keyOf({...target, topMsgId: messageId});
		if (target.topMsgId === undefined || this.#topics.has(key)) {
			return () => {}; // Nothing to remember, or whoever is around does.
		}

		this.#topics.set(key, target.topMsgId);
		return () => this.#topics.delete(key);
	}

	async close(): Promise<void> {
		await this.indicator.close();
		for (const call of this.#calls) {
			call.abort();
		}
	}

	/** The main session goes without saying: only so are calls that name it and those that don't about the same chat. */
	#target(peer: Peer, topMsgId: number | undefined, session: string | undefined): MtprotoTarget<Peer> {
		return {
			peer,
			...(topMsgId !== undefined && {topMsgId}),
			...(session !== undefined && session !== this.#main && {account: session}),
		};
	}

	/** Call, for as long as the server may take. */
	async #perform({method, parameters, session}: Call): Promise<unknown> {
		const controller = new AbortController();
		const timer = setTimeout(() => controller.abort(), patience);
		this.#calls.add(controller);
		try {
			return await this.#client.call(method, parameters, {session, signal: controller.signal});
		} finally {
			clearTimeout(timer);
			this.#calls.delete(controller);
		}
	}

	async #call(call: Call, next: (call: Call) => Promise<unknown>): Promise<unknown> {
		const message = outgoing(call.method, call.parameters);
		if (!message) {
			return next(call);
		}

		const {action} = message;
		const target = this.#targetOfMessage(message.target as MtprotoTarget<Peer> & {replyToMsgId?: number}, call.session);
		return this.indicator.message(
			target,
			async gate => {
				const result = await next(call);
				if (action !== undefined && this.indicator.current(target)) {
					// The server uploads and sends in one go: what was shown meanwhile may have been shown after the message.
					await gate.close();
					await this.#takeDown(target);
				}

				return result;
			},
			action,
		);
	}

	/** Whoever answers a message without a word about its topic means that topic. */
	#targetOfMessage(
		{peer, topMsgId, replyToMsgId = 0}: MtprotoTarget<Peer> & {replyToMsgId?: number},
		session: string | undefined,
	): MtprotoTarget<Peer> {
		const asTopic = this.#target(peer, replyToMsgId, session);
		const known = this.#topics.get(this.#keyOf(asTopic));
		const topic = topMsgId ?? known ?? (replyToMsgId > 0 && this.indicator.current(asTopic) ? replyToMsgId : undefined);
		return this.#target(peer, topic, session);
	}

	#keyOf(target: MtprotoTarget<Peer>): string {
		return this.indicator.platform.key(target);
	}

	async #takeDown(target: MtprotoTarget<Peer>): Promise<void> {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const late = new Promise<void>(resolve => (timer = setTimeout(resolve, hurry)));
		const done = this.indicator.platform.stop!(target, new AbortController().signal).catch(() => {}); // It runs out by itself.
		await Promise.race([done, late]);
		clearTimeout(timer);
	}
}

/** A client has one indicator, however many handlers it has. */
const clients = new WeakMap<MadelineProto, ClientTyping>();

/** The one of a client. The first options that it meets decide its `limit` and its `throttle`. */
export function typingOf(client: MadelineProto, options: ClientTypingOptions): ClientTyping {
	let typing = clients.get(client);
	if (!typing) {
		typing = new ClientTyping(client, options);
		clients.set(client, typing);
	}

	return typing;
}
