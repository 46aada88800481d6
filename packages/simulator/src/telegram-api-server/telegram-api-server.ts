import type {IncomingMessage, ServerResponse} from 'node:http';
import type {Duplex} from 'node:stream';
import {breakOff, type Breakage} from '../breakage.ts';
import {Loopback} from '../loopback.ts';
import type {Payload} from '../mtproto/call.ts';
import type {Peer} from '../mtproto/peers.ts';
import {MtprotoService} from '../mtproto/service.ts';
import {wait} from '../wait.ts';
import {failure, refusal, success, textOf, write, type Answer} from './answer.ts';
import {refuse, type Door} from './door.ts';
import {Events} from './events.ts';
import {exceptionOf, PhpException} from './exception.ts';
import {outgoing, plain, translate, updatesIn} from './madeline.ts';
import {readParameters} from './parameters.ts';
import {Sessions} from './sessions.ts';

/** How the server is set up. */
export interface TelegramApiServerOptions extends Partial<Door> {
	/** Telegram behind it. @default one of its own, for a bot */
	readonly service?: MtprotoService;
	/** The accounts by the names of their sessions. @default the account of the service, as `bot` */
	readonly sessions?: Readonly<Record<string, Peer>>;
}

/** What may come instead of an answer: a proxy's page, or an answer that was cut off in the middle. */
export type Garbage = 'html' | 'malformed';

const badGateway = '<html><title>502 Bad Gateway</title></html>';

/** MadelineProto sleeps on a flood wait up to this many seconds, its `flood_timeout`, and passes a longer one on. */
const floodTimeout = 5;

/**
MadelineProto behind its HTTP server, TelegramApiServer: what the real one answered to the requests that a bot makes, refusals included.

@see https://github.com/xtrime-ru/TelegramApiServer

@example
```ts
const server = await TelegramApiServer.start();
server.service.write({peer: 555, text: 'hello'});
await fetch(`${server.url}/api/messages.setTyping?peer=555&action[_]=sendMessageTypingAction`);
server.service.chat(555).spans; // sendMessageTypingAction for 6 s
await server.close();
```
*/
export class TelegramApiServer {
	/** Where it listens. */
	readonly url: string;
	readonly service: MtprotoService;
	/** How long a file takes that a message brings along, in milliseconds: the message lands after it. */
	uploadTime = 0;
	readonly #door: Door;
	readonly #loopback: Loopback;
	readonly #sessions = new Sessions();
	readonly #events = new Events();
	readonly #garbage: Garbage[] = [];
	readonly #stopListening: () => void;

	/** Starts a server on a free port of the loopback interface, or on that one. */
	static async start(options: TelegramApiServerOptions = {}, port = 0): Promise<TelegramApiServer> {
		return new TelegramApiServer(await Loopback.start(port), options);
	}

