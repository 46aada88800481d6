import {Upload, type Payload} from './parameters.ts';
import {badRequest} from './refusal.ts';
import type {State} from './state.ts';

/** A file as it stands in a message. */
export interface StoredFile {
	readonly file_id: string;
	readonly file_unique_id: string;
	readonly file_size: number;
}

/**
The file a parameter names: an upload, `attach://` one, the id of a known file, or a URL (which is not fetched).

@throws {Refusal} if it names none
*/
export function fileOf(state: State, payload: Payload, value: unknown, kind: string): StoredFile {
	if (value === undefined) throw badRequest(`there is no ${kind} in the request`);
	const attached = typeof value === 'string' && value.startsWith('attach://') ? payload[value.slice('attach://'.length)] : value;
	if (attached instanceof Upload) {
		if (attached.size === 0) throw badRequest('file must be non-empty');
		return store(state, attached.size);
	}

	if (typeof attached === 'string') {
		const size = state.files.get(attached);
		if (size !== undefined) return describe(attached, size);
		if (/^https?:\/\/./.test(attached)) return store(state, 1024);
	}

	throw badRequest('wrong file identifier/HTTP URL specified');
}

function store(state: State, size: number): StoredFile {
	const id = `simulated-file-${state.files.size + 1}`;
	state.files.set(id, size);
	return describe(id, size);
}

export function describe(id: string, size: number): StoredFile {
	return {file_id: id, file_unique_id: `unique-${id}`, file_size: size};
}
