/** What the REST API says when it refuses a call. */
export interface RestError {
	/** The HTTP status. */
	readonly status: number;
	readonly code: string;
	readonly description: string;
}

/** A call that is turned down. Methods throw it; it becomes the answer. */
export class RestRefusal extends Error implements RestError {
	override readonly name = 'RestRefusal';
	readonly status: number;
	readonly code: string;

	constructor({status, code, description}: RestError) {
		super(description);
		this.status = status;
		this.code = code;
	}

	get description(): string {
		return this.message;
	}
}

/**
Every code by which the simulated portal refuses, with its status and its text.

@see https://apidocs.bitrix24.com/error-codes.html
*/
const known: Readonly<Record<string, readonly [status: number, description: string]>> = {
	// imbot.chat.sendTyping
	BOT_ID_ERROR: [400, 'Bot not found'],
	APP_ID_ERROR: [400, 'Bot was installed by another REST application'],
	DIALOG_ID_EMPTY: [400, "Dialog ID can't be empty"],
	// imbot.message.add
	MESSAGE_EMPTY: [400, "Message can't be empty"],
	ACCESS_ERROR: [400, 'You do not have access to the specified dialog'],
	// imbot.v2
	BOT_TOKEN_NOT_SPECIFIED: [400, 'Bot token is not specified'],
	BOT_ID_REQUIRED: [400, 'Bot ID is required'],
	BOT_NOT_FOUND: [400, 'Bot not found'],
	BOT_OWNERSHIP_ERROR: [403, 'Bot is registered by another application'],
	ACCESS_DENIED: [403, 'Access denied'],
	// Any method.
	INTERNAL_SERVER_ERROR: [500, 'Internal server error'],
	ERROR_UNEXPECTED_ANSWER: [500, 'Server returned an unexpected response'],
	QUERY_LIMIT_EXCEEDED: [503, 'Too many requests'],
	OPERATION_TIME_LIMIT: [429, 'Method is blocked due to operation time limit'],
	NO_AUTH_FOUND: [401, 'Wrong authorization data'],
	INVALID_REQUEST: [401, 'Https required'],
	OVERLOAD_LIMIT: [401, 'REST API is blocked due to overload'],
	INVALID_CREDENTIALS: [401, 'Invalid request credentials'],
	ERROR_METHOD_NOT_FOUND: [404, 'Method not found!'],
	insufficient_scope: [401, 'The request requires higher privileges than provided by the access token'],
	expired_token: [401, 'The access token provided has expired'],
	user_access_error: [401, 'The user does not have access to the application'],
	PORTAL_DELETED: [403, 'Portal was deleted'],
	// The token service.
	invalid_client: [401, 'Client not found'],
	invalid_grant: [400, 'Invalid refresh token'],
};

/** The error of a code, or an unknown one with the status given. */
export function described(code: string, status?: number): RestError {
	const [usual, description] = known[code] ?? [400, code];
	return {status: status ?? usual, code, description};
}

export function refusal(code: string): RestRefusal {
	return new RestRefusal(described(code));
}
