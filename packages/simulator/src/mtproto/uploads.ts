import {RpcError} from './rpc-error.ts';

/** The files that are being uploaded, by the ids their clients chose. Only sizes are kept. */
export class Uploads {
	readonly #files = new Map<string, Map<number, number>>();

	/** Takes one part. */
	save(file: unknown, part: number, size: number): void {
		const parts = this.#files.get(String(file)) ?? new Map<number, number>();
		this.#files.set(String(file), parts.set(part, size));
	}

	/**
	The size of a whole file.

	@throws {RpcError} if a part of it never came
	@see https://core.telegram.org/api/files#uploading-files
	*/
	size(file: unknown, count: number): number {
		const parts = this.#files.get(String(file)) ?? new Map<number, number>();
		let size = 0;
		for (let part = 0; part < count; part++) {
			const bytes = parts.get(part);
			if (bytes === undefined) throw new RpcError(`FILE_PART_${part}_MISSING`);
			size += bytes;
		}

		return size;
	}
}
