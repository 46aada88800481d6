import * as http from 'node:http';
import * as https from 'node:https';
import type {Gate} from '@auto-typing/core';
import type {Telegram} from 'telegraf';

/** Where Telegraf looks for files. Elsewhere an object with a `url` is a button, or a link. */
const places = new Set([
	'animation',
	'audio',
	'document',
	'live_photo',
	'media',
	'photo',
	'sticker',
	'thumb',
	'thumbnail',
	'video',
	'video_note',
	'voice',
]);

/** Whether a value in a payload is a file that Telegraf uploads: a path, a buffer, a stream, or an address that Telegraf itself downloads from. */
export function isFile(value: unknown, name: string): boolean {
	return (
		typeof value === 'object' &&
		value !== null &&
		places.has(name) &&
		(('source' in value && !!value.source) || ('url' in value && !!value.url))
	);
}

/**
The same client, for one call with files, whose request waits for `gate` when all of it but its end has left: until then the message can't have
landed.

Telegraf pours all files into memory at once, so they can't tell how much of them has left. The request can: it is come by through the agent, which
Node hands it to.
*/
export function gateRequest(client: Telegram, gate: Gate): Telegram {
	const {agent, apiRoot} = client.options;
	const {globalAgent} = apiRoot.startsWith('https:') ? https : http;
	return Object.create(client, {options: {value: {...client.options, agent: gatedAgent(agent ?? globalAgent, gate)}}}) as Telegram;
}

/** The part of an agent that `http.request` hands its requests to. */
interface Requester {
	addRequest(request: http.ClientRequest, ...rest: unknown[]): void;
}

/** The same agent, and the same connections, but for the gate. */
function gatedAgent(agent: http.Agent, gate: Gate): http.Agent {
	const requester = agent as unknown as Partial<Requester>;
	if (typeof requester.addRequest !== 'function') {
		return agent; // An agent that only chooses another one.
	}

	return Object.create(agent, {
		addRequest: {
			value(request: http.ClientRequest, ...rest: unknown[]) {
				gateEnd(request, gate);
				requester.addRequest!(request, ...rest);
			},
		},
	}) as http.Agent;
}

function gateEnd(request: http.ClientRequest, gate: Gate): void {
	const end = request.end.bind(request) as (...args: unknown[]) => http.ClientRequest;
	// Called when the last of the files has found room on its way to the network, which takes as long as the upload.
	request.end = (...args: unknown[]) => {
		void gate.close().then(() => request.destroyed || end(...args));
		return request;
	};
}
