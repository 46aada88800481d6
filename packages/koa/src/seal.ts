import type {ServerResponse} from 'node:http';
import type {ParameterizedContext, Response} from 'koa';

/** What changes a response of Koa's. @see https://koajs.com/#response */
const koaWrites = [
	...['append', 'attachment', 'back', 'flushHeaders', 'redirect', 'remove', 'set', 'vary'],
	...['body', 'etag', 'lastModified', 'length', 'message', 'status', 'type'],
];

/** What changes a response of Node's. @see https://nodejs.org/api/http.html#class-httpserverresponse */
const nodeWrites = [
	...['addTrailers', 'appendHeader', 'end', 'flushHeaders', 'removeHeader', 'setHeader', 'setHeaders'],
	...['statusCode', 'statusMessage', 'write', 'writeContinue', 'writeEarlyHints', 'writeHead', 'writeProcessing'],
];

/**
From now on it is an error to write to the response of `ctx`; reading goes on. Koa would ignore such writes, and the answer that a handler
believes to have given would go nowhere.

A client may have hung up before Koa was done with the answer: its own last writes go through.
*/
export function seal(ctx: ParameterizedContext<unknown, unknown>): void {
	const {response, res} = ctx;
	// Below the objects, not around them: others hold them already. Made once per prototype, this costs next to nothing.
	Object.setPrototypeOf(
		response,
		layer<Response>(Object.getPrototypeOf(response), koaWrites, 'ctx.', ({res}) => res),
	);
	Object.setPrototypeOf(
		res,
		layer<ServerResponse>(Object.getPrototypeOf(res), nodeWrites, 'ctx.res.', res => res),
	);
	for (const name of ['statusCode', 'statusMessage'] as const) {
		// Koa has set these, so they are on the object itself; over HTTP/2 they are not.
		if (Object.hasOwn(res, name)) {
			const value = res[name];
			Object.defineProperty(res, name, {get: () => value, set: () => refuse(res, `ctx.res.${name} =`), configurable: true});
		}
	}
}

/** By the prototype they lie over. */
const layers = new WeakMap<object, object>();

/** An object that inherits all of `proto`, but for `names`, which it refuses. */
function layer<T>(proto: object, names: readonly string[], prefix: string, resOf: (self: T) => ServerResponse): object {
	let over = layers.get(proto);
	if (!over) {
		over = Object.create(proto) as object;
		layers.set(proto, over);
		for (const name of names) {
			const {get, set, value} = descriptor(proto, name) ?? {};
			if (get && set) {
				Object.defineProperty(over, name, {
					get,
					set(this: T, to: unknown) {
						refuse(resOf(this), `${prefix}${name} =`);
						set.call(this, to);
					},
				});
			} else if (typeof value === 'function') {
				Object.defineProperty(over, name, {
					value(this: T, ...args: unknown[]) {
						refuse(resOf(this), `${prefix}${name}()`);
						return Reflect.apply(value, this, args) as unknown;
					},
				});
			}
		}
	}

	return over;
}

function descriptor(object: object | null, name: string): PropertyDescriptor | undefined {
	return object === null ? undefined : (Object.getOwnPropertyDescriptor(object, name) ?? descriptor(Object.getPrototypeOf(object), name));
}

/** @throws {Error} When the response has ended. */
function refuse(res: ServerResponse, what: string): void {
	if (res.writableEnded) {
		throw new Error(
			`\`${what}\` comes too late: this request was answered with ${res.statusCode} before its work began, as \`respond\` says. Send what is left to say as a message`,
		);
	}
}
