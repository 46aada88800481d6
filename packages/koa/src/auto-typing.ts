import {Typing, type AnyAction, type Indicator} from '@auto-typing/core';
import type {DefaultContext, DefaultState, Middleware, Next, ParameterizedContext} from 'koa';
import {answer, checkType, isAnswered, putOff} from './answer.ts';
import {Deliveries} from './deliveries.ts';
import {over} from './departure.ts';
import {Job} from './job.ts';
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
	const {respond, once, store} = options;
	const deliveries = new Deliveries(store);
	const workload = new Workload();

	/* oxlint-disable promise-function-async -- the frame of an async function takes as much memory as a hold, for as long as a handler works */
	const middleware = (ctx: Ctx, next: Next): Promise<void> => {
		if (respond !== undefined) {
			checkType(ctx);
		}

		const found = target(ctx);
		return once || isPromise(found) ? handleLater(ctx, next, found) : handle(ctx, next, found);
	};

	async function handleLater(ctx: Ctx, next: Next, found: Awaitable<Target | null | undefined>): Promise<void> {
		const place = await found;
		return handle(ctx, next, place, claimed.has(ctx) ? undefined : checkId(await once?.(ctx)));
	}

	/** From here on all is known of the request, and what is not put off is counted in this very turn. */
	function handle(ctx: Ctx, next: Next, found: Target | null | undefined, id?: string): Promise<void> {
		const place = checkTarget(indicator, found);
		if (workload.isDraining && !isAnswered(ctx)) {
			putOff(ctx, 'Shutting down');
			return Promise.resolve();
		}

		const job = new Job(ctx.res, workload);
		const work = () => (id === undefined ? hold(ctx, next, place, job) : deliver(ctx, id, () => hold(ctx, next, place, job)));
		if (respond === undefined || isAnswered(ctx)) {
			return job.during(work);
		}

		const answering = answer(ctx, respond);
		// What is handed on by `then` is nobody's: if the application fails at hearing of an error, Node hears of that, as it would of Koa.
		void job.during(() => afterwards(ctx, answering, work)).then(() => {});
		return answering;
	}

	/** Work whose request is answered first: a handler that computes at once would hold up the answer, and one that writes would change it. */
	function afterwards(ctx: Ctx, answering: Promise<void>, work: () => Promise<void>): Promise<void> {
		const begin = () => {
			seal(ctx);
			return work();
		};

		return answering.then(
			// As Koa would: the answer has left, so this only tells the application.
			() =>
				over(ctx.res)
					.then(begin)
					.catch((error: Error) => ctx.onerror(error)),
			() => {}, // Thrown in the chain as well, and there is no work without an answer.
		);
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

	/** Downstream middleware, with the indicator up until its response is sent; until it has returned, if that was before. */
	function hold(ctx: Ctx, next: Next, place: Target | undefined, job: Job): Promise<void> {
		const {state} = ctx;
		const outer = state.typing instanceof Typing ? state.typing : undefined;
		const typing = place === undefined ? new Typing(settings, undefined, undefined, outer) : indicator.start(place, settings, outer);
		state.typing = typing;
		let result: Promise<void>;
		if (isAnswered(ctx)) {
			job.hold(typing);
			result = typing.during(next);
		} else {
			job.holdUntilSent(typing);
			result = next();
		}

		return outer && !outer.ended ? result.finally(() => (state.typing = outer)) : result;
	}

	/* oxlint-enable promise-function-async */

	return Object.defineProperties(middleware, {
		running: {get: () => workload.size},
		drain: {value: async (ms: number) => workload.drain(ms)},
	}) as TypingMiddleware<StateT & TypingState<Action>, ContextT>;
}

function isPromise<Value>(value: Awaitable<Value>): value is PromiseLike<Value> {
	return typeof (value as Partial<PromiseLike<Value>> | null | undefined)?.then === 'function';
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
	if (id === undefined || id === null) {
		return undefined;
	}

	if ((typeof id !== 'string' && typeof id !== 'number') || Number.isNaN(id)) {
		throw new TypeError(`Expected \`once\` to return a string, a number or undefined, got ${show(id)}`);
	}

	return String(id);
}
