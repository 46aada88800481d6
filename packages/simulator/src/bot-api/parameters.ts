import type {IncomingMessage} from 'node:http';
import {Busboy} from '@fastify/busboy';
import {badRequest, Refusal} from './refusal.ts';

/** A file that came with a multipart request. Its bytes are counted and dropped. */
export class Upload {
	readonly filename: string;
	readonly contentType: string;
	/** In bytes. */
	size = 0;

	constructor(filename: string, contentType: string) {
		this.filename = filename;
		this.contentType = contentType;
	}
}

/** The parameters of a request by name; files are `Upload`s, structured ones are parsed. */
export type Payload = Readonly<Record<string, unknown>>;

/** Uploads above 50 MB are refused. @see https://core.telegram.org/bots/api#sending-files */
const largest = 50 * 1024 * 1024;

/** Parameters that are objects or arrays: they arrive as JSON text in forms and queries. */
const structured = new Set([
	'allowed_updates',
	'caption_entities',
	'commands',
	'entities',
	'link_preview_options',
	'media',
	'message_ids',
	'options',
	'prices',
	'question_entities',
	'reaction',
	'reply_markup',
	'reply_parameters',
	'scope',
]);

/**
Reads the whole body, as JSON, form, multipart or nothing but a query, until its last byte.

@throws {Refusal} if the body can't be understood
*/
export async function readParameters(message: IncomingMessage, query: URLSearchParams = new URLSearchParams()): Promise<Payload> {
	const type = message.headers['content-type'] ?? '';
	const fields = type.startsWith('multipart/form-data') ? await readMultipart(message, type) : await readText(message, type);
	return parseStructured({...Object.fromEntries(query), ...fields});
}

async function readText(message: IncomingMessage, type: string): Promise<Payload> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of message as AsyncIterable<Buffer>) {
		size += chunk.length;
		// Read on to the end all the same: a client that is still sending would take an early answer for a reset.
		if (size <= largest) chunks.push(chunk);
	}

	if (size > largest) throw new Refusal(413, 'Request Entity Too Large');
	const raw = Buffer.concat(chunks).toString();
	if (type.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(raw));
	if (!type.startsWith('application/json') || raw.trim() === '') return {};
	const body = parse(raw, "can't parse JSON object");
	if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badRequest('object expected as the request body');
	return body as Payload;
}

async function readMultipart(message: IncomingMessage, type: string): Promise<Payload> {
	const payload: Record<string, unknown> = {};
	let total = 0;
	const form = openForm(message, type);
	await new Promise<void>((resolve, reject) => {
		const complain = (error: unknown) => reject(unreadable(error));
		form.on('field', (name, value) => {
			payload[name] = value;
		});
		form.on('file', (name, stream, filename, _encoding, contentType) => {
			const upload = new Upload(filename, contentType);
			payload[name] = upload;
			stream.on('error', complain);
			stream.on('data', (chunk: Buffer) => {
				upload.size += chunk.length;
				total += chunk.length;
			});
		});
		form.on('finish', resolve);
		form.on('error', complain);
		message.on('error', reject);
		message.pipe(form);
	});
	if (total > largest) throw new Refusal(413, 'Request Entity Too Large');
	return payload;
}

function openForm(message: IncomingMessage, type: string): InstanceType<typeof Busboy> {
	try {
		return new Busboy({headers: {...message.headers, 'content-type': type}});
	} catch (error) {
		// It has no boundary. The rest must be read all the same, or the client never gets to the answer.
		message.resume();
		throw unreadable(error);
	}
}

function unreadable(error: unknown): Refusal {
	return badRequest(`can't parse multipart body: ${String(error)}`);
}

function parseStructured(fields: Payload): Payload {
	const payload: Record<string, unknown> = {...fields};
	for (const [name, value] of Object.entries(payload)) {
		// A form sends an empty field for a parameter that was left out.
		if (value === '' || value === null) delete payload[name];
		else if (structured.has(name) && typeof value === 'string') {
			payload[name] = parse(value, name === 'reply_markup' ? 'object expected as reply markup' : `can't parse ${name} JSON object`);
		}
	}

	const {chat_id: chatId} = payload;
	if (typeof chatId === 'string' && /^-?\d+$/.test(chatId)) payload['chat_id'] = Number(chatId);
	return payload;
}

function parse(json: string, complaint: string): unknown {
	try {
		return JSON.parse(json) as unknown;
	} catch {
		throw badRequest(complaint);
	}
}

/** A whole number, however it was sent; `undefined` if it was not, or is none. */
export function integer(payload: Payload, name: string): number | undefined {
	const value = payload[name];
	const number = typeof value === 'string' ? Number(value) : value;
	return Number.isSafeInteger(number) ? (number as number) : undefined;
}

export function text(payload: Payload, name: string): string | undefined {
	const value = payload[name];
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	return typeof value === 'string' ? value : undefined;
}

/** The Bot API takes `true`, `"true"`, `1`, `"1"`, `"yes"`… for yes. */
export function flag(payload: Payload, name: string): boolean {
	return ['true', '1', 'yes', 'y', 't'].includes(String(payload[name]).toLowerCase());
}
