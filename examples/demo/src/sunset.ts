import {setTimeout as sleep} from 'node:timers/promises';
import {crc32, deflateSync} from 'node:zlib';

const width = 640;
const height = 400;

/** A PNG of a sunset: the real service accepts nothing less than a real picture. */
export function sunset(): Buffer {
	// Every line of a PNG starts with the number of its filter, 0 for none.
	const lines = Buffer.alloc(height * (1 + width * 3));
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			lines.set(colour(x / width, y / height), y * (1 + width * 3) + 1 + x * 3);
		}
	}

	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, 2], 8); // 8 bits each of red, green and blue
	const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
	return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))]);
}

/** Sky above, sea below, and the sun halfway between. */
function colour(x: number, y: number): readonly [red: number, green: number, blue: number] {
	const horizon = 0.62;
	const distance = Math.hypot((x - 0.5) * (width / height), y - 0.55);
	if (distance < 0.16 && y < horizon) {
		return [255, 236, 170];
	}

	const glow = Math.exp(-distance * 2.2);
	const ripple = y > horizon ? 0.75 + 0.2 * Math.sin(400 * (y - horizon) ** 0.5) : 1;
	return [(60 + 195 * glow) * ripple, (30 + 120 * glow) * ripple, (90 + 20 * y) * ripple];
}

function chunk(type: string, data: Buffer): Buffer {
	const content = Buffer.concat([Buffer.from(type), data]);
	const chunk = Buffer.alloc(content.length + 8);
	chunk.writeUInt32BE(data.length, 0);
	content.copy(chunk, 4);
	chunk.writeUInt32BE(crc32(content), content.length + 4);
	return chunk;
}

/** `data` as a slow line would carry it: piece by piece, all of it after `duration` milliseconds. */
export async function* paced(data: Uint8Array, duration: number): AsyncGenerator<Uint8Array> {
	const pieces = 30;
	const size = Math.ceil(data.length / pieces);
	for (let piece = 0; piece < pieces; piece++) {
		await sleep(duration / pieces);
		yield data.subarray(piece * size, (piece + 1) * size);
	}
}
