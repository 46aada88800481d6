import {constants, generateKeyPairSync, privateDecrypt, type KeyObject} from 'node:crypto';
import {bytesOf} from '../tl/writer.ts';
import {ige, sha1, sha256, xor} from './ige.ts';

/** The server's RSA key, which a client must know to trust the exchange. */
export class ServerKey {
	readonly #pair: {readonly publicKey: KeyObject; readonly privateKey: KeyObject} = generateKeyPairSync('rsa', {modulusLength: 2048});
	readonly modulus: bigint;
	readonly exponent: number;
	/** The lower 64 bits of its hash: what the client's own table of keys goes by. */
	readonly fingerprint: bigint;

	constructor() {
		const {n = '', e = ''} = this.#pair.publicKey.export({format: 'jwk'});
		const [modulus, exponent] = [Buffer.from(n, 'base64url'), Buffer.from(e, 'base64url')];
		this.modulus = BigInt(`0x${modulus.toString('hex')}`);
		this.exponent = Number(`0x${exponent.toString('hex')}`);
		this.fingerprint = sha1(bytesOf(modulus), bytesOf(exponent)).subarray(12, 20).readBigInt64LE();
	}

	/** Undoes the client's padding. @see https://core.telegram.org/mtproto/auth_key#41-rsa-paddata-server-public-key-mentioned-above-is-implemented-as-follows */
	open(encrypted: Buffer): Buffer {
		const raw = privateDecrypt({key: this.#pair.privateKey, padding: constants.RSA_NO_PADDING}, encrypted);
		const key = xor(raw.subarray(0, 32), sha256(raw.subarray(32)));
		const plain = ige(raw.subarray(32), {key, iv: Buffer.alloc(32)}, 'decrypt');
		const data = Buffer.from(plain.subarray(0, 192).toReversed());
		if (!sha256(key, data).equals(plain.subarray(192))) throw new RangeError('The data was not encrypted with the key of this server');
		return data;
	}
}
