import type {Failure, Platform} from '@auto-typing/core';
import {classify, mtproto, type MtprotoAction, type MtprotoTarget, type SetTyping} from '@auto-typing/mtproto';
import {MadelineProtoError} from './error.ts';

/**
MadelineProto behind TelegramApiServer: MTProto, and what the two of them may have against a call before Telegram hears of it.

@param call - Calls `messages.setTyping` with `payload`, and rejects with a {@link MadelineProtoError}. Needed only without the client of this
package.
@example
```ts
import {Indicator} from '@auto-typing/core';
import {madelineproto, MadelineProto} from '@auto-typing/madelineproto';

const client = new MadelineProto('http://127.0.0.1:9503');
const indicator = new Indicator(madelineproto(async (payload, signal) => client.call('messages.setTyping', payload, {signal})));
```
*/
export function madelineproto<Target extends MtprotoTarget = MtprotoTarget>(
	call: (payload: SetTyping<Target['peer']>, signal: AbortSignal, target: Target) => Promise<unknown>,
): Platform<Target, MtprotoAction> {
	return {...mtproto(call), name: 'madelineproto', classify: failureOf};
}

/** By MTProto's text, where there is one; else by what the server or MadelineProto itself had against it. */
function failureOf(error: unknown): Failure {
	const failure = classify(error);
	if (failure !== 'retry' || !(error instanceof MadelineProtoError)) {
		return failure;
	}

	if (error.status === 401) {
		return 'revoked'; // A wrong password, or an address that is not on the list.
	}

	return error.exception?.endsWith('\\PeerNotInDbException') ? 'give-up' : 'retry';
}
