import {Refused} from './refusal.ts';

interface Part {
	readonly type?: unknown;
	readonly value?: unknown;
	readonly url?: unknown;
	readonly attachment_id?: unknown;
}

/**
The text of a message, its parts one per line.

@throws {Refused} for one that the service would not send
@see https://docs.linqapp.com/api/resources/chats/subresources/messages/methods/send
*/
export function textOf(payload: Readonly<Record<string, unknown>>): string {
	const message = payload['message'] as {parts?: unknown} | undefined;
	if (typeof message !== 'object' || message === null || message.parts === undefined) throw new Refused(400, 1001);
	const parts = message.parts as readonly Part[];
	if (!Array.isArray(parts) || parts.length === 0 || parts.length > 100) throw new Refused(400, 1004);
	for (const [index, part] of parts.entries()) {
		const isAfterText = part?.type === 'text' && parts[index - 1]?.type === 'text';
		if (!isValid(part) || isAfterText || (part.type === 'link' && parts.length > 1)) throw new Refused(400, 1004);
	}

	return parts
		.map(({value, url, attachment_id: id}) => value ?? url ?? id)
		.map(String)
		.join('\n');
}

function isValid(part: Part | null): boolean {
	switch (part?.type) {
		case 'text':
		case 'link':
			return typeof part.value === 'string' && part.value !== '';
		case 'media':
			return (typeof part.url === 'string') !== (typeof part.attachment_id === 'string');
		case 'imessage_app':
			return typeof part.url === 'string';
		default:
			return false;
	}
}
