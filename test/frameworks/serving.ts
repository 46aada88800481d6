import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {ExecutionContext} from 'ava';

export interface Hook {
	/** What the service was answered, in order. */
	readonly answers: Array<{readonly status: number; readonly body: string; readonly at: number}>;

	/** What the callback rejected with. */
	readonly failed: unknown[];
}

/** A real HTTP server with a framework's webhook callback. */
export async function serve(
	t: ExecutionContext,
	handle: (request: IncomingMessage, response: ServerResponse) => Promise<unknown>,
): Promise<Hook & {readonly url: string}> {
	const answers: Hook['answers'] = [];
	const failed: unknown[] = [];
	const http = createServer((request, response) => {
		let body = '';
		const end = response.end.bind(response) as (...args: unknown[]) => typeof response;
		response.end = ((...args: unknown[]) => {
			body += typeof args[0] === 'string' ? args[0] : '';
			answers.push({status: response.statusCode, body, at: performance.now()});
			return end(...args);
		}) as typeof response.end;
		handle(request, response).catch((error: unknown) => {
			failed.push(error);
			if (!response.writableEnded) response.writeHead(500).end();
		});
	});
	await new Promise<void>(resolve => {
		http.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => {
		http.closeAllConnections();
		http.close();
	});
	return {answers, failed, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/hook`};
}
