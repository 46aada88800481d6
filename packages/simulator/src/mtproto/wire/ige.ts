import {createCipheriv, createDecipheriv, createHash} from 'node:crypto';

/** A key and an initialisation vector of 32 bytes each. */
export interface Cipher {
	readonly key: Buffer;
	readonly iv: Buffer;
}

/**
AES-256 in IGE mode, which no library of Node's knows: every block is mixed with the block before it, both plain and encrypted.

@see https://core.telegram.org/mtproto/description#protocol-description
*/
export function ige(data: Buffer, {key, iv}: Cipher, direction: 'encrypt' | 'decrypt'): Buffer {
	const create = direction === 'encrypt' ? createCipheriv : createDecipheriv;
	const block = create('aes-256-ecb', key, null).setAutoPadding(false);
	const halves = [iv.subarray(0, 16), iv.subarray(16, 32)] as [Buffer, Buffer];
	let [before, after] = direction === 'encrypt' ? halves : (halves.toReversed() as typeof halves);
	const out = Buffer.alloc(data.length);
	for (let position = 0; position < data.length; position += 16) {
		const input = data.subarray(position, position + 16);
		const output = out.subarray(position, position + 16);
		xor(block.update(xor(input, before)), after).copy(output);
		before = output;
		after = input;
	}

	return out;
}

export function xor(a: Buffer, b: Buffer): Buffer {
	const out = Buffer.alloc(a.length);
	for (let index = 0; index < a.length; index++) out[index] = (a[index] as number) ^ (b[index] as number);
	return out;
}

export function sha1(...parts: readonly Buffer[]): Buffer {
	return createHash('sha1').update(Buffer.concat(parts)).digest();
}

export function sha256(...parts: readonly Buffer[]): Buffer {
	return createHash('sha256').update(Buffer.concat(parts)).digest();
}
