import type {IncomingMessage} from 'node:http';
import qs from 'qs';
import type {Credentials} from './auth.ts';

/** A request, read to its end. */
export interface RestRequest extends Credentials {
	/** The method it calls; `undefined` if its path is none of the API's. */
	readonly method: string | undefined;
	readonly params: Readonly<Record<string, unknown>>;
}

/** `/rest/<method>` by OAuth, `/rest/<user>/<secret>/<method>` by webhook. Clients add a slash where there is one, and `.json` is allowed. */
const paths = /^\/rest\/+(?:\d+\/(?<secret>\w+)\/)?(?<method>[\w.]+?)(?:\.json)?\/?$/;

/** Reads the whole request, as JSON or form. @throws {SyntaxError} if it is no JSON */
export async function readRequest(message: IncomingMessage): Promise<RestRequest> {
	const [path = '', query = ''] = (message.url ?? '').split('?');
	const chunks: Buffer[] = [];
	for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
	const body = Buffer.concat(chunks).toString();
	const isJson = message.headers['content-type']?.startsWith('application/json') ?? false;
	const fields = isJson && body !== '' ? (JSON.parse(body) as object) : qs.parse(body, {parseArrays: false, depth: 10});
	const {auth, ...params} = {...qs.parse(query), ...fields} as Record<string, unknown>;
	const {secret, method} = paths.exec(decodeURIComponent(path))?.groups ?? {};
	return {
		method: path === '/oauth/token/' ? path : method,
		params,
		secret,
		token: typeof auth === 'string' ? auth : undefined,
	};
}