	private constructor(loopback: Loopback, options: TelegramApiServerOptions) {
		const {service = new MtprotoService({account: {id: 777_000_111, bot: true}}), allow = [], passwords = {}, from = '127.0.0.1'} = options;
		this.#loopback = loopback;
		this.url = loopback.url;
		this.service = service;
		this.#door = {from, allow, passwords};
		for (const [name, account] of Object.entries(options.sessions ?? {bot: service.account})) this.#sessions.add(name, account);
		loopback.serve(async (request, response) => this.#handle(request, response));
		loopback.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head));
		this.#stopListening = service.onPush(({account, updates}) => {
			for (const session of this.#sessions.of(account)) {
				for (const update of updatesIn(updates)) this.#events.tell(session, update);
			}
		});
	}

	/** How many listen to events. */
	get listeners(): number {
		return this.#events.size;
	}

	/** What the next so many calls are answered with instead. */
	garble(garbage: Garbage, times = 1): void {
		for (let count = 0; count < times; count++) this.#garbage.push(garbage);
	}

	/** Cuts all connections over which events go out. What happens until they are there again is lost. */
	dropEvents(): void {
		this.#events.drop();
	}

	/** From now on nothing comes over the connections that are there for events, and nothing tells that they are dead. */
	freezeEvents(): void {
		this.#events.freeze();
	}

	/** Sends a text to all who listen to events, whatever it is. */
	say(text: string): void {
		this.#events.say(text);
	}

	async close(): Promise<void> {
		this.#stopListening();
		this.#events.drop();
		await this.#loopback.close();
	}

	async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const parameters = await readParameters(request).catch(() => undefined);
		// The client went away in the middle of its request.
		if (!parameters) return;
		const [path = ''] = (request.url ?? '').split('?');
		const {session, method} = /^\/api\/(?:(?<session>.*[^/])\/)?(?<method>[^/]+)\/?$/.exec(path)?.groups ?? {};
		const refused = refuse(this.#door, request.headers.authorization);
		if (/^\/events(?:\/|$)/.test(path)) return void response.writeHead(426, {upgrade: 'websocket'}).end();
		if (method === undefined) return write(response, refusal(404, 'Path not found'));
		if (!/^(?:GET|POST)$/.test(request.method ?? '')) return void response.writeHead(405, {allow: 'GET, POST'}).end();
		if (refused) return write(response, refused);
		const garbage = this.#garbage.shift();
		if (garbage === 'html') return breakOff(response, 'html', badGateway);
		// It goes on if the client hangs up: PHP notices at the answer.
		const answer = await this.#answer(decoded(session), method, parameters);
		if (typeof answer === 'string') return breakOff(response, answer, badGateway);
		if (garbage === 'malformed') {
			const text = textOf(answer);
			return void response.writeHead(answer.status, {'content-type': 'application/json;charset=utf-8'}).end(text.slice(0, text.length / 2));
		}

		write(response, answer);
	}

	async #answer(session: string | undefined, name: string, parameters: Payload): Promise<Answer | Breakage> {
		try {
			const caller = this.#sessions.get(session);
			const {method, payload: translated} = translate(name, parameters);
			const payload = outgoing(method, translated);
			if ('media' in payload || 'multi_media' in payload) await wait(this.uploadTime, this.#loopback.closed);
			const answer = await this.#patiently(async () => this.service.call({caller, method, payload, signal: this.#loopback.closed}));
			if ('broken' in answer) return answer.broken === 'drop' ? 'reset' : 'hang';
			if ('error' in answer) throw exceptionOf(answer.error);
			return success(plain(answer.result));
		} catch (error) {
			if (error instanceof PhpException) return failure(error);
			throw error;
		}
	}

	/** Sleeps on a short flood wait and calls again. */
	async #patiently(call: () => ReturnType<MtprotoService['call']>): ReturnType<MtprotoService['call']> {
		for (;;) {
			const answer = await call();
			const seconds = 'error' in answer ? /^FLOOD_WAIT_(\d+)$/.exec(answer.error.message)?.[1] : undefined;
			if (seconds === undefined || Number(seconds) > floodTimeout || !(await wait(Number(seconds) * 1000, this.#loopback.closed)))
				return answer;
		}
	}

	#upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
		const [path = ''] = (request.url ?? '').split('?');
		const {session, events} = /^\/(?<events>events)(?:\/(?<session>.*[^/]))?\/?$/.exec(path)?.groups ?? {};
		const refused = events === undefined ? refusal(404, 'Path not found') : refuse(this.#door, request.headers.authorization);
		try {
			if (refused) return reject(socket, refused.status, textOf(refused));
			if (session !== undefined) this.#sessions.get(decoded(session));
			this.#events.accept(request, socket, head, decoded(session));
		} catch (error) {
			reject(socket, 404, (error as Error).message);
		}
	}
}

function decoded(session: string | undefined): string | undefined {
	return session === undefined ? undefined : decodeURIComponent(session);
}

/** Answers a request for a WebSocket with something else. */
function reject(socket: Duplex, status: number, body: string): void {
	socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}
