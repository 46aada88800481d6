import {createServer as createHttpServer, type Server as HttpServer} from 'node:http';
import {createServer, type AddressInfo, type Server as TcpServer, type Socket} from 'node:net';
import {WebSocketServer} from 'ws';
import {Connection, type Server} from './connection.ts';

/**
One port of the loopback interface for plain TCP and for WebSocket.

The first bytes tell them apart: a client of the plain transports never begins with `GET `, and may not.
@see https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
*/
export class Listener {
	readonly connections: Set<Connection> = new Set();
	readonly #server: Server;
	readonly #tcp: TcpServer;
	readonly #http: HttpServer;
	readonly #sockets = new Set<Socket>();

	constructor(server: Server) {
		this.#server = server;
		this.#tcp = createServer({noDelay: true}, socket => this.#greet(socket));
		this.#http = createHttpServer((_request, response) => response.writeHead(404).end());
		const upgrade = new WebSocketServer({
			server: this.#http,
			path: '/apiws',
			handleProtocols: offered => offered.has('binary') && 'binary',
		});
		upgrade.on('connection', socket => {
			const connection = this.#connect({write: bytes => socket.send(bytes), destroy: () => socket.terminate()});
			socket.on('message', data => connection.receive(data as Buffer));
			socket.on('close', () => connection.close());
			socket.on('error', () => connection.close());
		});
	}

	/** Starts listening on a free port. */
	async listen(): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			this.#tcp.once('error', reject).listen(0, '127.0.0.1', resolve);
		});
	}

	get port(): number {
		return (this.#tcp.address() as AddressInfo).port;
	}

	async close(): Promise<void> {
		for (const connection of this.connections) connection.close();
		for (const socket of this.#sockets) socket.destroy();
		this.#http.close();
		if (!this.#tcp.listening) return;
		await new Promise(resolve => {
			this.#tcp.close(resolve);
		});
	}

	#greet(socket: Socket): void {
		this.#sockets.add(socket);
		socket.on('close', () => this.#sockets.delete(socket));
		// A client that goes away in the middle is no error of the server's; `close` follows.
		socket.on('error', () => {});
		socket.once('data', first => {
			if (first.toString('latin1', 0, 4) === 'GET ') {
				this.#http.emit('connection', socket);
				socket.unshift(first);
				return;
			}

			const connection = this.#connect(socket);
			socket.on('close', () => connection.close());
			socket.on('data', bytes => connection.receive(bytes));
			connection.receive(first);
		});
	}

	#connect(socket: {write(bytes: Buffer): unknown; destroy(): unknown}): Connection {
		const connection: Connection = new Connection(this.#server, {
			write: bytes => void socket.write(bytes),
			destroy: () => void socket.destroy(),
		});
		this.connections.add(connection);
		connection.signal.addEventListener('abort', () => this.connections.delete(connection));
		return connection;
	}
}
