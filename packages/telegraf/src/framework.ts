import {Bots, type Connection, type Framework, type LetOut} from '@auto-typing/telegram';
import type {Context, Telegram} from 'telegraf';
import {Sender} from './sender.ts';
import {gateRequest, isFile} from './upload.ts';

/** What the middleware must know of Telegraf. */
const telegraf: Framework<Context, Telegram> = {
	botOf: ({botInfo}) => botInfo,
	clientOf: ({telegram}: {readonly telegram?: unknown}) => (isClient(telegram) ? telegram : undefined),
	isClient,
	isFile,
	connect,
};

/** The bots that run on Telegraf: `ctx.botInfo` is one object for the whole life of each. */
export const bots: Bots<Context, Telegram> = new Bots(telegraf);

function isClient(value: unknown): value is Telegram {
	const {options, callApi} = (value ?? {}) as Partial<Telegram>;
	return options !== undefined && typeof callApi === 'function';
}

type CallApi = (this: Telegram, ...call: Parameters<Telegram['callApi']>) => Promise<unknown>;

/**
A bot sees its messages by `callApi` of the client that Telegraf makes for each update: every method of a context and of its client goes there.
It becomes a member of that one client; what all clients share, and `bot.telegram`, stay as they are.

None of the methods that Telegraf puts into a webhook's response is a message: a message always has its own request.
*/
function connect({token, options}: Telegram, letOut: LetOut): Connection<Telegram> {
	const {apiRoot, apiMode, testEnv} = options;
	const sender = new Sender(token, options);
	// One for all clients, unless others have made something of theirs before us.
	const members = new WeakMap<CallApi, PropertyDescriptor>();
	const ours = new WeakSet<CallApi>();
	return {
		// Telegraf copies the options for every update, so it is what they say that counts.
		owns: ({token: other, options}) =>
			other === token && options.apiRoot === apiRoot && options.apiMode === apiMode && options.testEnv === testEnv,
		send: async (_client, payload, signal) => sender.send(payload, signal),
		watch(client) {
			const {callApi} = client as {readonly callApi: CallApi};
			if (!ours.has(callApi)) {
				let member = members.get(callApi);
				if (!member) {
					const value = watching(callApi, letOut);
					member = {value, configurable: true, writable: true};
					ours.add(value);
					members.set(callApi, member);
				}

				Object.defineProperty(client, 'callApi', member);
			}
		},
	};
}

function watching(callApi: CallApi, letOut: LetOut): CallApi {
	// oxlint-disable-next-line promise-function-async -- every call of a handler passes here
	return function (method, payload, options) {
		return letOut(method, payload, async gate => callApi.call(gate ? gateRequest(this, gate) : this, method, payload, options));
	};
}
