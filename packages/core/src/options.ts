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
		checkNumber('maxDuration', maxDuration, 0, Infinity);
		checkNumber('interval', interval, 1, Infinity);
		const isShorter = interval < ttl || ttl === Infinity;
		check(isShorter, 'interval', `less than the ${ttl} ms that one call stays visible`, interval, RangeError);
		check(signal === undefined || isSignal(signal), 'signal', 'an AbortSignal', signal);
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
		check(isObject(limit), 'limit', '{limit, interval}', limit);
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
	const type: unknown = isObject(action) ? action.type : action;
	const isRight = typeof type === 'string' && actions?.includes(type) !== false;
	check(isRight, 'action', actions ? `one of ${actions.join(', ')}` : 'a string', typeof type === 'string' ? type : action);
}

/** @throws {TypeError | RangeError} */
export function checkPlatform(platform: {readonly key: unknown; readonly send: unknown; readonly ttl: number} | undefined): void {
	checkFunction('platform.key', platform?.key);
	checkFunction('platform.send', platform?.send);
	checkNumber('platform.ttl', platform!.ttl, 1, Infinity);
}

/** @throws {TypeError} */
export function checkFunction(name: string, value: unknown): void {
	check(typeof value === 'function', name, 'a function', value);
}

/** @throws {TypeError} */
export function checkObject(options: unknown): void {
	check(isObject(options), 'options', 'an object', options);
}

/** @throws {TypeError} */
export function checkTarget(target: unknown): void {
	check(target !== undefined && target !== null, 'target', 'a chat', target);
}

function checkNumber(name: string, value: number, least: number, most = Number.MAX_VALUE): void {
	const expected = `a ${most < Infinity ? 'finite ' : ''}number of at least ${least}`;
	check(typeof value === 'number', name, expected, value);
	check(value >= least && value <= most, name, expected, value, RangeError);
}

function check(isRight: boolean, name: string, expected: string, got: unknown, Wrong: new (message: string) => Error = TypeError): void {
	if (!isRight) {
		throw new Wrong(`Expected \`${name}\` to be ${expected}, got ${show(got)}`);
	}
}

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}

/** By shape: polyfills and other realms have signals that are no instance of ours. */
function isSignal(value: unknown): value is AbortSignal {
	return isObject(value) && 'aborted' in value && 'addEventListener' in value;
}

/** A value in an error message: its type where the value itself says nothing or might be a secret. */
function show(value: unknown): string {
	if (typeof value === 'string') {
		return JSON.stringify(value.slice(0, 40));
	}

	return Array.isArray(value) ? 'an array' : isObject(value) ? 'an object' : typeof value === 'function' ? 'a function' : String(value);
}
