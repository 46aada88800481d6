import {randomBytes} from 'node:crypto';
import type {Peer} from '../peers.ts';
import type {Caller} from '../updates.ts';
import {ige, sha1, sha256, type Cipher} from './ige.ts';
import type {Session} from './session.ts';

/** The secret a client and the server share, and who is logged in with it. */
export class AuthKey implements Caller {
	account: Peer | undefined;
	/** The client's sessions by their ids. */
	readonly sessions: Map<string, Session> = new Map();
	/** What a client calls the key by. */
	readonly id: Buffer;
	readonly #key: Buffer;

	/** @param key - 256 bytes */
	constructor(key: Buffer, account?: Peer) {
		this.#key = key;
		this.id = sha1(key).subarray(12, 20);
		this.account = account;
	}

	/**
	Opens a packet of the client's: salt, session, message and padding.

	@throws {RangeError} if it was not made with this key
	@see https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector
	*/
	open(packet: Buffer): Buffer {
		const messageKey = packet.subarray(8, 24);
		const plain = ige(packet.subarray(24), this.#cipher(messageKey, 0), 'decrypt');
		if (!sha256(this.#key.subarray(88, 120), plain).subarray(8, 24).equals(messageKey)) throw new RangeError('The message key is wrong');
		return plain;
	}

	/** Makes a packet for the client. */
	seal(plain: Buffer): Buffer {
		// At least 12 bytes of padding, and whole blocks.
		const padded = Buffer.concat([plain, randomBytes(12 + (-(plain.length + 12) & 15))]);
		const messageKey = sha256(this.#key.subarray(96, 128), padded).subarray(8, 24);
		return Buffer.concat([this.id, messageKey, ige(padded, this.#cipher(messageKey, 8), 'encrypt')]);
	}

	/** @param offset - 0 for what a client sent, 8 for what goes to it */
	#cipher(messageKey: Buffer, offset: 0 | 8): Cipher {
		const a = sha256(messageKey, this.#key.subarray(offset, offset + 36));
		const b = sha256(this.#key.subarray(40 + offset, 76 + offset), messageKey);
		return {
			key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24, 32)]),
			iv: Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24, 32)]),
		};
	}
}
