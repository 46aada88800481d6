import type {Platform} from '@auto-typing/core';
import {actionTypes, cancelAction, wireAction, type MtprotoAction, type WireAction} from './action.ts';
import {classify, errorText} from './failure.ts';
import {keyOf, type MtprotoTarget} from './target.ts';

/**
The parameters of `messages.setTyping`, in the words of the schema.

@see https://core.telegram.org/method/messages.setTyping
*/
export interface SetTyping<Peer = unknown> {
	readonly peer: Peer;
	readonly top_msg_id?: number;
	readonly action: WireAction;
}

/**
Telegram's MTProto, for bots and for user accounts.

@param call - Calls `messages.setTyping` with `payload`, by whatever client you use, and rejects with an error that has MTProto's text for it in
`errorMessage` or in `message`. It is handed the target too, for clients that find themselves there.
@throws {TypeError} For a `call` that is no function.
@example
```ts
import {Indicator} from '@auto-typing/core';
import {mtproto} from '@auto-typing/mtproto';

declare const client: {call(method: string, parameters: object, signal: AbortSignal): Promise<unknown>};

const indicator = new Indicator(mtproto(async (payload, signal) => client.call('messages.setTyping', payload, signal)));
await indicator.run({peer: '@alice'}, async typing => {
	let done = 0;
	typing.action = {
		type: 'upload_video',
		get progress() {
			return done; // read at each send
		},
	};
	done = 40;
});
```
*/
export function mtproto<Target extends MtprotoTarget = MtprotoTarget>(
	call: (payload: SetTyping<Target['peer']>, signal: AbortSignal, target: Target) => Promise<unknown>,
): Platform<Target, MtprotoAction> {
	if (typeof call !== 'function') {
		throw new TypeError(`Expected \`call\` to be a function that calls messages.setTyping, got ${call === null ? 'null' : typeof call}`);
	}

	return {
		name: 'mtproto',
		// "valid for 6 seconds" https://core.telegram.org/constructor/updateUserTyping; TDLib counts 5.5.
		ttl: 6000,
		interval: 4500,
		action: 'typing',
		actions: actionTypes,
		key: keyOf,
		visible: ({isBroadcast}) => !isBroadcast,
		send: async (target, action, signal) => call(payloadFor(target, wireAction(action)), signal, target),
		stop: async (target, signal) => call(payloadFor(target, cancelAction), signal, target),
		classify,
		fallback,
	};
}

function payloadFor<Peer>({peer, topMsgId}: MtprotoTarget<Peer>, action: WireAction): SetTyping<Peer> {
	return {peer, ...(topMsgId !== undefined && {top_msg_id: topMsgId}), action};
}

/** A topic that isn't one, or isn't any more, is shown in the chat itself. */
function fallback<Target extends MtprotoTarget>(target: Target, error: unknown): Target | undefined {
	return target.topMsgId !== undefined && errorText(error) === 'MSG_ID_INVALID' ? {...target, topMsgId: undefined} : undefined;
}
