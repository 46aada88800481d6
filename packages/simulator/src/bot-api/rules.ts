import type {Rules} from '../chat-view.ts';
import type {Arrival} from './arrival.ts';
import {methods} from './methods.ts';

/**
What Telegram's clients make of a bot's requests: a chat action shows for 5 s or until a message of the bot arrives.

@see https://core.telegram.org/bots/api#sendchataction
*/
export const botApiRules: Rules<Arrival> = {
	ttl: 5000,
	shows: ({method, payload}) => (method === 'sendChatAction' ? String(payload['action']).toLowerCase() : undefined),
	// Edits, deletions, reactions and callback answers bring no new message, so they leave the indicator alone.
	clears: ({method}) => methods.get(method.toLowerCase())?.chat === 'send',
};
