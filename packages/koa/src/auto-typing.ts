import {Typing, type AnyAction, type Indicator} from '@auto-typing/core';
import type {DefaultContext, DefaultState, Middleware, Next, ParameterizedContext} from 'koa';
import {answer, isAnswered, isOver, over, putOff} from './answer.ts';
import {Deliveries} from './deliveries.ts';
import {checkArguments, show, type AutoTypingOptions, type Awaitable} from './options.ts';
import {deliveryOf, repeat} from './repeat.ts';
import {seal} from './seal.ts';
import {Workload} from './workload.ts';

/** What the middleware adds to `ctx.state`. */
export interface TypingState<Action extends AnyAction = string> {
	/** The hold of this request: what is shown, pausing, and the signal to hand on. */
	typing: Typing<Action>;
}

/** Middleware that counts its work. */
export type TypingMiddleware<StateT = DefaultState, ContextT = DefaultContext> = Middleware<StateT, ContextT> & {
	/** How many requests are being worked on, the answered ones included. */
	readonly running: number;

	/**
	For the shut-down: wait for the work in progress, `ms` milliseconds at the most, and then abort what is left through its `typing.signal`. That
	gets one more second to end. Requests that come from now on are answered 503, so that they are delivered again, to another process.

	@throws {TypeError | RangeError} When `ms` is no number of at least 0.
	*/
	drain(ms: number): Promise<void>;
};

/** Those whose delivery some installation has claimed: another one further in must not take it for a second. */
const claimed = new WeakSet<object>();

/**
Keep the indicator up while downstream middleware works on a request.

Installed twice, or around one route inside another, it is a nested hold on the same indicator.

@param indicator - That of the bot. All its routes share one.
@param target - Finds the chat in the request, once its body is parsed. Without one nothing is shown, and all else is the same. What it throws is
thrown in the chain, before anything is shown or answered: `ctx.throw(400)` refuses the request.
@throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects.
@example
```ts
import {Indicator, type Platform} from '@auto-typing/core';
import {autoTyping} from '@auto-typing/koa';
import {bodyParser} from '@koa/bodyparser';
import Koa from 'koa';

declare const platform: Platform<{room: string}>;
declare const work: (body: unknown, signal: AbortSignal) => Promise<void>;

const typing = autoTyping(new Indicator(platform), ctx => ctx.request.body as {room: string}, {respond: 202});
new Koa()
	.use(bodyParser())
	.use(typing)
	.use(async ctx => work(ctx.request.body, ctx.state.typing.signal))
	.listen(3000);
process.once('SIGTERM', () => void typing.drain(10_000));
```
*/
export function autoTyping<Target, Action extends AnyAction, StateT = DefaultState, ContextT = DefaultContext>(
	indicator: Indicator<Target, Action>,
	target: (ctx: ParameterizedContext<StateT, ContextT>) => Awaitable<Target | null | undefined>,
	options: AutoTypingOptions<NoInfer<Action>, ParameterizedContext<StateT, ContextT>> = {},
): TypingMiddleware<StateT & TypingState<Action>, ContextT> {
	type Ctx = ParameterizedContext<StateT & TypingState<Action>, ContextT>;

	const settings = checkArguments(indicator, target, options);
	const {respond, once, store, ...typingOptions} = options;
	const own = Object.keys(typingOptions).length > 0 ? typingOptions : undefined;
	const deliveries = new Deliveries(store);
	const workload = new Workload();

	const middleware = async (ctx: Ctx, next: Next): Promise<void> => {
		const found = checkTarget(indicator, await target(ctx));
		const id = claimed.has(ctx) ? undefined : checkId(await once?.(ctx));
		const sent = over(ctx.res);
		const handle = async (): Promise<void> => hold(ctx, next, found, sent);
		const work = id === undefined ? handle : async () => deliver(ctx, id, handle);
		// Here and not earlier, so that what is not put off is counted in this very turn.
		if (isAnswered(ctx)) {
			await workload.add(work);
		} else if (workload.isDraining) {
			putOff(ctx, 'Shutting down');
		} else if (respond === undefined) {
			await workload.add(work, sent);
		} else {
			const answering = answer(ctx, respond);
			void workload.add(async () => afterwards(ctx, answering, sent, work));
			await answering;
		}
	};

	/** Work whose request is answered first. */
	async function afterwards(ctx: Ctx, answering: Promise<void>, sent: Promise<void>, work: () => Promise<void>): Promise<void> {
		try {
			await answering;
		} catch {
			return; // Thrown in the chain as well, and there is no work without an answer.
		}

		// A handler that computes at once would hold up the answer, and one that writes would change it.
		await sent;
		seal(ctx);
		try {
			await work();
		} catch (error) {
			ctx.onerror(error as Error); // As Koa would: the answer has left, so this only tells the application.
		}
	}

	/** The work of one delivery, unless it came before. */
	async function deliver(ctx: Ctx, id: string, work: () => Promise<void>): Promise<void> {
		claimed.add(ctx);
		const known = await deliveries.once(
			id,
			async () => {
				await work();
				return isAnswered(ctx) ? {state: 'done'} : deliveryOf(ctx);
			},
			error => ctx.app.emit('error', error instanceof Error ? error : new Error(`The \`store\` failed: ${String(error)}`), ctx),
		);
		if (known && !isAnswered(ctx)) {
			repeat(ctx, known);
		}
	}

	/** Downstream middleware, with the indicator up until it has returned and its response is `sent`. */
	async function hold(ctx: Ctx, next: Next, place: Target | undefined, sent: Promise<void>): Promise<void> {
		const {state, res} = ctx;
		const outer = state.typing instanceof Typing && !state.typing.ended ? state.typing : undefined;
		const typing = place === undefined ? new Typing(settings, undefined, undefined, outer) : indicator.start(place, own, outer);
		state.typing = typing;
		const unwatch = workload.watch(typing);
		if (!isAnswered(ctx)) {
			const leave = () => {
				if (!res.writableFinished) {
					typing.cancel(new DOMException('The client has hung up', 'AbortError'));
				}
			};

			if (isOver(res)) {
				leave(); // Before anything has begun.
			} else {
				void sent.then(leave);
			}
		}

		const result = next();
		const untilSent = async () => {
			await result;
			await sent;
		};

		typing.during(untilSent).then(unwatch, unwatch);
		try {
			await result;
		} finally {
			if (outer) {
				state.typing = outer;
			}
		}
	}

	return Object.defineProperties(middleware, {
		running: {get: () => workload.size},
		drain: {value: async (ms: number) => workload.drain(ms)},
	}) as TypingMiddleware<StateT & TypingState<Action>, ContextT>;
}

/** @throws {TypeError} When the platform can't make out a chat. */
function checkTarget<Target, Action extends AnyAction>({platform}: Indicator<Target, Action>, target: unknown): Target | undefined {
	if (target === undefined || target === null) {
		return undefined;
	}

	try {
		platform.key(target as Target);
	} catch (error) {
		throw new TypeError(`Expected \`target\` to return where ${platform.name} shows an indicator, got ${show(target)}`, {cause: error});
	}

	return target as Target;
}

/** @throws {TypeError} */
function checkId(id: unknown): string | undefined {
	if (id !== undefined && typeof id !== 'string' && typeof id !== 'number') {
		throw new TypeError(`Expected \`once\` to return a string, a number or undefined, got ${show(id)}`);
	}

	return id === undefined ? undefined : String(id);
}
