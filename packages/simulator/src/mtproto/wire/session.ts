import {randomBytes} from 'node:crypto';
import {gunzipSync} from 'node:zlib';
import type {Peer} from '../peers.ts';
import type {Answer, Request} from '../service.ts';
import type {TlObject} from '../tl-object.ts';
import {Reader} from '../tl/reader.ts';
import type {Schema} from '../tl/schema.ts';
import {encode, int64} from '../tl/writer.ts';
import type {Caller} from '../updates.ts';
import type {AuthKey} from './auth-key.ts';
import {envelopes, Outbox, packed, resultOf} from './outbox.ts';

/** Where a session's packets go for now. */
export interface Link {
	/** Aborted when the connection ends. */
	readonly signal: AbortSignal;
	send(packet: Buffer): void;
	close(): void;
}

/** What all sessions share. */
export interface Host {
	readonly schema: Schema;
	/** What must stand at the head of every message. */
	readonly salt: bigint;
	call(request: Request): Promise<Answer>;
}

/** How far the time in a message's id may be off, in seconds. @see https://core.telegram.org/mtproto/description#message-identifier-msg-id */
const past = 300;
const future = 30;

/** How many messages a session knows again. Older ones are too old by their ids. */
const remembered = 10_000;

/** One run of a client: its messages, whichever connection they come over. */
export class Session implements Caller {
	readonly #host: Host;
	readonly #key: AuthKey;
	readonly #outbox: Outbox;
	readonly #received = new Set<bigint>();
	#link: Link;
	#wantsUpdates = true;

	constructor(host: Host, key: AuthKey, id: Buffer, link: Link) {
		this.#host = host;
		this.#key = key;
		this.#link = link;
		// What is sent while the connection is down is lost, and a client asks for what it missed.
		this.#outbox = new Outbox(message => this.#link.send(key.seal(Buffer.concat([int64(host.salt), id, message]))));
	}

	get account(): Peer | undefined {
		return this.#key.account;
	}

	set account(account: Peer | undefined) {
		this.#key.account = account;
	}

	/** Tells the client something it has not asked for. */
	push(updates: TlObject): void {
		if (this.#wantsUpdates && !this.#link.signal.aborted)
			this.#outbox.add({body: packed(encode(this.#host.schema, updates)), content: true, answer: false});
	}

	/** Takes what a packet held. */
	receive(plain: Buffer, link: Link): void {
		this.#link = link;
		const id = plain.readBigInt64LE(16);
		const number = plain.readInt32LE(24);
		const refusal = this.#refuse(plain.readBigInt64LE(0), id);
		if (refusal) return this.#say({...refusal, bad_msg_id: id, bad_msg_seqno: number});
		if (this.#received.size === 0) {
			const unique_id = randomBytes(8).readBigInt64LE();
			this.#say({_: 'new_session_created', first_msg_id: id, unique_id, server_salt: this.#host.salt}, {content: true});
		}

		this.#take(id, number, plain.subarray(32, 32 + plain.readInt32LE(28)));
	}

	/** What is wrong with a message's head. */
	#refuse(salt: bigint, id: bigint): TlObject | undefined {
		const age = Date.now() / 1000 - Number(id >> 32n);
		if (age > past || age < -future) return {_: 'bad_msg_notification', error_code: age > 0 ? 16 : 17};
		if (id & 3n) return {_: 'bad_msg_notification', error_code: 18};
		if (salt === this.#host.salt) return undefined;
		return {_: 'bad_server_salt', error_code: 48, new_server_salt: this.#host.salt};
	}

	#take(id: bigint, number: number, body: Buffer): void {
		// A message that comes twice, after a connection broke, must not take effect twice.
		if (this.#received.has(id)) return this.#say({_: 'msgs_ack', msg_ids: [id]});
		this.#received.add(id);
		if (this.#received.size > remembered) this.#received.delete(this.#received.values().next().value as bigint);
		const kind = body.readUInt32LE(0);
		if (kind === envelopes.container) return this.#unpack(body);
		// Messages with an odd number are to be acknowledged. An answer would do, but it may never come.
		if (number % 2 === 1) this.#say({_: 'msgs_ack', msg_ids: [id]});
		const content = kind === envelopes.gzip ? gunzipSync(new Reader(this.#host.schema, body.subarray(4)).bytes()) : body;
		let message: TlObject;
		try {
			message = new Reader(this.#host.schema, content).boxed() as TlObject;
		} catch {
			return this.#answer(id, {_: 'rpc_error', error_code: 400, error_message: 'INPUT_CONSTRUCTOR_INVALID'});
		}

		this.#handle(id, message);
	}

	#unpack(container: Buffer): void {
		let offset = 8;
		for (let left = container.readUInt32LE(4); left > 0; left--) {
			const end = offset + 16 + container.readUInt32LE(offset + 12);
			this.#take(container.readBigInt64LE(offset), container.readInt32LE(offset + 8), container.subarray(offset + 16, end));
			offset = end;
		}
	}

	/** Messages about messages are dealt with here; everything else is a call. */
	#handle(id: bigint, message: TlObject): void {
		switch (message._) {
			case 'msgs_ack':
			case 'msgs_state_info':
			case 'http_wait':
				return;
			case 'ping':
			case 'ping_delay_disconnect':
				return this.#say({_: 'pong', msg_id: id, ping_id: message['ping_id']}, {answer: true});
			case 'msgs_state_req': {
				// 4: received. Nothing that was received is forgotten.
				const info = Buffer.alloc((message['msg_ids'] as unknown[]).length, 4);
				return this.#say({_: 'msgs_state_info', req_msg_id: id, info}, {answer: true});
			}

			case 'destroy_session':
				return this.#say({_: 'destroy_session_ok', session_id: message['session_id']}, {answer: true});
			case 'rpc_drop_answer':
				return this.#answer(id, {_: 'rpc_answer_unknown'});
			default:
				void this.#call(id, this.#unwrap(message));
		}
	}

	/** The call inside `invokeWithLayer`, `initConnection` and the like. */
	#unwrap(message: TlObject): TlObject {
		let inner = message;
		while (/^(?:invoke|initConnection)/.test(inner._) && inner['query']) {
			if (inner._ === 'invokeWithoutUpdates') this.#wantsUpdates = false;
			inner = inner['query'] as TlObject;
		}

		return inner;
	}

	async #call(id: bigint, {_: method, ...payload}: TlObject): Promise<void> {
		const link = this.#link;
		const answer = await this.#host.call({caller: this, method, payload, signal: link.signal});
		if ('broken' in answer) {
			if (answer.broken === 'drop') link.close();
		} else if ('error' in answer) {
			const {code, message} = answer.error;
			this.#answer(id, {_: 'rpc_error', error_code: code, error_message: message});
		} else {
			this.#answer(id, answer.result, this.#host.schema.named(method).type);
		}
	}

	#answer(request: bigint, result: unknown, type?: string): void {
		this.#outbox.add({body: resultOf(request, encode(this.#host.schema, result, type)), content: true, answer: true});
	}

	#say(message: TlObject, {content = false, answer = false} = {}): void {
		this.#outbox.add({body: encode(this.#host.schema, message), content, answer});
	}
}
