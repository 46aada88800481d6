import {createDiffieHellman, createPublicKey, publicEncrypt, randomBytes, constants, createHash} from 'node:crypto';
import test from 'ava';
import {Api} from 'telegram';
import {IGE} from 'telegram/crypto/IGE.js';
import {BinaryReader} from 'telegram/extensions/index.js';
import {generateKeyDataFromNonce, readBigIntFromBuffer, returnBigInt} from 'telegram/Helpers.js';
import {serve} from './gramjs.ts';
import {now, rawClient, uint32} from './raw-mtproto.ts';

/** A client's number that makes the shared key begin with a zero byte: one of 256 does. */
function unlucky(serverPart: Buffer, prime: Buffer): number {
	const [g, p] = [serverPart, prime].map(bytes => BigInt(`0x${bytes.toString('hex')}`)) as [bigint, bigint];
	const small = 1n << 2040n;
	let key = g;
	let exponent = 1;
	while (exponent < 32 || key >= small) {
		key = (key * g) % p;
		exponent++;
	}

	return exponent;
}

const sha1 = (...parts: Buffer[]) => createHash('sha1').update(Buffer.concat(parts)).digest();
const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

test('a key that begins with a zero byte is not kept: the client is asked for another number', async t => {
	const server = await serve(t);
	const client = await rawClient(t, server);
	const ask = async <Reply>(request: {getBytes(): Buffer}): Promise<Reply> => {
		const body = request.getBytes();
		const id = Buffer.alloc(8);
		id.writeBigInt64LE(now());
		client.sendPacket(Buffer.concat([Buffer.alloc(8), id, uint32(body.length), body]));
		return new BinaryReader((await client.packet()).subarray(20)).tgReadObject() as Reply;
	};

	const nonce = returnBigInt(1);
	const newNonce = returnBigInt(2);
	const {serverNonce, pq} = await ask<Api.ResPQ>(new Api.ReqPqMulti({nonce}));
	const inner = new Api.PQInnerData({pq, p: Buffer.of(1), q: Buffer.of(1), nonce, serverNonce, newNonce}).getBytes();
	const {modulus, exponent, fingerprint} = server.publicKey;
	const serverDhParams = await ask<Api.ServerDHParamsOk>(
		new Api.ReqDHParams({
			nonce,
			serverNonce,
			p: Buffer.of(1),
			q: Buffer.of(1),
			publicKeyFingerprint: returnBigInt(fingerprint),
			encryptedData: padded(inner, modulus, exponent),
		}),
	);
	const {key, iv} = await generateKeyDataFromNonce(serverNonce, newNonce);
	const answer = new BinaryReader(new IGE(key, iv).decryptIge(serverDhParams.encryptedAnswer).subarray(20));
	const {gA, dhPrime, g} = answer.tgReadObject() as Api.ServerDHInnerData;

	const exchange = async (number: number) => {
		const group = createDiffieHellman(dhPrime, g);
		group.setPrivateKey(Buffer.from(number.toString(16).padStart(8, '0'), 'hex'));
		group.generateKeys();
		const body = new Api.ClientDHInnerData({nonce, serverNonce, retryId: returnBigInt(0), gB: group.getPublicKey()}).getBytes();
		const plain = Buffer.concat([sha1(body), body]);
		const encryptedData = new IGE(key, iv).encryptIge(Buffer.concat([plain, randomBytes(-plain.length & 15)]));
		const reply = await ask<Api.DhGenOk | Api.DhGenRetry>(new Api.SetClientDHParams({nonce, serverNonce, encryptedData}));
		return {reply, secret: group.computeSecret(gA)};
	};

	const number = unlucky(gA, dhPrime);
	t.is((await exchange(number)).reply.className, 'DhGenRetry');
	const {reply, secret} = await exchange(number + 1);
	t.is(reply.className, 'DhGenOk');
	// The hash proves that both sides came to the same key.
	const hash = sha1(littleEndian(2, 32), Buffer.of(1), sha1(secret).subarray(0, 8)).subarray(4, 20);
	t.is(String((reply as Api.DhGenOk).newNonceHash1), String(readBigIntFromBuffer(hash, true, true)));
});

function littleEndian(value: number, length: number): Buffer {
	return Buffer.concat([uint32(value), Buffer.alloc(length - 4)]);
}

/** @see https://core.telegram.org/mtproto/auth_key#41-rsa-paddata-server-public-key-mentioned-above-is-implemented-as-follows */
function padded(data: Buffer, modulus: bigint, exponent: number): Buffer {
	const n = Buffer.from(modulus.toString(16), 'hex');
	const e = Buffer.from(exponent.toString(16).padStart(6, '0'), 'hex');
	const key = createPublicKey({key: {kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url')}, format: 'jwk'});
	for (;;) {
		const plain = Buffer.concat([data, randomBytes(192 - data.length)]);
		const secret = randomBytes(32);
		const reversed = Buffer.from(plain.toReversed());
		const encrypted = new IGE(secret, Buffer.alloc(32)).encryptIge(Buffer.concat([reversed, sha256(secret, plain)]));
		const mask = sha256(encrypted);
		const whole = Buffer.concat([secret.map((byte, index) => byte ^ (mask[index] as number)), encrypted]);
		// It must be smaller than the modulus, or there is no way back.
		if (whole.compare(n) < 0) return publicEncrypt({key, padding: constants.RSA_NO_PADDING}, whole);
	}
}
