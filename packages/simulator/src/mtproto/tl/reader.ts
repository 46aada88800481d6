import type {TlObject} from '../tl-object.ts';
import {ids, vectorOf, type Schema} from './schema.ts';

/** Reads values of the type language from bytes. It shares no code with a client, so it checks what the client wrote. */
export class Reader {
	readonly #schema: Schema;
	readonly #bytes: Buffer;
	#position = 0;

	constructor(schema: Schema, bytes: Buffer) {
		this.#schema = schema;
		this.#bytes = bytes;
	}

	/** The next `count` bytes. @throws {RangeError} if there are fewer */
	take(count: number): Buffer {
		const end = this.#position + count;
		if (end > this.#bytes.length) throw new RangeError(`${count} bytes expected, ${this.#bytes.length - this.#position} are left`);
		const taken = this.#bytes.subarray(this.#position, end);
		this.#position = end;
		return taken;
	}

	id(): number {
		return this.take(4).readUInt32LE();
	}

	/** A string of bytes: its length in front, and filled up to a multiple of four. */
	bytes(): Buffer {
		let [length = 0] = this.take(1);
		let head = 1;
		if (length === 254) {
			length = this.take(3).readUIntLE(0, 3);
			head = 4;
		}

		const content = this.take(length);
		this.take(-(head + length) & 3);
		return content;
	}

	/** A value with its constructor's id in front: an object, a boolean, a vector. */
	boxed(): unknown {
		const id = this.id();
		if (id === ids.true || id === ids.false) return id === ids.true;
		if (id === ids.vector) return this.#items(() => this.boxed());
		const {name, fields} = this.#schema.withId(id);
		const object: Record<string, unknown> & TlObject = {_: name};
		for (const {name: field, type, flag} of fields) {
			if (flag && !((object[flag.field] as number) & (1 << flag.bit))) continue;
			object[field] = this.#value(type);
		}

		return object;
	}

	#value(type: string): unknown {
		switch (type) {
			case 'int':
				return this.take(4).readInt32LE();
			case '#':
				return this.id();
			case 'long': {
				const long = this.take(8).readBigInt64LE();
				return Number.isSafeInteger(Number(long)) ? Number(long) : String(long);
			}

			case 'double':
				return this.take(8).readDoubleLE();
			case 'int128':
				return this.take(16);
			case 'int256':
				return this.take(32);
			case 'string':
				return this.bytes().toString();
			case 'bytes':
				return this.bytes();
			case 'true':
				return true;
			default: {
				const vector = vectorOf(type);
				if (!vector) return this.boxed();
				if (!vector.bare && this.id() !== ids.vector) throw new TypeError(`A vector expected for ${type}`);
				return this.#items(() => this.#value(vector.item));
			}
		}
	}

	#items(read: () => unknown): unknown[] {
		return Array.from({length: this.id()}, read);
	}
}
