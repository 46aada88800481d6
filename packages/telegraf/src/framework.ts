import {Bots, type Connection, type Framework, type LetOut} from '@auto-typing/telegram';
import type {Context, Telegram} from 'telegraf';
import {Sender} from './sender.ts';
import {gateRequest, isFile} from './upload.ts';

/** What the middleware must know of Telegraf. */
const telegraf: Framework<Context, Telegram> = {
	botOf: ({botInfo}) => botInfo,
	clientOf: ({telegram}) => telegram,
	isFile,
	connect,
};

/** The bots that run on Telegraf: `ctx.botInfo` is one object for the whole life of each. */
export const bots: Bots<Context, Telegram> = new Bots(telegraf);

/**
A bot sees its messages by `callApi` of the client that Telegraf makes for each update: every method of a context and of its client goes there.
It becomes a member of that one client; what all clients share, and `bot.telegram`, stay as they are.

None of the methods that Telegraf puts into a webhook's response is a message: a message always has its own request.
*/
function connect({token, options: {apiRoot, apiMode, testEnv}, options}: Telegram, letOut: LetOut): Connection<Telegram> {
	const sender = new Sender(token, options);
	const watched = new WeakSet<Telegram>();
	const callApi = callApiFor(letOut);
	return {
		// Telegraf copies the options for every update, so it is what they say that counts.
		owns: ({token: other, options}) =>
			other === token && options.apiRoot === apiRoot && options.apiMode === apiMode && options.testEnv === testEnv,
		send: async (_client, payload, signal) => sender.send(payload, signal),
		watch(client) {
			if (!watched.has(client)) {
				watched.add(client);
				// What others made of this very client before us is called, too.
				const value = Object.hasOwn(client, 'callApi') ? callApiFor(letOut, client.callApi) : callApi;
				Object.defineProperty(client, 'callApi', {value, configurable: true, writable: true});
			}
		},
	};
}

/** One function for all clients: it asks which one it was called on. */
function callApiFor(letOut: LetOut, previous?: Telegram['callApi']): Telegram['callApi'] {
	// oxlint-disable-next-line promise-function-async -- every call of a handler passes here
	return function (this: Telegram, method, payload, options) {
		const call = previous ?? (Object.getPrototypeOf(this) as Telegram).callApi;
		// oxlint-disable-next-line promise-function-async -- as above
		return letOut(method, payload, gate => call.call(gate ? gateRequest(this, gate) : this, method, payload, options)) as ReturnType<typeof call>;
	} as Telegram['callApi'];
}
