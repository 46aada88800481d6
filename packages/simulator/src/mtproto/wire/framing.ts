import {crc32} from 'node:zlib';
import {uint32} from '../tl/writer.ts';

/** How packets are told apart in a stream of bytes. @see https://core.telegram.org/mtproto/mtproto-transports */
export interface Framing {
	readonly name: 'abridged' | 'intermediate' | 'padded' | 'full';
	/** The first packet, and how many bytes of the stream it takes; `undefined` while they are not all there. */
	read(bytes: Buffer): {readonly packet: Buffer; readonly size: number} | undefined;
	/** @param index - how many packets went out on this connection before */
	write(packet: Buffer, index: number): Buffer;
}

/** The length in front, counted in words of four bytes: one byte, or three after `0x7f`. */
const abridged: Framing = {
	name: 'abridged',
	read(bytes) {
		const long = bytes.length > 0 && ((bytes[0] as number) & 0x7f) === 0x7f;
		const head = long ? 4 : 1;
		if (bytes.length < head) return undefined;
		return slice(bytes, head, 4 * (long ? bytes.readUIntLE(1, 3) : (bytes[0] as number) & 0x7f));
	},
	write(packet) {
		const words = packet.length / 4;
		return Buffer.concat([words < 0x7f ? Buffer.of(words) : uint32((words << 8) | 0x7f), packet]);
	},
};

/** The length in front, four bytes. */
const intermediate: Framing = {
	name: 'intermediate',
	read: bytes => (bytes.length < 4 ? undefined : slice(bytes, 4, bytes.readUInt32LE())),
	write: packet => Buffer.concat([uint32(packet.length), packet]),
};

/** The same with random bytes after every packet; whoever opens the packet knows where it ends. */
const padded: Framing = {...intermediate, name: 'padded'};

/** Length, number of the packet and a checksum around it. */
const full: Framing = {
	name: 'full',
	read(bytes) {
		const size = bytes.length < 4 ? Infinity : bytes.readUInt32LE();
		if (bytes.length < size) return undefined;
		if (crc32(bytes.subarray(0, size - 4)) !== bytes.readUInt32LE(size - 4)) throw new RangeError('The checksum is wrong');
		return {packet: bytes.subarray(8, size - 4), size};
	},
	write(packet, index) {
		const framed = Buffer.concat([uint32(packet.length + 12), uint32(index), packet]);
		return Buffer.concat([framed, uint32(crc32(framed))]);
	},
};

function slice(bytes: Buffer, head: number, length: number): ReturnType<Framing['read']> {
	const size = head + length;
	return bytes.length < size ? undefined : {packet: bytes.subarray(head, size), size};
}

/** The framing that four bytes at the start of a stream ask for. */
export function framingOf(tag: number): Framing | undefined {
	return new Map([
		[0xef_ef_ef_ef, abridged],
		[0xee_ee_ee_ee, intermediate],
		[0xdd_dd_dd_dd, padded],
	]).get(tag);
}

/** The framing a stream begins with, and how many bytes that took; `undefined` while that can't be told. */
export function detect(bytes: Buffer): {framing: Framing; size: number} | 'obfuscated' | undefined {
	if (bytes[0] === 0xef) return {framing: abridged, size: 1};
	if (bytes.length < 8) return undefined;
	const tagged = framingOf(bytes.readUInt32LE());
	if (tagged) return {framing: tagged, size: 4};
	// Only the first packet of a full transport has a zero there: its number.
	return bytes.readUInt32LE(4) === 0 ? {framing: full, size: 0} : 'obfuscated';
}
