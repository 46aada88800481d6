import type {Rules} from '../chat-view.ts';
import type {RestArrival} from './arrival.ts';
import {methods} from './methods.ts';

/** What the vendor's mobile client shows of version 1. Not documented; an older web client shows 35 s. */
const ttlOfVersion1 = 25_000;

/** "Determined by the server" where a call doesn't say. */
const usualDuration = 30;

const prefix = 'IMBOT_AGENT_ACTION_';

const does = ({method}: RestArrival) => methods.get(method.toLowerCase())?.does;

/**
What Bitrix24's clients make of a bot's calls.

What takes the indicator down is not documented. Here it is what does in the vendor's web client: a message, a changed and a deleted one.

@see https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/ui/chat-input-action-notify.html
*/
export const bitrix24Rules: Rules<RestArrival> = {
	ttl({method, payload}) {
		if (method === 'imbot.chat.sendTyping') return ttlOfVersion1;
		return Math.min(Math.max(Number(payload['duration'] ?? usualDuration), 1), 600) * 1000;
	},
	shows(entry) {
		if (does(entry) !== 'typing') return undefined;
		const {statusMessageCode: code} = entry.payload;
		return typeof code === 'string' && code.startsWith(prefix) ? code.slice(prefix.length).toLowerCase() : 'typing';
	},
	clears: entry => does(entry) === 'message' || does(entry) === 'change',
	message: entry => does(entry) === 'message',
};
