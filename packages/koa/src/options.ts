import type {AnyAction, Indicator, Settings, TypingOptions} from '@auto-typing/core';
import type {DeliveryStore} from './deliveries.ts';

/** A value, or a promise of one. */
export type Awaitable<Value> = Value | PromiseLike<Value>;

/** What {@link autoTyping} takes, besides how the handler is shown. */
export interface AutoTypingOptions<Action extends AnyAction = string, Ctx = unknown> extends TypingOptions<Action> {
	/**
	Answer first: with this status (200–299), or with the response that this function makes. The rest of the middleware runs once the answer has
	left. What it throws reaches `app.on('error')`, and its writes to the response are errors.

	@default the rest of the middleware makes the answer
	*/
	readonly respond?: number | ((ctx: Ctx) => unknown) | undefined;

	/**
	The id of a delivery. The work of a delivery that comes again under the same id is not done again, unless it failed. `undefined` or
	`null` for a request that may be repeated.

	@default every request is worked on
	*/
	readonly once?: ((ctx: Ctx) => Awaitable<string | number | null | undefined>) | undefined;

	/**
	Where `once` remembers deliveries: a `Map`, or anything like one, for a bot in many processes.

	@default the last 10_000 of them, in this process
	*/
	readonly store?: DeliveryStore | undefined;
}

/** @throws {TypeError | RangeError} Names the option, what it got and what it expects. */
export function checkArguments<Target, Action extends AnyAction, Ctx>(
	indicator: Indicator<Target, Action>,
	target: unknown,
	options: AutoTypingOptions<Action, Ctx>,
): Settings<Action> {
	if (typeof indicator?.start !== 'function') {
		throw new TypeError(`Expected \`indicator\` to be an Indicator, as \`new Indicator(platform)\` makes one, got ${show(indicator)}`);
	}

	checkFunction('target', target);
	const settings = indicator.settings(options);
	const {respond, once, store} = options;
	if (typeof respond === 'number') {
		checkStatus('`respond` to be', respond);
	} else if (respond !== undefined && typeof respond !== 'function') {
		throw new TypeError(`Expected \`respond\` to be a status or a function, got ${show(respond)}`);
	}

	if (once !== undefined) {
		checkFunction('once', once);
	}

	if (store !== undefined) {
		checkStore(store, once);
	}

	return settings;
}

function checkStore(store: DeliveryStore, once: unknown): void {
	const missing = (['get', 'set', 'delete'] as const).filter(name => typeof store?.[name] !== 'function');
	if (missing.length > 0) {
		throw new TypeError(`Expected \`store\` to have get, set and delete, as a Map has, got ${show(store)} without ${missing.join(', ')}`);
	}

	if ('add' in store) {
		checkFunction('store.add', store['add' as keyof DeliveryStore]);
	}

	if (once === undefined) {
		throw new TypeError('Expected `once` beside `store`: nothing is stored without it');
	}
}

/** @throws {RangeError} */
export function checkStatus(what: string, status: number): void {
	if (!Number.isInteger(status) || status < 200 || status > 299) {
		throw new RangeError(`Expected ${what} a status from 200 to 299, got ${status}: after any other the sender delivers again`);
	}
}

/** @throws {RangeError | TypeError} */
export function checkTime(name: string, ms: number): void {
	if (typeof ms !== 'number') {
		throw new TypeError(`Expected \`${name}\` to be a number of at least 0, got ${show(ms)}`);
	}

	// Written so that NaN fails as well.
	if (!(ms >= 0)) {
		throw new RangeError(`Expected \`${name}\` to be a number of at least 0, got ${ms}`);
	}
}

function checkFunction(name: string, value: unknown): void {
	if (typeof value !== 'function') {
		throw new TypeError(`Expected \`${name}\` to be a function, got ${show(value)}`);
	}
}

/** A value in an error message: only its type, where the value may hold a secret. */
export function show(value: unknown): string {
	if (value === null || ['undefined', 'number', 'boolean'].includes(typeof value)) {
		return String(value);
	}

	return Array.isArray(value) ? 'an array' : `a ${typeof value}`.replace('a o', 'an o');
}
