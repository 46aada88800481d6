/** What the Bot API says when it refuses a request; the HTTP status is the code. @see https://core.telegram.org/bots/api#making-requests */
export interface ApiError {
	readonly error_code: number;
	readonly description: string;
	/** @see https://core.telegram.org/bots/api#responseparameters */
	readonly parameters?: {readonly retry_after?: number; readonly migrate_to_chat_id?: number};
}

/** A request that is turned down. Methods throw it; it becomes the answer. */
export class Refusal extends Error implements ApiError {
	override readonly name = 'Refusal';
	readonly error_code: number;
	readonly parameters?: ApiError['parameters'] & {};

	constructor(error_code: number, description: string, parameters?: ApiError['parameters']) {
		super(description);
		this.error_code = error_code;
		if (parameters) this.parameters = parameters;
	}

	get description(): string {
		return this.message;
	}
}

export function badRequest(text: string): Refusal {
	return new Refusal(400, `Bad Request: ${text}`);
}

export function forbidden(text: string): Refusal {
	return new Refusal(403, `Forbidden: ${text}`);
}

export function conflict(text: string): Refusal {
	return new Refusal(409, `Conflict: ${text}`);
}

export function tooManyRequests(seconds: number): Refusal {
	return new Refusal(429, `Too Many Requests: retry after ${seconds}`, {retry_after: seconds});
}
