import type {RpcError} from '../mtproto/rpc-error.ts';

/** An exception as the server shows it to the world. */
export interface Shown {
	readonly exception: string;
	readonly message: string;
	readonly file: string;
	readonly line: number;
	readonly code: number;
	readonly backtrace: readonly object[];
	readonly previous_exception: null;
}

/** An exception of PHP, on its way to becoming an answer. */
export class PhpException extends Error {
	override readonly name = 'PhpException';
	/** Its class, with its namespace. */
	readonly exception: string;
	readonly code: number;

	constructor(exception: string, message: string, code = 0) {
		super(message);
		this.exception = exception;
		this.code = code;
	}
}

/** What MadelineProto throws for an error of Telegram: a class for each of them, `ChatWriteForbiddenError`. */
export function exceptionOf({message, code}: RpcError): PhpException {
	if (message === 'USERNAME_NOT_OCCUPIED') {
		// It never gets that far: MadelineProto looks the name up in a database of its own.
		return new PhpException('danog\\MadelineProto\\PeerNotInDbException', 'This peer is not present in the internal peer database');
	}

	const words = message.replace(/_\d+$/, '').toLowerCase().split('_');
	const name = words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('');
	return new PhpException(`danog\\MadelineProto\\RPCError\\${name}Error`, message, code);
}

const vendor = '/app/vendor/danog/madelineproto/src';

export function show({exception, message, code}: PhpException): Shown {
	return {
		exception,
		message,
		file: `${vendor}/RPCErrorException.php`,
		line: 89,
		code,
		backtrace: [
			{file: `${vendor}/MTProtoSession/ResponseHandler.php`, line: 322, function: 'make', class: exception, type: '::'},
			{file: `${vendor}/MTProtoSession/ResponseHandler.php`, line: 210, function: 'handleRpcError', type: '->'},
		],
		previous_exception: null,
	};
}

/** The HTTP status of an exception is its code, where that can be one. */
export function statusOf({code}: PhpException): number {
	return code >= 100 && code <= 599 ? code : 400;
}
