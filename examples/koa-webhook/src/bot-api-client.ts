/** Calls a method of the Bot API. @throws {Error} When it is refused: with `error_code` and `parameters`, as the Bot API names them. */
export type BotApiClient = (method: string, payload: object, signal?: AbortSignal) => Promise<unknown>;

/** All it takes is `fetch`. @see https://core.telegram.org/bots/api#making-requests */
export function createClient(token: string, root = 'https://api.telegram.org'): BotApiClient {
	return async (method, payload, signal) => {
		const response = await fetch(`${root}/bot${token}/${method}`, {
			method: 'POST',
			headers: {'content-type': 'application/json'},
			body: JSON.stringify(payload),
			...(signal && {signal}),
		});
		const answer = (await response.json()) as {result?: unknown};
		if (!response.ok) {
			throw Object.assign(new Error(`${method} was refused`), answer);
		}

		return answer.result;
	};
}
