import type {IncomingMessage} from 'node:http';
import type {ParameterizedContext} from 'koa';
import {checkStatus} from './options.ts';

type Ctx = ParameterizedContext<unknown, unknown>;

/** A request that a body parser has seen. */
interface Parsed {
	readonly body?: unknown;
}

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
export async function answer<C extends Ctx>(ctx: C, respond: number | ((ctx: C) => unknown)): Promise<void> {
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
function checkRead({req, request}: Ctx): void {
	if (isUnread(req) && (request as Parsed).body === undefined) {
		throw new Error('Nobody has read the body of this request, and `respond` would lose it: put the body parser before `autoTyping`');
	}
}

/** @throws {HttpError} 415, when the body parser has left the request alone because of its type: then it says the body is an empty object. */
export function checkType(ctx: Ctx): void {
	const {body} = ctx.request as Parsed;
	if (typeof body === 'object' && body !== null && isUnread(ctx.req) && Object.keys(body).length === 0) {
		ctx.throw(415, 'Expected JSON, or another type of content that the body parser takes');
	}
}

function isUnread({headers, readableEnded}: IncomingMessage): boolean {
	return !readableEnded && ('transfer-encoding' in headers || Number(headers['content-length'] ?? 0) > 0);
}

/** How long a sender is asked to wait before it delivers again, in seconds. */
const pause = 5;

/** Asks the sender to deliver again: 503 is what all of them take for that. */
export function putOff(ctx: Ctx, why: string): void {
	ctx.status = 503;
	if (ctx.req.httpVersionMajor < 2) {
		ctx.set('Connection', 'close'); // The next request may reach another process.
	}

	ctx.set('Retry-After', String(pause));
	ctx.body = `${why}: deliver it again later`;
}
