import {Address} from './address.ts';
import {EventStream} from './event-stream.ts';
import {MessageEvent, type Message, type TlObject} from './message-event.ts';
import {checkFunction, checkOptions, print, type MadelineProtoOptions} from './options.ts';
import {checkCall, request, type Call, type CallOptions} from './request.ts';

/** What stands between a client and its user. Each may be left out. */
export interface ClientMiddleware {
	/** Around every call. */
	call?(call: Call, next: (call: Call) => Promise<unknown>): Promise<unknown>;

	/** Around all handlers of a message. */
	handle?(event: MessageEvent, next: () => Promise<void>): Promise<void>;

	/** Before the client closes. */
	close?(): Promise<unknown>;
}

export type MessageHandler = (event: MessageEvent) => unknown;

type UpdateHandler = (update: TlObject, session: string) => unknown;

/**
A client of MadelineProto, through its HTTP server.

@see https://github.com/xtrime-ru/TelegramApiServer
@example
```ts
import {autoTyping, MadelineProto} from '@auto-typing/madelineproto';

declare const ask: (question: string, signal: AbortSignal) => Promise<string>;

const client = new MadelineProto('http://127.0.0.1:9503');
autoTyping(client);
client.onMessage(async event => event.reply(await ask(event.text, event.typing.signal)));
await client.start();
```
*/
export class MadelineProto {
	readonly #address: Address;
	readonly #stream: EventStream;
	readonly #onError: NonNullable<MadelineProtoOptions['onError']>;
	readonly #middleware: ClientMiddleware[] = [];
	readonly #messageHandlers = new Set<MessageHandler>();
	readonly #updateHandlers = new Set<UpdateHandler>();
	#started: Promise<void> | undefined;
	#closed: Promise<void> | undefined;

	/** @throws {TypeError | RangeError} For a wrong option: names it, and what it expects; no secret is in it. */
	constructor(url: string | URL, options: MadelineProtoOptions = {}) {
		const {heartbeat = 15_000, onError = print} = checkOptions(options);
		this.#address = new Address(url, options);
		this.#onError = onError;
		this.#stream = new EventStream({
			url: this.#address.events,
			headers: this.#address.headers,
			heartbeat,
			onData: text => this.#hear(text),
			onError: error => this.#tell(error),
		});
	}

	/** The session of the options. */
	get session(): string | undefined {
		return this.#address.session;
	}

	/**
	Call any method of Telegram, or of MadelineProto.

	@param method - With its namespace: `messages.sendMessage`.
	@param parameters - In the words of the schema.
	@throws {MadelineProtoError} When it is refused. {TypeError} When the server can't be reached.
	@see https://docs.madelineproto.xyz/API_docs/methods/
	*/
	async call<Result = unknown>(method: string, parameters: object = {}, options: CallOptions = {}): Promise<Result> {
		checkCall(method, parameters, options);
		let next = async (call: Call): Promise<unknown> => request(this.#address, call);
		for (const middleware of this.#middleware) {
			const inner = next;
			next = async call => middleware.call?.(call, inner) ?? inner(call);
		}

		return next({...options, method, parameters}) as Promise<Result>;
	}

	/**
	Write to somebody: `messages.sendMessage`.

	@param peer - The number of a chat as in the Bot API, a `@name`, or an object of the schema.
	@param parameters - Further ones: `parse_mode`, `reply_to`…
	@throws {MadelineProtoError} When the message is refused.
	*/
	async sendMessage(peer: number | string | object, message: string, parameters: object = {}, options: CallOptions = {}): Promise<unknown> {
		return this.call('messages.sendMessage', {peer, message, ...parameters}, options);
	}

	/**
	Hear of every message that somebody else writes. Messages are handled side by side.

	@returns A function that ends it.
	@throws {TypeError} When `handler` is no function.
	*/
	onMessage(handler: MessageHandler): () => void {
		return listen(this.#messageHandlers, handler);
	}

	/**
	Hear of every update, as MadelineProto writes it, own messages included.

	@returns A function that ends it.
	@throws {TypeError} When `handler` is no function.
	*/
	onUpdate(handler: UpdateHandler): () => void {
		return listen(this.#updateHandlers, handler);
	}

	/** Put something between the client and its user. What was added last comes first. */
	use(middleware: ClientMiddleware): void {
		this.#middleware.push(middleware);
	}

	/**
	Begin to hear of messages. Settles when the connection is there; when it is gone later it is made anew.

	@throws {MadelineProtoError} When the server refuses: 401 for a wrong password. A server that can't be reached is asked again.
	*/
	async start(): Promise<void> {
		this.#started ??= this.#stream.open();
		return this.#started;
	}

	/** Hear no more, for good, and end what middleware has begun. Handlers that are at work may go on to call. */
	async close(): Promise<void> {
		this.#stream.close();
		this.#closed ??= Promise.all(this.#middleware.map(async middleware => middleware.close?.())).then(() => {});
		return this.#closed;
	}

	#hear(text: string): void {
		let event: {result?: {session?: string; update?: TlObject} | null} | null;
		try {
			event = JSON.parse(text) as typeof event;
		} catch (error) {
			this.#tell(error);
			return;
		}

		const {session = '', update} = event?.result ?? {};
		if (typeof update !== 'object' || update === null) {
			return;
		}

		for (const handler of this.#updateHandlers) {
			void this.#quietly(async () => handler(update, session));
		}

		const message = update['message'] as Message | undefined;
		if (/^updateNew(?:Channel)?Message$/.test(update._) && message?._ === 'message' && !message.out) {
			void this.#handle(new MessageEvent(this, session, message));
		}
	}

	/** One handler after the other, like GramJS: what one of them throws is no matter of the next. */
	async #handle(event: MessageEvent): Promise<void> {
		let next = async (): Promise<void> => {
			for (const handler of this.#messageHandlers) {
				await this.#quietly(async () => handler(event), event);
			}
		};
		for (const middleware of this.#middleware) {
			const inner = next;
			next = async () => middleware.handle?.(event, inner) ?? inner();
		}

		await this.#quietly(next, event);
	}

	async #quietly(work: () => Promise<unknown>, event?: MessageEvent): Promise<void> {
		try {
			await work();
		} catch (error) {
			this.#tell(error, event);
		}
	}

	#tell(error: unknown, event?: MessageEvent): void {
		void this.#report(error, event);
	}

	async #report(error: unknown, event: MessageEvent | undefined): Promise<void> {
		try {
			await this.#onError(error, event);
		} catch (problem) {
			print(problem);
		}
	}
}

function listen<Handler>(handlers: Set<Handler>, handler: Handler): () => void {
	checkFunction('handler', handler);
	handlers.add(handler);
	return () => handlers.delete(handler);
}
