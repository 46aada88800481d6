import type {ServerResponse} from 'node:http';
import type {Socket} from 'node:net';

type Response = Pick<ServerResponse, 'writableFinished' | 'destroyed' | 'on' | 'socket' | 'req'>;

/** Whether nothing more can be sent: the response has left, or the client. */
export function isOver(res: Response): boolean {
	return res.writableFinished || res.destroyed || (isQueued(res) && res.req.socket.destroyed);
}

/** Calls `leave` once, when the response leaves with the last byte of its body, or when the client does. */
export function whenOver(res: Response, leave: () => void): void {
	if (!isQueued(res)) {
		res.on('close', leave);
		return;
	}

	const queue = queueOn(res.req.socket);
	const leaveQueue = () => {
		if (queue.delete(leaveQueue)) {
			leave();
		}
	};
	queue.add(leaveQueue);
	res.on('close', leaveQueue);
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

/** Who is told when a connection ends. */
const queues = new WeakMap<Socket, Set<() => void>>();

/** One listener for each connection, however many stand in line there. */
function queueOn(socket: Socket): Set<() => void> {
	let queue = queues.get(socket);
	if (!queue) {
		queue = new Set();
		queues.set(socket, queue);
		socket.once('close', leaveAll.bind(queue));
	}

	return queue;
}

function leaveAll(this: ReadonlySet<() => void>): void {
	for (const leave of this) {
		leave();
	}
}
