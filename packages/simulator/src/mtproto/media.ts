import {RpcError} from './rpc-error.ts';
import type {State} from './state.ts';
import {asObject, type TlObject} from './tl-object.ts';
import {date} from './updates.ts';

/**
What a message shows for an `InputMedia`: an uploaded file, or one the service gave an id before.

@throws {RpcError} if a part of the file is missing
*/
export function mediaOf(input: unknown, {uploads, messages}: State): TlObject {
	const media = asObject(input);
	const file = asObject(media?.['file']);
	const size = file ? uploads.size(file['id'], Number(file['parts'])) : 0;
	const id = asObject(media?.['id'])?.['id'] ?? messages.nextId();
	const stored = {id, access_hash: 1, file_reference: '', date: date(), dc_id: 2};
	switch (media?._) {
		case 'inputMediaUploadedPhoto':
		case 'inputMediaPhoto':
		case 'inputMediaPhotoExternal': {
			const sizes = [{_: 'photoSize', type: 'x', w: 100, h: 100, size}];
			return {_: 'messageMediaPhoto', photo: {_: 'photo', ...stored, sizes}};
		}

		case 'inputMediaUploadedDocument':
		case 'inputMediaDocument':
		case 'inputMediaDocumentExternal': {
			const {mime_type = 'application/octet-stream', attributes = []} = media;
			return {_: 'messageMediaDocument', document: {_: 'document', ...stored, mime_type, size, attributes}};
		}

		case 'inputMediaGeoPoint':
		case 'inputMediaContact':
		case 'inputMediaDice':
		case 'inputMediaPoll':
			// What these show does not matter here; that they are messages does.
			return {_: 'messageMediaUnsupported'};
		default:
			throw new RpcError('MEDIA_INVALID');
	}
}
