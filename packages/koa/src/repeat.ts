import type {ParameterizedContext} from 'koa';
import {putOff} from './answer.ts';
import type {Delivery} from './deliveries.ts';

type Ctx = ParameterizedContext<unknown, unknown>;

/**
What to remember of a delivery whose work has returned, or nothing if its answer was a refusal: then the sender comes again, and means it.

A body that is a stream or binary is not kept, only its status: it was sent already, and may be of any size.
*/
export function deliveryOf(ctx: Ctx): Delivery | undefined {
	const {status, body} = ctx;
	if (status >= 400) {
		return undefined;
	}

	const text = typeof body === 'string' ? body : isJson(body) ? JSON.stringify(body) : undefined;
	const type = ctx.response.get('Content-Type');
	return {state: 'done', status, ...(text !== undefined && {body: text, ...(type && {type})})};
}

/** Gives the answer to a delivery that came before; there is none yet if its work is still running. */
export function repeat(ctx: Ctx, {state, status = 200, type, body}: Delivery): void {
	if (state === 'running') {
		putOff(ctx, 'This delivery is being worked on');
		return;
	}

	ctx.status = status;
	if (body !== undefined) {
		ctx.body = body;
		ctx.type = type ?? '';
	}
}

/** Whether Koa writes a body as JSON: all that is nothing else. @see https://koajs.com/#response-body- */
function isJson(body: unknown): boolean {
	const isBinary = [Buffer, Blob, ReadableStream, Response].some(Kind => body instanceof Kind);
	return body !== undefined && body !== null && !isBinary && typeof (body as {pipe?: unknown}).pipe !== 'function';
}
