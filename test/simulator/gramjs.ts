import {MtprotoServer, type MtprotoServerOptions, type Peer} from '@auto-typing/simulator';
import type {ExecutionContext} from 'ava';
import {TelegramClient} from 'telegram';
import type {TelegramClientParams} from 'telegram/client/telegramBaseClient.js';
import {AuthKey} from 'telegram/crypto/AuthKey.js';
import {_serverKeys} from 'telegram/crypto/RSA.js';
import {Logger, LogLevel} from 'telegram/extensions/Logger.js';
import {PromisedNetSockets, PromisedWebSockets} from 'telegram/extensions/index.js';
import {returnBigInt} from 'telegram/Helpers.js';
import {ConnectionTCPAbridged, ConnectionTCPFull, ConnectionTCPObfuscated} from 'telegram/network/connection/index.js';
import {StringSession} from 'telegram/sessions/index.js';

const connections = {
	full: ConnectionTCPFull,
	abridged: ConnectionTCPAbridged,
	obfuscated: ConnectionTCPObfuscated,
	websocket: ConnectionTCPObfuscated,
} as const;

export type Transport = keyof typeof connections;

export interface ClientOptions extends TelegramClientParams {
	/** @default 'full' */
	readonly transport?: Transport;
	/** Whose shared key it has; `null` for none, so that it has to log in. @default the server's account */
	readonly account?: Peer | null;
}

/** A server that ends with the test. */
export async function serve(t: ExecutionContext, options?: MtprotoServerOptions): Promise<MtprotoServer> {
	const server = await MtprotoServer.start({peers: [{id: 555, username: 'alice', first_name: 'Alice'}], ...options});
	t.teardown(async () => server.close());
	return server;
}

/** A GramJS client aimed at the server, not connected yet. It ends with the test. */
export async function clientOf(t: ExecutionContext, server: MtprotoServer, options: ClientOptions = {}): Promise<TelegramClient> {
	const {transport = 'full', account = server.account, ...parameters} = options;
	const session = new StringSession('');
	// The port of a session is ignored, and saving one above 32767 throws.
	session.setDC(2, '127.0.0.1', 443);
	if (account) {
		const key = new AuthKey();
		await key.setKey(server.presharedKey(account));
		session.setAuthKey(key);
	} else {
		const {modulus, exponent, fingerprint} = server.publicKey;
		_serverKeys.set(String(fingerprint), {n: returnBigInt(modulus), e: exponent});
	}

	const client = new TelegramClient(session, 1, 'hash', {
		connection: aimed(connections[transport], server.port),
		networkSocket: transport === 'websocket' ? PromisedWebSockets : PromisedNetSockets,
		// A key that begins with a zero byte is one of 256, and the exchange has to be done again.
		connectionRetries: 5,
		retryDelay: 10,
		baseLogger: new Logger(LogLevel.NONE),
		...parameters,
	});
	t.teardown(async () => end(client));
	return client;
}

/** What GramJS keeps for its uploads: connections by data centre, and when each of them is to go. */
interface Exported {
	readonly _exportedSenderPromises: Map<number, Promise<{disconnect(): Promise<void>}>>;
	readonly _exportedSenderReleaseTimeouts: Map<number, NodeJS.Timeout>;
}

/**
Ends a client for good. `destroy()` forgets the connections it made for uploads: they would hold the process for 30 s, and
connect again when their server goes.
*/
async function end(client: TelegramClient): Promise<void> {
	const {_exportedSenderPromises: senders, _exportedSenderReleaseTimeouts: timers} = client as unknown as Exported;
	for (const sender of senders.values()) await (await sender).disconnect();
	for (const timer of timers.values()) clearTimeout(timer);
	await client.destroy();
}

/** A server and a client that is connected to it with a shared key. */
export async function connected(
	t: ExecutionContext,
	{server: options, ...rest}: ClientOptions & {readonly server?: MtprotoServerOptions} = {},
) {
	const server = await serve(t, options);
	const client = await clientOf(t, server, rest);
	await client.connect();
	return {server, client};
}

/** GramJS always connects to port 80 or 443, so the port has to be put in where the socket is made. */
function aimed<Base extends (typeof connections)[Transport]>(base: Base, port: number): Base {
	const Aimed = class extends (base as typeof ConnectionTCPFull) {
		constructor(parameters: ConstructorParameters<typeof ConnectionTCPFull>[0]) {
			super({...parameters, port});
		}
	};
	return Aimed as unknown as Base;
}
