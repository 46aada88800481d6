import {setMaxListeners} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {createServer as createSecureServer} from 'node:https';
import type {AddressInfo} from 'node:net';

/** Takes a request. The signal is aborted when its connection ends, or when it has been answered. */
type Handler = (request: IncomingMessage, response: ServerResponse, hungUp: AbortSignal) => Promise<void>;

/** An HTTP server on the loopback interface of this machine. */
export class Loopback {
	readonly server: Server;
	/** Where it listens, with no slash at the end. */
	readonly url: string;
	readonly #closed = new AbortController();

	/** Starts listening, on a free port unless it is told one. With a certificate it speaks HTTPS. */
	static async start(port = 0, certificate?: {readonly key: string; readonly cert: string}): Promise<Loopback> {
		const server = certificate ? createSecureServer(certificate) : createServer();
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject).listen(port, '127.0.0.1', resolve);
		});
		return new Loopback(server, certificate ? 'https' : 'http');
	}

	private constructor(server: Server, scheme: string) {
		this.server = server;
		this.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
		// A client that reuses a connection just when it times out would see a reset nobody asked for.
		server.keepAliveTimeout = 0;
		setMaxListeners(0, this.closed); // Every request on its way waits for it.
	}

	/** Aborted when it closes: for whatever else the service has under way. */
	get closed(): AbortSignal {
		return this.#closed.signal;
	}

	serve(handle: Handler): void {
		this.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
			const hungUp = new AbortController();
			response.on('close', () => hungUp.abort());
			handle(request, response, hungUp.signal).catch((error: unknown) => response.destroy(error as Error));
		});
	}

	/** Ends every connection. */
	async close(): Promise<void> {
		this.#closed.abort();
		if (!this.server.listening) return;
		const closed = new Promise(resolve => {
			this.server.once('close', resolve);
		});
		this.server.close();
		this.server.closeAllConnections();
		await closed;
	}
}
