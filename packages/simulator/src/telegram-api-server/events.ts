import {WebSocketServer, type WebSocket} from 'ws';
import type {Duplex} from 'node:stream';
import type {IncomingMessage} from 'node:http';

/** Everybody who listens at `/events`. Nothing is kept for those who don't. */
export class Events {
	readonly #server = new WebSocketServer({noServer: true});
	/** Which session each of them listens to; all of them without one. */
	readonly #listeners = new Map<WebSocket, string | undefined>();
	readonly #frozen = new Set<WebSocket>();

	get size(): number {
		return this.#listeners.size;
	}

	accept(request: IncomingMessage, socket: Duplex, head: Buffer, session: string | undefined): void {
		this.#server.handleUpgrade(request, socket, head, listener => {
			this.#listeners.set(listener, session);
			listener.on('close', () => this.#listeners.delete(listener));
			listener.on('error', () => {});
		});
	}

	/** Tells everybody who listens to the session. */
	tell(session: string, update: unknown): void {
		const text = JSON.stringify({jsonrpc: '2.0', result: {session, update}, id: null});
		for (const [listener, wanted] of this.#listeners) {
			if ((wanted === undefined || wanted === session) && !this.#frozen.has(listener)) listener.send(text);
		}
	}

	/** Sends a text to everybody, whatever it is. */
	say(text: string): void {
		for (const listener of this.#listeners.keys()) listener.send(text);
	}

	/** Cuts all connections, without a word. */
	drop(): void {
		for (const listener of this.#listeners.keys()) listener.terminate();
	}

	/** From now on those who listen hear nothing more, not even answers to their pings, and aren't told why: a cable was pulled. */
	freeze(): void {
		for (const listener of this.#listeners.keys()) {
			listener.pause();
			this.#frozen.add(listener);
		}
	}
}
