import type {Rules} from '../chat-view.ts';
import type {LinqArrival} from './arrival.ts';

/**
What an iPhone makes of a bot's requests: typing shows until it ends, is stopped, or a message arrives.

@param ttl - How long it shows, in milliseconds. The guide says "approximately 60 seconds", newer texts 85 to 90: 60 s is the worst case for
gaps, 90 s for what is left over after a reply.
@see https://docs.linqapp.com/guides/chats/typing-indicators/
*/
export function linqRules(ttl: number = 90_000): Rules<LinqArrival> {
	return {
		ttl,
		shows: ({method}) => (method === 'typing.start' ? 'typing' : undefined),
		clears: entry => isMessage(entry) || entry.method === 'typing.stop',
		message: isMessage,
	};
}

function isMessage({method}: LinqArrival): boolean {
	return method === 'messages.send' || method === 'voicememo.send';
}
