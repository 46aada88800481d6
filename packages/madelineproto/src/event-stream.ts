import {WebSocket} from 'ws';
import {MadelineProtoError} from './error.ts';

/** The first pause before connecting again, and the longest, in milliseconds. */
const firstPause = 250;
const longestPause = 10_000;

/** A server that doesn't answer the request for a connection is given up after this many milliseconds. */
const handshake = 10_000;

/** What to look at when the server refuses. */
const hints: Readonly<Record<number, string>> = {
	401: ': the username or the password is missing or wrong',
	404: ': no such session, or a wrong path in the URL',
};

/** What the stream needs to know. */
export interface EventStreamOptions {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;

	/** How often the other end has to give a sign of life, in milliseconds. */
	readonly heartbeat: number;

	/** Hears of every event, as it was written. */
	readonly onData: (text: string) => void;

	/** Hears why the connection is not there. */
	readonly onError: (error: unknown) => void;
}

/**
The events of a TelegramApiServer, over a WebSocket that is made again whenever it is gone.

The server keeps nothing for those who are away. So the thing to do is to notice soon: it answers our pings, and one that doesn't is dead.
*/
export class EventStream {
	readonly #options: EventStreamOptions;
	#socket: WebSocket | undefined;
	#isClosed = false;
	#failures = 0;
	/** Whether there was a sign of life since the last ping. */
	#isAlive = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#settle: {readonly resolve: () => void; readonly reject: (error: unknown) => void} | undefined;

	constructor(options: EventStreamOptions) {
		this.#options = options;
	}

	/**
	Settles when the first connection is there. Later ones are made without a word.

	@throws {MadelineProtoError} When the server refuses us; one that can't be reached is asked again.
	*/
	async open(): Promise<void> {
		if (this.#isClosed) {
			return; // Shut down before it began: a connection now would be nobody's to end.
		}

		return new Promise((resolve, reject) => {
			this.#settle = {resolve, reject};
			this.#connect();
		});
	}

	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
		this.#socket?.terminate();
		this.#settle?.resolve();
	}

	#connect(): void {
		const {url, headers, onData, onError} = this.#options;
		const socket = new WebSocket(url, {headers, handshakeTimeout: handshake, perMessageDeflate: false});
		const alive = () => (this.#isAlive = true);
		let refusal: MadelineProtoError | undefined;
		// It was no good to begin with: wrong password, no such session. Whoever starts is told, and nobody else.
		const isHopeless = () => refusal !== undefined && refusal.status < 500 && this.#settle !== undefined;
		this.#socket = socket;
		socket.on('open', () => {
			this.#settle?.resolve();
			this.#settle = undefined;
			this.#beat(socket);
		});
		socket.on('message', data => {
			alive();
			this.#failures = 0;
			onData((data as Buffer).toString());
		});
		socket.on('ping', alive);
		socket.on('pong', alive);
		socket.on('unexpected-response', (_request, {statusCode = 0}) => {
			const message = `TelegramApiServer refused to tell events: HTTP ${statusCode}${hints[statusCode] ?? ''}`;
			refusal = new MadelineProtoError('events', statusCode, {message});
			socket.terminate();
		});
		socket.on('error', error => {
			if (!this.#isClosed && !isHopeless()) {
				onError(refusal ?? error);
			}
		});
		socket.on('close', () => {
			clearTimeout(this.#timer);
			if (isHopeless()) {
				this.#settle?.reject(refusal);
				this.#isClosed = true;
			} else if (!this.#isClosed) {
				this.#connectLater();
			}
		});
	}

	/** It is not `unref`ed: a bot that waits for its server must not end. */
	#connectLater(): void {
		const pause = Math.min(firstPause * 2 ** this.#failures, longestPause);
		this.#failures++;
		// Many bots of one server must not come back at once.
		this.#timer = setTimeout(() => this.#connect(), pause * (0.5 + Math.random() / 2));
	}

	/** Ask for a sign of life, and give up on a connection that has given none since. */
	#beat(socket: WebSocket): void {
		this.#isAlive = false;
		socket.ping();
		this.#timer = setTimeout(() => {
			if (this.#isAlive) {
				this.#failures = 0;
				this.#beat(socket);
			} else {
				socket.terminate();
			}
		}, this.#options.heartbeat);
	}
}
