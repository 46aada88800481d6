/** What TelegramApiServer puts into an answer for an exception. */
export interface ErrorDetails {
	readonly message?: unknown;
	readonly code?: unknown;
	readonly exception?: unknown;
}

/**
A call that was refused, by Telegram, by MadelineProto or by its server. It holds nothing of the request.

@example
```ts
import {MadelineProto, MadelineProtoError} from '@auto-typing/madelineproto';

const client = new MadelineProto('http://127.0.0.1:9503');
try {
	await client.sendMessage('@alice', 'hello');
} catch (error) {
	if (!(error instanceof MadelineProtoError && error.message === 'USER_IS_BLOCKED')) throw error;
}
```
*/
export class MadelineProtoError extends Error {
	override readonly name = 'MadelineProtoError';

	/** The number that goes with the message: 403, 420; 0 where MadelineProto has none. */
	readonly code: number;

	/** The class of the exception in PHP: `danog\\MadelineProto\\RPCError\\ChatWriteForbiddenError`. `undefined` where the server itself refused. */
	readonly exception: string | undefined;

	/** The HTTP status; 0 where there was no answer in HTTP. */
	readonly status: number;

	/** The method that was called. */
	readonly method: string;

	constructor(method: string, status: number, {message, code, exception}: ErrorDetails = {}) {
		super(typeof message === 'string' ? message : `TelegramApiServer answered ${status}, with something that is no answer of its`);
		this.method = method;
		this.status = status;
		this.code = typeof code === 'number' ? code : status;
		this.exception = typeof exception === 'string' ? exception : undefined;
	}
}
