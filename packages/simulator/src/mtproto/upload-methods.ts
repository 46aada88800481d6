import {mediaOf} from './media.ts';
import type {Call, Method} from './state.ts';

function save({payload, state}: Call): boolean {
	const bytes = payload['bytes'] as string | Uint8Array | number;
	state.uploads.save(payload['file_id'], Number(payload['file_part']), typeof bytes === 'number' ? bytes : bytes.length);
	return true;
}

/** Files go up in parts before the message that shows them. @see https://core.telegram.org/api/files#uploading-files */
export const uploadMethods: readonly Method[] = [
	{name: 'upload.saveFilePart', kind: 'any', run: save},
	{name: 'upload.saveBigFilePart', kind: 'any', run: save},
	{name: 'messages.uploadMedia', kind: 'any', run: ({payload, state}) => mediaOf(payload['media'], state)},
];
