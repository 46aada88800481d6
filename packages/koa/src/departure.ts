import type {ServerResponse} from 'node:http';
import type {Socket} from 'node:net';

type Response = Pick<ServerResponse, 'writableFinished' | 'destroyed' | 'on' | 'socket' | 'req'>;

/** Whether nothing more can be sent: the response has left, or the client. */
export function isOver(res: Response): boolean {
	return res.writableFinished || res.destroyed || (isQueued(res) && res.req.socket.destroyed);
}

/** Calls `leave` when the response leaves, with the last byte of its body, or the client does. It may be called twice. */
export function whenOver(res: Response, leave: () => void): void {
	res.on('close', leave);
	if (isQueued(res)) {
		whenHungUp(res, leave);
	}
}

/** Resolves once the response has left, or the client has. */
// oxlint-disable-next-line promise-function-async -- one frame less to keep in memory while a handler works
export function over(res: Response): Promise<void> {
	return isOver(res) ? Promise.resolve() : new Promise(resolve => whenOver(res, resolve));
}

/** Whether others stand before it on the same connection. Until it is its turn it has none of its own, and Node forgets it when that ends. */
function isQueued({socket}: Response): boolean {
	return socket === null;
}

/** Who is told when a connection ends: one listener for each, however many stand in line there. */
const queues = new WeakMap<Socket, Set<() => void>>();

function whenHungUp(res: Response, leave: () => void): void {
	const {socket} = res.req;
	const queue = queues.get(socket) ?? new Set();
	if (!queues.has(socket)) {
		queues.set(socket, queue);
		socket.once('close', () => {
			for (const leave of queue) {
				leave();
			}
		});
	}

	queue.add(leave);
	res.on('close', () => queue.delete(leave));
}
