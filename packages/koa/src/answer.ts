import type {ServerResponse} from 'node:http';
import type {ParameterizedContext} from 'koa';
import {checkStatus} from './options.ts';

type Response = Pick<ServerResponse, 'writableFinished' | 'destroyed' | 'on'>;

/** The requests that were answered before their work began. */
const answered = new WeakSet<object>();

/** Whether this request was answered before its work began. */
export function isAnswered(ctx: object): boolean {
	return answered.has(ctx);
}

/**
Makes the answer. It leaves by itself, when all middleware has returned.

@throws {RangeError | Error} When it is none that a sender takes for one, or nobody has read the request.
*/
export async function answer<Ctx extends ParameterizedContext<unknown, unknown>>(
	ctx: Ctx,
	respond: number | ((ctx: Ctx) => unknown),
): Promise<void> {
	checkRead(ctx);
	if (typeof respond === 'number') {
		ctx.status = respond;
	} else {
		await respond(ctx);
		checkStatus('`respond` to answer with', ctx.status);
	}

	answered.add(ctx);
}

/** Node throws away what nobody has read of a request, once that is answered: a parser further in would wait for nothing. */
function checkRead({req, request}: ParameterizedContext<unknown, unknown>): void {
	const hasBody = 'transfer-encoding' in req.headers || Number(req.headers['content-length'] ?? 0) > 0;
	if (hasBody && !req.readableEnded && (request as {body?: unknown}).body === undefined) {
		throw new Error('Nobody has read the body of this request, and `respond` would lose it: put the body parser before `autoTyping`');
	}
}

/** Whether nothing more can be sent: the response has left, or the client. */
export function isOver(res: Response): boolean {
	return res.writableFinished || res.destroyed;
}

/** Resolves once the response has left, with the last byte of its body, or the client has. */
// oxlint-disable-next-line promise-function-async -- one frame less to keep in memory while a handler works
export function over(res: Response): Promise<void> {
	return isOver(res)
		? Promise.resolve()
		: new Promise(resolve => {
				res.on('close', resolve);
			});
}

/** How long a sender is asked to wait before it delivers again, in seconds. */
const pause = 5;

/** Asks the sender to deliver again: 503 is what all of them take for that. */
export function putOff(ctx: ParameterizedContext<unknown, unknown>, why: string): void {
	ctx.status = 503;
	if (ctx.req.httpVersionMajor < 2) {
		ctx.set('Connection', 'close'); // The next request may reach another process.
	}

	ctx.set('Retry-After', String(pause));
	ctx.body = `${why}: deliver it again later`;
}
