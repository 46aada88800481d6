import {createCipheriv, createDecipheriv} from 'node:crypto';
import {detect, framingOf, type Framing} from './framing.ts';

/** How many bytes of a packet may wait for the rest of it. Parts of files, the longest there is, have half a megabyte. */
const limit = 2 ** 24;

/** Turns a stream of bytes into packets and packets into bytes, in whichever way the client begins to talk. */
export class Transport {
	#framing: Framing | undefined;
	#bytes: Buffer = Buffer.alloc(0);
	#sent = 0;
	#decrypt: ((bytes: Buffer) => Buffer) | undefined;
	#encrypt: ((bytes: Buffer) => Buffer) | undefined;

	/** `full`, `obfuscated abridged`…, as soon as it is known. */
	get name(): string | undefined {
		return this.#framing && `${this.#decrypt ? 'obfuscated ' : ''}${this.#framing.name}`;
	}

	/** Takes what arrived. @returns the packets that are whole now */
	*read(bytes: Buffer): Iterable<Buffer> {
		this.#bytes = Buffer.concat([this.#bytes, this.#decrypt ? this.#decrypt(bytes) : bytes]);
		this.#framing ??= this.#begin();
		if (this.#bytes.length > limit) throw new RangeError('A packet is too long');
		for (let next; (next = this.#framing?.read(this.#bytes));) {
			this.#bytes = this.#bytes.subarray(next.size);
			yield next.packet;
		}
	}

	/** The bytes to send for a packet. */
	write(packet: Buffer): Buffer {
		if (!this.#framing) throw new TypeError('The client has not said how it talks');
		const framed = this.#framing.write(packet, this.#sent++);
		return this.#encrypt ? this.#encrypt(framed) : framed;
	}

	#begin(): Framing | undefined {
		const detected = detect(this.#bytes);
		if (detected === 'obfuscated') return this.#deobfuscate();
		if (detected) this.#bytes = this.#bytes.subarray(detected.size);
		return detected?.framing;
	}

	/**
	64 random bytes come first. The keys are cut out of them, the client's as they stand and ours from behind; their end,
	decrypted, tells the framing.

	@see https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
	*/
	#deobfuscate(): Framing | undefined {
		if (this.#bytes.length < 64) return undefined;
		const header = this.#bytes.subarray(0, 64);
		const backwards = Buffer.from(header.subarray(8, 56).toReversed());
		const decipher = createDecipheriv('aes-256-ctr', header.subarray(8, 40), header.subarray(40, 56));
		const cipher = createCipheriv('aes-256-ctr', backwards.subarray(0, 32), backwards.subarray(32, 48));
		const framing = framingOf(decipher.update(header).readUInt32LE(56));
		if (!framing) throw new RangeError('The client talks in an unknown way');
		this.#decrypt = bytes => decipher.update(bytes);
		this.#encrypt = bytes => cipher.update(bytes);
		this.#bytes = decipher.update(this.#bytes.subarray(64));
		return framing;
	}
}
