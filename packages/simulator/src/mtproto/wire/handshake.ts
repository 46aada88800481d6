import {createDiffieHellman, randomBytes, type DiffieHellman} from 'node:crypto';
import type {TlObject} from '../tl-object.ts';
import {Reader} from '../tl/reader.ts';
import type {Schema} from '../tl/schema.ts';
import {encode} from '../tl/writer.ts';
import {ige, sha1, type Cipher} from './ige.ts';
import type {ServerKey} from './server-key.ts';

/** Telegram's own 2048-bit safe prime, which clients check or know, with 3 as its generator. */
const prime = Buffer.from(
	'c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37' +
		'20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4' +
		'a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4' +
		'e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b',
	'hex',
);

/** The product of two primes a client has to find, to prove some work. */
const product = Buffer.from('17ed48941a08f981', 'hex');

/** The exchange after which a client and the server share a key. @see https://core.telegram.org/mtproto/auth_key */
export class Handshake {
	readonly #schema: Schema;
	readonly #serverKey: ServerKey;
	readonly #serverNonce = randomBytes(16);
	#nonce: Buffer = Buffer.alloc(16);
	#newNonce: Buffer = Buffer.alloc(32);
	#group: DiffieHellman | undefined;

	constructor(schema: Schema, serverKey: ServerKey) {
		this.#schema = schema;
		this.#serverKey = serverKey;
	}

	/** @returns what to answer, and the key when it is made */
	answer(request: TlObject): {readonly reply: TlObject; readonly key?: Buffer} {
		const serverNonce = this.#serverNonce;
		switch (request._) {
			case 'req_pq':
			case 'req_pq_multi': {
				this.#nonce = request['nonce'] as Buffer;
				const fingerprints = [this.#serverKey.fingerprint];
				return {reply: this.#reply('resPQ', {pq: product, server_public_key_fingerprints: fingerprints})};
			}

			case 'req_DH_params': {
				const inner = this.#read(this.#serverKey.open(request['encrypted_data'] as Buffer));
				this.#newNonce = inner['new_nonce'] as Buffer;
				this.#group = createDiffieHellman(prime, 3);
				const now = Math.floor(Date.now() / 1000);
				const answer = {_: 'server_DH_inner_data', nonce: this.#nonce, server_nonce: serverNonce, g: 3, dh_prime: prime, server_time: now};
				const plain = encode(this.#schema, {...answer, g_a: this.#group.generateKeys()});
				const hashed = Buffer.concat([sha1(plain), plain]);
				const padded = Buffer.concat([hashed, randomBytes(-hashed.length & 15)]);
				return {reply: this.#reply('server_DH_params_ok', {encrypted_answer: ige(padded, this.#cipher(), 'encrypt')})};
			}

			case 'set_client_DH_params': {
				const plain = ige(request['encrypted_data'] as Buffer, this.#cipher(), 'decrypt');
				return this.#share(this.#read(plain.subarray(20))['g_b'] as Buffer);
			}

			default:
				throw new TypeError(`${request._} is not part of a key exchange`);
		}
	}

	#share(clientPart: Buffer): {readonly reply: TlObject; readonly key?: Buffer} {
		if (!this.#group) throw new TypeError('The exchange was begun in the middle');
		const secret = this.#group.computeSecret(clientPart);
		const key = Buffer.concat([Buffer.alloc(256 - secret.length), secret]);
		const auxiliary = sha1(key).subarray(0, 8);
		const hash = (step: number) => sha1(this.#newNonce, Buffer.of(step), auxiliary).subarray(4, 20);
		// GramJS drops the zeros a key begins with and then has another key. Which key comes out the client's random number decides,
		// so no choice on this side avoids one; but the server may ask for another number, and does so before a wrong key is kept.
		if (key[0] === 0) return {reply: this.#reply('dh_gen_retry', {new_nonce_hash2: hash(2)})};
		return {reply: this.#reply('dh_gen_ok', {new_nonce_hash1: hash(1)}), key};
	}

	#reply(_: string, fields: object): TlObject {
		return {_, nonce: this.#nonce, server_nonce: this.#serverNonce, ...fields};
	}

	/** The temporary key, made from both sides' random numbers. */
	#cipher(): Cipher {
		const [mine, theirs] = [this.#serverNonce, this.#newNonce];
		const hash = sha1(mine, theirs);
		return {
			key: Buffer.concat([sha1(theirs, mine), hash.subarray(0, 12)]),
			iv: Buffer.concat([hash.subarray(12, 20), sha1(theirs, theirs), theirs.subarray(0, 4)]),
		};
	}

	#read(bytes: Buffer): TlObject {
		return new Reader(this.#schema, bytes).boxed() as TlObject;
	}
}
