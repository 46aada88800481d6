import {randomBytes} from 'node:crypto';
import {current} from '../bot-api/options.ts';
import type {ChatView} from '../chat-view.ts';
import {random} from '../random.ts';
import type {MtprotoCall} from './call.ts';
import type {MtprotoFault} from './fault.ts';
import type {Peer} from './peers.ts';
import {MtprotoService, type MtprotoServiceOptions} from './service.ts';
import type {TlObject} from './tl-object.ts';
import {protocol} from './tl/protocol.ts';
import {Schema} from './tl/schema.ts';
import {AuthKey} from './wire/auth-key.ts';
import type {Server} from './wire/connection.ts';
import {Listener} from './wire/listener.ts';
import {ServerKey} from './wire/server-key.ts';
import type {MtprotoWriting} from './writing.ts';

/** How the server behaves. The starred ones can be changed while it runs, as properties of the server. */
export interface MtprotoServerOptions extends MtprotoServiceOptions {
	/** *How long a packet takes there and back, in milliseconds. @default 0 */
	readonly latency?: number | (() => number);
	/** *By how much each of the two ways may be longer or shorter, in milliseconds. Packets never overtake each other. @default 0 */
	readonly jitter?: number | (() => number);
	/** What the jitter is drawn from; the same seed, the same jitter. @default 1 */
	readonly seed?: number;
	/** The API's schema, for a client of another layer. @default that of GramJS */
	readonly schema?: string;
}

/**
Telegram's MTProto servers on this machine: real sockets, key exchange, encryption, sessions and calls.

It speaks TCP (full, abridged, intermediate, padded, each also obfuscated) and WebSocket on one port.

@see https://core.telegram.org/mtproto

@example
```ts
const server = await MtprotoServer.start({peers: [{id: 555, username: 'alice'}]});
const key = server.presharedKey(); // of a session that is logged in
server.write({peer: 555, text: 'hello'});
// …
server.chat(555).spans; // when the person saw which indicator
await server.close();
```
*/
export class MtprotoServer {
	/** Everything behind the wire. */
	readonly service: MtprotoService;
	latency: number | (() => number);
	jitter: number | (() => number);
	readonly #keys = new Map<string, AuthKey>();
	readonly #listener: Listener;
	#serverKey: ServerKey | undefined;

	/** Starts a server on a free port of the loopback interface. */
	static async start(options: MtprotoServerOptions = {}): Promise<MtprotoServer> {
		const server = new MtprotoServer(options, options.schema ?? (await schemaOfGramjs()));
		await server.#listener.listen();
		return server;
	}

	private constructor({latency = 0, jitter = 0, seed = 1, ...options}: MtprotoServerOptions, schema: string) {
		this.service = new MtprotoService(options);
		this.latency = latency;
		this.jitter = jitter;
		const draw = random(seed);
		const server: Server = {
			schema: new Schema(schema, protocol),
			salt: randomBytes(8).readBigInt64LE(),
			keys: this.#keys,
			call: async request => this.service.call(request),
			serverKey: () => this.#key,
			oneWay: () => current(this.latency) / 2 + (draw() * 2 - 1) * current(this.jitter),
		};
		this.#listener = new Listener(server);
		this.service.onPush(({account, updates, origin}) => {
			for (const key of this.#keys.values()) {
				if (key.account?.id !== account.id) continue;
				for (const session of key.sessions.values()) if (session !== origin) session.push(updates);
			}
		});
	}

	/** Where it listens on 127.0.0.1, for TCP and for `ws://127.0.0.1:…/apiws`. */
	get port(): number {
		return this.#listener.port;
	}

	/** The account that calls unless another one is named. */
	get account(): Peer {
		return this.service.account;
	}

	/** What the account logs in with, if it is a bot. */
	get token(): string {
		return this.service.tokenOf();
	}

	/** What a client needs to know for a full key exchange: the server's RSA key. */
	get publicKey(): {readonly modulus: bigint; readonly exponent: number; readonly fingerprint: bigint} {
		const {modulus, exponent, fingerprint} = this.#key;
		return {modulus, exponent, fingerprint};
	}

	/** Every call that arrived, in order. */
	get log(): readonly MtprotoCall[] {
		return this.service.log;
	}

	/** How the clients that are connected talk: `full`, `obfuscated abridged`… */
	get transports(): readonly string[] {
		return [...this.#listener.connections].map(({transport}) => transport ?? 'silent');
	}

	/** A key with which the account is logged in, 256 bytes: a session without key exchange or login, as in a session string. */
	presharedKey(account: Peer = this.account): Buffer {
		const secret = randomBytes(256);
		const key = new AuthKey(secret, account);
		this.#keys.set(key.id.toString('hex'), key);
		return secret;
	}

	/** Somebody writes to the account. @returns the `message` */
	write(writing: MtprotoWriting): TlObject {
		return this.service.write(writing);
	}

	/** Makes calls go wrong. @returns a function that ends it */
	fail(fault: MtprotoFault): () => void {
		return this.service.fail(fault);
	}

	/** What a person saw of the account in that chat and topic; in a forum without `topic`, in General. */
	chat(peer: number, part: {topic?: number; account?: Peer} = {}): ChatView<MtprotoCall> {
		return this.service.chat(peer, part);
	}

	/** Calls the listener with every call once its outcome is known. @returns a function that ends it */
	listen(listener: (call: MtprotoCall) => void): () => void {
		return this.service.listen(listener);
	}

	/** The next call that matches, once its outcome is known: what a test waits for instead of sleeping. */
	async next(match: string | ((call: MtprotoCall) => boolean)): Promise<MtprotoCall> {
		return this.service.next(match);
	}

	/** Cuts every connection. What is under way on them is lost; clients may connect again. */
	drop(): void {
		for (const connection of this.#listener.connections) connection.close();
	}

	/** Ends every connection and stops listening. */
	async close(): Promise<void> {
		await this.#listener.close();
	}

	/** Made when it is asked for: it takes longer than everything else, and a shared key does without. */
	get #key(): ServerKey {
		return (this.#serverKey ??= new ServerKey());
	}
}

/**
The text alone, and nothing of the client's code. It is read from the very package that the tests and examples run, so that the
constructors' ids always are the client's.
*/
async function schemaOfGramjs(): Promise<string> {
	const {default: schema} = await import('telegram/tl/apiTl.js');
	return schema;
}
