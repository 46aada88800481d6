import type {Rules} from '../chat-view.ts';
import type {MtprotoCall} from './call.ts';
import {methods} from './methods.ts';
import {asObject} from './tl-object.ts';

/**
What Telegram's clients make of an account's calls: an action shows for 6 s, or until a cancel or a message of the account.

@see https://core.telegram.org/method/messages.setTyping
*/
export const mtprotoRules: Rules<MtprotoCall> = {
	ttl: 6000,
	shows(call) {
		const action = actionOf(call);
		return action === 'sendMessageCancelAction' ? undefined : action;
	},
	clears: call => actionOf(call) === 'sendMessageCancelAction' || isMessage(call),
	message: isMessage,
};

function actionOf({method, payload}: MtprotoCall): string | undefined {
	return method === 'messages.setTyping' ? asObject(payload['action'])?._ : undefined;
}

function isMessage({method}: MtprotoCall): boolean {
	return methods.get(method)?.kind === 'send';
}
