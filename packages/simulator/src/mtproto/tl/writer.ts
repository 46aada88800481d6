import {asObject, type TlObject} from '../tl-object.ts';
import {ids, vectorOf, type Field, type Schema} from './schema.ts';

/** Bytes of a value in the type language. What a definition requires and the value lacks is written as zero or empty. */
export function encode(schema: Schema, value: unknown, type = 'Object'): Buffer {
	const chunks: Buffer[] = [];
	write(schema, chunks, value, type);
	return Buffer.concat(chunks);
}

export function uint32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value >>> 0);
	return bytes;
}

export function int64(value: bigint): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigInt64LE(BigInt.asIntN(64, value));
	return bytes;
}

/** A string of bytes: its length in front, and filled up to a multiple of four. */
export function bytesOf(content: Buffer): Buffer {
	const {length} = content;
	// 254 says that three bytes of length follow.
	const head = length < 254 ? Buffer.of(length) : uint32((length << 8) | 254);
	return Buffer.concat([head, content, Buffer.alloc(-(head.length + length) & 3)]);
}

function write(schema: Schema, chunks: Buffer[], value: unknown, type: string): void {
	const vector = vectorOf(type);
	if (vector) {
		const items = (value ?? []) as unknown[];
		if (!vector.bare) chunks.push(uint32(ids.vector));
		chunks.push(uint32(items.length));
		for (const item of items) write(schema, chunks, item, vector.item);
		return;
	}

	const bare = bareOf(value, type);
	if (bare) chunks.push(bare);
	else writeObject(schema, chunks, value, type);
}

/** The bytes of everything that is no object; `undefined` for an object. */
function bareOf(value: unknown, type: string): Buffer | undefined {
	switch (type) {
		case 'int':
		case '#':
			return uint32(Number(value ?? 0));
		case 'long':
			return int64(BigInt((value ?? 0) as number | string | bigint));
		case 'double': {
			const bytes = Buffer.alloc(8);
			bytes.writeDoubleLE(Number(value ?? 0));
			return bytes;
		}

		case 'int128':
			return (value as Buffer | undefined) ?? Buffer.alloc(16);
		case 'int256':
			return (value as Buffer | undefined) ?? Buffer.alloc(32);
		case 'string':
		case 'bytes':
			return bytesOf(Buffer.from((value ?? '') as string));
		case 'true':
			return Buffer.alloc(0);
		case 'Bool':
			return uint32(value ? ids.true : ids.false);
		default:
			return undefined;
	}
}

function writeObject(schema: Schema, chunks: Buffer[], value: unknown, type: string): void {
	const object = asObject(value);
	if (!object) throw new TypeError(`An object expected for ${type}, got ${String(value)}`);
	const {id, fields} = schema.named(object._);
	chunks.push(uint32(id));
	for (const field of fields) {
		if (field.type === '#') chunks.push(uint32(flagsOf(object, field, fields)));
		else if (!field.flag || has(object, field)) write(schema, chunks, object[field.name], field.type);
	}
}

/** Which of the fields that may be missing are there. Two that share a bit come together. */
function flagsOf(object: TlObject, {name}: Field, fields: readonly Field[]): number {
	return fields
		.filter(field => field.flag?.field === name && has(object, field))
		.reduce((bits, {flag}) => bits | (1 << (flag?.bit ?? 0)), 0);
}

function has(object: TlObject, {name, type}: Field): boolean {
	const value = object[name];
	return value !== undefined && value !== null && !(type === 'true' && value === false);
}
