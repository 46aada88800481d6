import type {IncomingMessage} from 'node:http';
import {text} from 'node:stream/consumers';
import {parse} from 'qs';
import type {Payload} from '../mtproto/call.ts';

/**
The parameters of a call, read the way the server reads them: only the bare `application/json` is JSON to it, and a form's `action[_]` is a name
like any other. What the query says is added, and wins.
*/
export async function readParameters(request: IncomingMessage): Promise<Payload> {
	const query = (request.url ?? '').split('?').slice(1).join('?');
	const parameters = {...posted(request.headers['content-type'], await text(request)), ...nested(query)};
	const [only, ...more] = Object.values(parameters);
	// A single array holds them all, whatever it is called: `data[peer]=@alice`.
	return more.length === 0 && isObject(only) && !('_' in only) ? only : parameters;
}

function posted(type: string | undefined, body: string): Payload {
	switch (type) {
		case 'application/json': {
			return decoded(body);
		}

		case 'application/x-www-form-urlencoded': {
			return Object.fromEntries(new URLSearchParams(body));
		}

		default: {
			return nested(body);
		}
	}
}

/** What can't be decoded is nothing at all to PHP. */
function decoded(json: string): Payload {
	try {
		const value: unknown = JSON.parse(json);
		return isObject(value) ? value : {};
	} catch {
		return {};
	}
}

/** By the rules of PHP's `parse_str`. */
function nested(text: string): Payload {
	return parse(text, {depth: 10, parameterLimit: 5000});
}

function isObject(value: unknown): value is Payload {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
