import type {ServerResponse} from 'node:http';
import type {ParameterizedContext, Response} from 'koa';

/** What changes a response of Koa's. @see https://koajs.com/#response */
const koaWrites = 'append attachment back body etag flushHeaders lastModified length message redirect remove set status type vary';

/** What changes a response of Node's. @see https://nodejs.org/api/http.html#class-httpserverresponse */
const nodeWrites =
	'addTrailers appendHeader end flushHeaders removeHeader setHeader setHeaders statusCode statusMessage write writeContinue writeEarlyHints writeHead writeProcessing';

/**
From now on it is an error to write to the response of `ctx`; reading goes on. Koa would ignore such writes, and the answer that a handler
believes to have given would go nowhere.

A client may have hung up before Koa was done with the answer: its own last writes go through.
*/
export function seal({response, res}: ParameterizedContext<unknown, unknown>): void {
	// Below the objects, not around them: others hold them already. Made once per prototype, this costs next to nothing.
	Object.setPrototypeOf(response, layer(Object.getPrototypeOf(response), koaWrites, 'ctx.'));
	Object.setPrototypeOf(res, layer(Object.getPrototypeOf(res), nodeWrites, 'ctx.res.'));
	for (const name of ['statusCode', 'statusMessage'] as const) {
		// Koa has set these, so they are on the object itself; over HTTP/2 they are not.
		if (Object.hasOwn(res, name)) {
			const value = res[name];
			Object.defineProperty(res, name, {
				get: () => value,
				set() {
					refuse(res, `ctx.res.${name} =`);
				},
			});
		}
	}
}

/** By the prototype they lie over. */
const layers = new WeakMap<object, object>();

/** An object that inherits all of `proto`, but for `names`, which it refuses. */
function layer(proto: object, names: string, prefix: string): object {
	let over = layers.get(proto);
	if (!over) {
		over = Object.create(proto) as object;
		for (const name of names.split(' ')) {
			const original = descriptor(proto, name);
			if (original?.set || typeof original?.value === 'function') {
				Object.defineProperty(over, name, refusing(original, prefix + name));
			}
		}

		layers.set(proto, over);
	}

	return over;
}

function descriptor(object: object | null, name: string): PropertyDescriptor | undefined {
	return object === null ? undefined : (Object.getOwnPropertyDescriptor(object, name) ?? descriptor(Object.getPrototypeOf(object), name));
}

type Either = Response | ServerResponse;

function refusing(original: PropertyDescriptor, what: string): PropertyDescriptor {
	const {value} = original as {value?: unknown};
	return typeof value === 'function'
		? {
				value(this: Either, ...args: unknown[]): unknown {
					refuse(this, `${what}()`);
					return Reflect.apply(value, this, args);
				},
			}
		: {
				...original,
				set(this: Either, to: unknown) {
					refuse(this, `${what} =`);
					original.set?.call(this, to);
				},
			};
}

/** @throws {Error} When the response has ended. */
function refuse(response: Either, what: string): void {
	const res = 'res' in response ? response.res : response;
	if (res.writableEnded) {
		throw new Error(
			`\`${what}\` comes too late: this request was answered with ${res.statusCode} before its work began, as \`respond\` says. Send what is left to say as a message`,
		);
	}
}
