/** What the API says when it refuses a request. @see https://docs.linqapp.com/error/ */
export interface LinqRefusal {
	/** The HTTP status. */
	readonly status: number;
	readonly code: number;
	/** By default what Linq says for that code. */
	readonly message?: string;
	/** In seconds: the header `Retry-After`, and a field of the body. */
	readonly retryAfter?: number | undefined;
}

/** A request that is turned down. Routes throw it; it becomes the answer. */
export class Refused extends Error {
	override readonly name = 'Refused';
	readonly refusal: LinqRefusal;

	constructor(status: number, code: number, message?: string, retryAfter?: number) {
		super(message ?? usual[code] ?? 'Error');
		this.refusal = {status, code, message: this.message, retryAfter};
	}
}

const usual: Readonly<Record<number, string>> = {
	1001: 'Missing required field',
	1002: 'Phone number must be in E.164 format',
	1003: 'Invalid request body',
	1004: 'Invalid message content',
	1005: 'Invalid parameter value',
	1007: 'Rate limit exceeded',
	2001: 'Resource not found',
	2004: 'Unauthorized - missing or invalid authentication token',
	2005: 'Access denied - insufficient permissions for this resource',
	3006: 'Internal server error',
};

/** The envelope of every error. */
export function envelope({status, code, message = usual[code] ?? 'Error', retryAfter}: LinqRefusal): object {
	return {
		success: false,
		error: {
			status,
			code,
			message,
			doc_url: `https://docs.linqapp.com/error/codes/${Math.floor(code / 1000)}xxx/${code}/`,
			...(retryAfter !== undefined && {retry_after: retryAfter}),
		},
		trace_id: crypto.randomUUID().replaceAll('-', ''),
	};
}
