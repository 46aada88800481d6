import {BotApi, type BotApiOptions} from '@auto-typing/simulator';
import type {ExecutionContext} from 'ava';

/** What the Bot API answers, and how. */
export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly ok: boolean;
	readonly result?: any;
	readonly error_code?: number;
	readonly description?: string;
	readonly parameters?: {readonly retry_after?: number; readonly migrate_to_chat_id?: number};
}

/** A server that ends with the test, and a function that calls it with JSON through the ordinary `fetch`. */
export async function serve(t: ExecutionContext, options?: BotApiOptions) {
	const server = await BotApi.start(options);
	t.teardown(async () => server.close());
	const call = async (method: string, payload: object | FormData | URLSearchParams = {}, init: RequestInit = {}): Promise<Answer> => {
		const form = payload instanceof FormData || payload instanceof URLSearchParams;
		const response = await fetch(`${server.url}/bot${server.token}/${method}`, {
			method: 'POST',
			body: form ? payload : JSON.stringify(payload),
			...(!form && {headers: {'content-type': 'application/json'}}),
			...init,
		});
		return {...((await response.json()) as Omit<Answer, 'status' | 'headers'>), status: response.status, headers: response.headers};
	};

	return {server, call};
}
