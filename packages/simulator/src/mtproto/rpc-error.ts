/** What the service says when it turns a request down. @see https://core.telegram.org/api/errors */
export class RpcError extends Error {
	override readonly name = 'RpcError';
	/** The vendor's number: 400 bad request, 401 unauthorised, 403 forbidden, 406 not acceptable, 420 flood, -503 timeout… */
	readonly code: number;

	/**
	@param message - the vendor's string, `PEER_ID_INVALID`: what a client goes by
	@param code - by default the one the vendor documents for that string
	*/
	constructor(message: string, code: number = codeOf(message)) {
		super(message);
		this.code = code;
	}
}

/**
The codes that differ from 400, for the strings a typing call or a message may meet. The vendor's own pages differ on some of them, so a fault
may name another one.

@see https://core.telegram.org/method/messages.setTyping
@see https://core.telegram.org/api/errors
*/
const codes: Readonly<Record<string, number>> = {
	AUTH_KEY_DUPLICATED: 406,
	AUTH_KEY_UNREGISTERED: 401,
	CHANNEL_PRIVATE: 406,
	CHAT_WRITE_FORBIDDEN: 403,
	GROUPCALL_FORBIDDEN: 403,
	INTERNAL_SERVER_ERROR: 500,
	RANDOM_ID_DUPLICATE: 500,
	RPC_CALL_FAIL: -500,
	SESSION_REVOKED: 401,
	TIMEOUT: -503,
	USER_DEACTIVATED: 401,
	USER_DEACTIVATED_BAN: 401,
	USER_IS_BLOCKED: 403,
};

function codeOf(message: string): number {
	if (/_WAIT_\d+$/.test(message)) return 420;
	return codes[message] ?? 400;
}
