import type {Gate} from '@auto-typing/core';
import {InputFile} from 'grammy';

/** Larger pieces of a buffer would leave in one go, long before they arrive. */
const chunkSize = 65_536;

/** Whether a value in a payload is a file that grammY uploads. */
export function isFile(value: unknown): value is InputFile {
	return value instanceof InputFile;
}

/**
A copy of `payload` whose last file waits for `gate` when all of it but the end of the request has left: until then the message can't have
landed. Files are sent after all fields, in the order they stand in the payload.
*/
export function gateLastFile<Payload extends object>(payload: Payload, gate: Gate): Payload {
	const last = filesIn(payload).at(-1);
	return last === undefined ? payload : (replace(payload, last, gated(last, gate)) as Payload);
}

function filesIn(value: unknown): InputFile[] {
	if (isFile(value)) {
		return [value];
	}

	return typeof value === 'object' && value !== null ? Object.values(value).flatMap(filesIn) : [];
}

function replace(value: unknown, file: InputFile, replacement: InputFile): unknown {
	if (value === file) {
		return replacement;
	}

	// What holds no files may be anything, a Date or a class of the user's: it stays as it is.
	if (typeof value !== 'object' || value === null || !filesIn(value).includes(file)) {
		return value;
	}

	return Array.isArray(value)
		? value.map(item => replace(item, file, replacement))
		: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item, file, replacement)]));
}

/** The same file, for everyone who looks at it, but for the gate: `toRaw` is what grammY reads it by. */
function gated(file: InputFile, gate: Gate): InputFile {
	return Object.create(file, {
		toRaw: {
			value: async () => {
				gate.open(); // Read again, because somebody sends it again.
				const data = await file.toRaw();
				return (async function* () {
					yield* data instanceof Uint8Array ? chunksOf(data) : data;
					await gate.close();
				})();
			},
		},
	}) as InputFile;
}

function* chunksOf(data: Uint8Array): Generator<Uint8Array> {
	for (let start = 0; start < data.length; start += chunkSize) {
		yield data.subarray(start, start + chunkSize);
	}
}
