import {gzipSync} from 'node:zlib';
import {bytesOf, int64, uint32} from '../tl/writer.ts';

/** The ids of the messages that are no objects of the schema, because their content is not boxed. */
export const envelopes = {container: 0x73_f1_f8_dc, gzip: 0x30_72_cf_a1, result: 0xf3_5c_6d_01} as const;

/** A message before it has a number. */
interface Outgoing {
	readonly body: Buffer;
	/** Whether the client has to acknowledge it. */
	readonly content: boolean;
	/** Whether it answers a message of the client's. */
	readonly answer: boolean;
}

/** Numbers the messages of one session and puts those of one moment into one packet. @see https://core.telegram.org/mtproto/description */
export class Outbox {
	readonly #send: (message: Buffer) => void;
	readonly #waiting: Outgoing[] = [];
	#lastId = 0n;
	#contents = 0;

	/** @param send - takes a message with its header */
	constructor(send: (message: Buffer) => void) {
		this.#send = send;
	}

	add(outgoing: Outgoing): void {
		if (this.#waiting.push(outgoing) === 1) setImmediate(() => this.#flush());
	}

	#flush(): void {
		const messages = this.#waiting.splice(0).map(outgoing => this.#numbered(outgoing));
		if (messages.length === 1) return this.#send(messages[0] as Buffer);
		const body = Buffer.concat([uint32(envelopes.container), uint32(messages.length), ...messages]);
		this.#send(this.#numbered({body, content: false, answer: true}));
	}

	#numbered({body, content, answer}: Outgoing): Buffer {
		const number = 2 * this.#contents + (content ? 1 : 0);
		if (content) this.#contents++;
		return Buffer.concat([int64(this.#nextId(answer)), uint32(number), uint32(body.length), body]);
	}

	/** Ids are times, in units of 2 ** -32 s, and always grow; their last two bits say what a message is. */
	#nextId(answer: boolean): bigint {
		const now = ((BigInt(Date.now()) << 32n) / 1000n) & ~3n;
		this.#lastId = now > this.#lastId ? now : this.#lastId + 4n;
		return this.#lastId | (answer ? 1n : 3n);
	}
}

/** The result of a call, compressed where that pays, as the service does. */
export function resultOf(request: bigint, result: Buffer): Buffer {
	return Buffer.concat([uint32(envelopes.result), int64(request), packed(result)]);
}

export function packed(body: Buffer): Buffer {
	return body.length < 512 ? body : Buffer.concat([uint32(envelopes.gzip), bytesOf(gzipSync(body))]);
}
