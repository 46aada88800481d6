import type {AnyAction} from './action.ts';
import type {Observer} from './events.ts';
import type {Limit, Platform} from './platform.ts';
import type {Throttle} from './throttle.ts';

/** How one handler is shown. */
export interface TypingOptions<Action extends AnyAction = string> {
	/**
	What to show.

	@default the platform's own, usually `'typing'`
	*/
	readonly action?: Action | undefined;

	/**
	Show nothing for handlers faster than this, and wait this long after a message before showing it again. In milliseconds.

	@default 200
	*/
	readonly delay?: number | undefined;

	/**
	The refresh interval: how long after the start of one call the next one starts. In milliseconds, less than the platform's `ttl`.

	@default the platform's own, usually 90 % of its `ttl`
	*/
	readonly interval?: number | undefined;

	/**
	Let the indicator lapse after this long even if the handler goes on. Only the indicator: the work is not cancelled. In milliseconds.

	@default 600_000
	*/
	readonly maxDuration?: number | undefined;

	/** Ends the hold from outside, and aborts its `signal` with the same reason. */
	readonly signal?: AbortSignal | undefined;
}

/** How one bot is shown: the defaults of its handlers, and what they share. */
export interface IndicatorOptions<Target = unknown, Action extends AnyAction = string>
	extends TypingOptions<Action>, Observer<Target, Action> {
	/**
	The budget of the bot.

	@default the platform's own
	*/
	readonly limit?: Limit | undefined;

	/**
	Asked before every call, instead of p-throttle in this process: resolves when one more may go out.

	@default p-throttle, with the `limit`
	*/
	readonly throttle?: Throttle | undefined;
}

/** The options of a handler with all defaults filled in, checked once. */
export class Settings<Action extends AnyAction = string> implements TypingOptions<Action> {
	readonly action: Action;
	readonly delay: number;
	readonly interval: number;
	readonly maxDuration: number;
	readonly signal: AbortSignal | undefined;
	readonly actions: readonly string[] | undefined;

	/** @throws {TypeError | RangeError} Names the option, what it got and what it expects. */
	constructor(
		{
			ttl,
			action: ownAction,
			actions,
			interval: ownInterval = ttl * 0.9,
		}: Pick<Platform<never, Action>, 'ttl' | 'action' | 'actions' | 'interval'>,
		options: TypingOptions<Action> = {},
	) {
		checkObject(options);
		const {action = ownAction, delay = 200, interval = ownInterval, maxDuration = 600_000, signal} = options;
		checkAction(action, actions);
		checkNumber('delay', delay, 0);
		checkNumber('maxDuration', maxDuration, 0, Number.POSITIVE_INFINITY);
		checkNumber('interval', interval, 1, Number.POSITIVE_INFINITY);
		if (interval >= ttl && ttl !== Number.POSITIVE_INFINITY) {
			throw new RangeError(
				`Expected \`interval\` to be less than the ${ttl} ms that one call stays visible, got ${interval} ms: the indicator would go dark in between`,
			);
		}

		if (signal !== undefined && !isSignal(signal)) {
			throw new TypeError(`Expected \`signal\` to be an AbortSignal, got ${show(signal)}`);
		}

		this.action = action;
		this.delay = delay;
		this.interval = interval;
		this.maxDuration = maxDuration;
		this.signal = signal;
		this.actions = actions;
	}
}

/** @throws {TypeError | RangeError} Names the option, what it got and what it expects. */
export function checkOptions<Target, Action extends AnyAction>(
	options: Pick<IndicatorOptions<Target, Action>, 'limit' | 'throttle' | 'onEvent' | 'onError'>,
): void {
	checkObject(options);
	const {limit, throttle, onEvent, onError} = options;
	if (limit !== undefined) {
		if (typeof limit !== 'object' || limit === null) {
			throw new TypeError(`Expected \`limit\` to be {limit, interval}, got ${show(limit)}`);
		}

		checkNumber('limit.limit', limit.limit, 1);
		checkNumber('limit.interval', limit.interval, 1);
	}

	for (const [name, value] of Object.entries({throttle, onEvent, onError})) {
		if (value !== undefined) {
			checkFunction(name, value);
		}
	}
}

/** @throws {TypeError} */
export function checkAction(action: AnyAction, actions: readonly string[] | undefined): void {
	const type: unknown = typeof action === 'object' ? action?.type : action;
	if (typeof type !== 'string' || actions?.includes(type) === false) {
		throw new TypeError(
			`Expected \`action\` to be ${actions ? `one of ${actions.join(', ')}` : 'a string'}, got ${show(typeof type === 'string' ? type : action)}`,
		);
	}
}

/** @throws {TypeError} */
export function checkPlatform(platform: {readonly key?: unknown; readonly send?: unknown} | undefined): void {
	checkFunction('platform.key', platform?.key);
	checkFunction('platform.send', platform?.send);
}

/** @throws {TypeError} */
export function checkFunction(name: string, value: unknown): void {
	if (typeof value !== 'function') {
		throw new TypeError(`Expected \`${name}\` to be a function, got ${show(value)}`);
	}
}

/** @throws {TypeError} */
export function checkObject(options: unknown): void {
	if (typeof options !== 'object' || options === null) {
		throw new TypeError(`Expected \`options\` to be an object, got ${show(options)}`);
	}
}

function checkNumber(name: string, value: number, least: number, most = Number.MAX_VALUE): void {
	const expectation = `a ${most === Number.POSITIVE_INFINITY ? '' : 'finite '}number of at least ${least}`;
	if (typeof value !== 'number') {
		throw new TypeError(`Expected \`${name}\` to be ${expectation}, got ${show(value)}`);
	}

	// Written so that NaN fails as well.
	if (!(value >= least && value <= most)) {
		throw new RangeError(`Expected \`${name}\` to be ${expectation}, got ${value}`);
	}
}

/** By shape: polyfills and other realms have signals that are no instance of ours. */
function isSignal(value: unknown): value is AbortSignal {
	const signal = value as Partial<AbortSignal> | null;
	return typeof signal === 'object' && typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function';
}

/** A value in an error message: its type where the value itself says nothing or might be a secret. */
function show(value: unknown): string {
	if (value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'string')) {
		return String(value);
	}

	return typeof value === 'string'
		? JSON.stringify(value.slice(0, 40))
		: Array.isArray(value)
			? 'an array'
			: `a ${typeof value}`.replace('a o', 'an o');
}
