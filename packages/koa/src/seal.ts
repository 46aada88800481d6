import type {ServerResponse} from 'node:http';
import type {ParameterizedContext, Response} from 'koa';

/** What changes a response of Koa's. @see https://koajs.com/#response */
const koaWrites = 'append attachment back body etag flushHeaders lastModified length message redirect remove set status type vary';

/** What changes a response of Node's. @see https://nodejs.org/api/http.html#class-httpserverresponse */
const nodeWrites =
	'addTrailers appendHeader end flushHeaders removeHeader setHeader setHeaders statusCode statusMessage write writeContinue writeEarlyHints writeHead writeProcessing';

// One for all requests: then a seal takes no more memory than two proxies, which lie around the responses because a change of these costs more.
const koaSeal = sealOf<Response>(koaWrites, 'ctx.', ({res}) => res);
const nodeSeal = sealOf<ServerResponse>(nodeWrites, 'ctx.res.', res => res);

/**
From now on it is an error to write to the response of `ctx`; reading goes on. Koa would ignore such writes, and the answer that a handler
believes to have given would go nowhere.

A client may have hung up before Koa was done with the answer: its own last writes go through.
*/
export function seal(ctx: ParameterizedContext<unknown, unknown>): void {
	const {request, response} = ctx;
	ctx.res = request.res = response.res = new Proxy(ctx.res, nodeSeal);
	ctx.response = request.response = new Proxy(response, koaSeal);
}

function sealOf<T extends Response | ServerResponse>(
	writes: string,
	prefix: string,
	resOf: (target: T) => ServerResponse,
): ProxyHandler<T> {
	const names: ReadonlySet<string | symbol> = new Set(writes.split(' '));
	return {
		get(target, name) {
			const value: unknown = Reflect.get(target, name);
			return typeof value === 'function' && names.has(name)
				? (...args: unknown[]): unknown => {
						refuse(resOf(target), `${prefix}${String(name)}()`);
						return Reflect.apply(value, target, args);
					}
				: value;
		},
		set(target, name, value) {
			if (names.has(name)) {
				refuse(resOf(target), `${prefix}${String(name)} =`);
			}

			return Reflect.set(target, name, value);
		},
	};
}

/** @throws {Error} When the response has ended. */
function refuse(res: ServerResponse, what: string): void {
	if (res.writableEnded) {
		throw new Error(
			`\`${what}\` comes too late: this request was answered with ${res.statusCode} before its work began, as \`respond\` says. Send what is left to say as a message`,
		);
	}
}
