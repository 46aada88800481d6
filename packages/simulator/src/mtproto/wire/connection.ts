import {int64, encode, uint32} from '../tl/writer.ts';
import {Reader} from '../tl/reader.ts';
import type {TlObject} from '../tl-object.ts';
import {AuthKey} from './auth-key.ts';
import {Handshake} from './handshake.ts';
import {Road} from './road.ts';
import type {ServerKey} from './server-key.ts';
import {Session, type Host, type Link} from './session.ts';
import {Transport} from './transport.ts';

/** A socket of any kind, which carries bytes. */
export interface Socket {
	write(bytes: Buffer): void;
	/** Ends it without saying good-bye. */
	destroy(): void;
}

/** What a connection needs of its server. */
export interface Server extends Host {
	/** The keys there are, by their ids in hexadecimal. */
	readonly keys: Map<string, AuthKey>;
	serverKey(): ServerKey;
	/** How long a packet takes one way, in milliseconds. */
	oneWay(): number;
}

/** One connection of a client. */
export class Connection implements Link {
	readonly #server: Server;
	readonly #socket: Socket;
	readonly #transport = new Transport();
	readonly #there = new Road();
	readonly #back = new Road();
	readonly #ended = new AbortController();
	#handshake: Handshake | undefined;

	constructor(server: Server, socket: Socket) {
		this.#server = server;
		this.#socket = socket;
	}

	get signal(): AbortSignal {
		return this.#ended.signal;
	}

	/** How it talks, as soon as that is known. */
	get transport(): string | undefined {
		return this.#transport.name;
	}

	/** Takes bytes from the socket. */
	receive(bytes: Buffer): void {
		this.#orClose(() => {
			for (const packet of this.#transport.read(bytes)) {
				this.#there.send(this.#server.oneWay(), () => this.#orClose(() => this.#take(packet)));
			}
		});
	}

	send(packet: Buffer): void {
		if (this.signal.aborted) return;
		this.#back.send(this.#server.oneWay(), () => this.#socket.write(this.#transport.write(packet)));
	}

	/** Ends the connection in the middle of whatever goes on, from either side. */
	close(): void {
		this.#ended.abort();
		this.#there.close();
		this.#back.close();
		this.#socket.destroy();
	}

	#take(packet: Buffer): void {
		if (packet.length < 24) throw new RangeError('A packet is too short');
		const keyId = packet.subarray(0, 8);
		if (keyId.equals(Buffer.alloc(8))) return this.#exchange(packet.subarray(20));
		const key = this.#server.keys.get(keyId.toString('hex'));
		// @see https://core.telegram.org/mtproto/mtproto-transports#transport-errors
		if (!key) return this.send(uint32(-404));
		const plain = key.open(withoutPadding(packet));
		const id = Buffer.from(plain.subarray(8, 16));
		const session = key.sessions.get(id.toString('hex')) ?? new Session(this.#server, key, id, this);
		key.sessions.set(id.toString('hex'), session);
		session.receive(plain, this);
	}

	/** Messages before there is a key are plain: a zero in its place, an id, a length. */
	#exchange(body: Buffer): void {
		const {schema, keys} = this.#server;
		const request = new Reader(schema, body).boxed() as TlObject;
		if (request._.startsWith('req_pq')) this.#handshake = new Handshake(schema, this.#server.serverKey());
		if (!this.#handshake) throw new TypeError('The key exchange was begun in the middle');
		const {reply, key} = this.#handshake.answer(request);
		if (key) {
			const made = new AuthKey(key);
			keys.set(made.id.toString('hex'), made);
		}

		const answer = encode(schema, reply);
		const id = ((BigInt(Date.now()) << 32n) / 1000n) & ~3n;
		this.send(Buffer.concat([int64(0n), int64(id | 1n), uint32(answer.length), answer]));
	}

	/** A client that breaks the protocol is cut off, as the service does. */
	#orClose(step: () => void): void {
		try {
			step();
		} catch {
			this.close();
		}
	}
}

/** The padded transport adds up to 15 bytes, which are no part of the whole blocks. */
function withoutPadding(packet: Buffer): Buffer {
	return packet.subarray(0, 24 + ((packet.length - 24) & ~15));
}
