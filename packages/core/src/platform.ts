import type {AnyAction} from './action.ts';

/**
At most `limit` calls in any `interval` milliseconds: p-throttle's own words.

@see https://github.com/sindresorhus/p-throttle#options
*/
export interface Limit {
	readonly limit: number;
	readonly interval: number;
}

/**
What a rejected call means.

- `'retry'`: carry on; the next beat tries again, backing off when it keeps failing.
- `'give-up'`: typing is not to be had in this chat (no rights, bad topic, group): stop trying here.
- `'gone'`: nothing reaches this chat any more (blocked, kicked, deleted): stop, and tell the handler.
- `'revoked'`: the bot itself is refused (token revoked): stop everywhere.
- `{after, scope}`: the platform asked for silence for `after` milliseconds, in this chat (the default) or for the whole bot.
- `{after, scope: 'bot', doubling}`: it asked for silence and didn't say for how long; `after` is doubled while it keeps refusing, up to a minute.
*/
export type Failure =
	| 'retry'
	| 'give-up'
	| 'gone'
	| 'revoked'
	| {readonly after: number; readonly scope?: 'chat' | 'bot'}
	| {readonly after: number; readonly scope: 'bot'; readonly doubling: true};

/**
How one chat service shows an indicator: a plain object made by a factory, no base class. An ability that a service lacks is a member that
is left out.

@typeParam Target - Where to show it, in the platform's own terms.
@typeParam Action - What to show: a word, or an object with a `type` where an action has fields, such as a progress.
@example
```ts
import {Indicator, type Platform} from '@auto-typing/core';

const matrix: Platform<{roomId: string}> = {
	name: 'matrix',
	ttl: 30_000,
	action: 'typing',
	key: ({roomId}) => roomId,
	send: async ({roomId}, _action, signal) => fetch(`https://chat.example/rooms/${roomId}/typing`, {method: 'PUT', signal}),
};

const indicator = new Indicator(matrix);
```
*/
export interface Platform<Target, Action extends AnyAction = 'typing'> {
	readonly name: string;

	/** How long one send stays visible, in milliseconds. `Infinity` if it stays until `stop`. */
	readonly ttl: number;

	/** The action shown when the caller names none. */
	readonly action: Action;

	/** The types of all actions there are, so that a wrong one is refused at once. Unchecked by default. */
	readonly actions?: readonly string[];

	/** The default refresh interval in milliseconds. 90 % of `ttl` by default. */
	readonly interval?: number;

	/** The budget of the whole bot, if the platform has one. Messages count against it too. */
	readonly limit?: Limit;

	/** The budget for typing in one peer, if the platform has one. */
	readonly chatLimit?: Limit;

	/** Whom the platform counts calls by: all topics of a group, say. `key` by default. */
	peer?(target: Target): string;

	/** Two targets with the same key share one indicator. */
	key(target: Target): string;

	/** Show the indicator once. Honour `signal` if the client can. */
	send(target: Target, action: Action, signal: AbortSignal): Promise<unknown>;

	/**
	Whether the person would see a send, where the platform accepts some that it doesn't show. True by default.

	@param messageAge - How long ago the last message that the indicator knows of went out to the chat, in milliseconds; `Infinity` if none did.
	*/
	visible?(target: Target, messageAge: number): boolean;

	/** Take the indicator down. Left out where the platform offers no such call. */
	stop?(target: Target, signal: AbortSignal): Promise<unknown>;

	/** Explain a rejection, by structured code. Every rejection is `'retry'` by default. */
	classify?(error: unknown): Failure;

	/** Where to show it instead, after `target` was refused with `error`: tried at once, and remembered for the chat. Nowhere by default. */
	fallback?(target: Target, error: unknown): Target | undefined;
}

const words: readonly unknown[] = ['retry', 'give-up', 'gone', 'revoked'];

/** The platform's word for a failure, `'retry'` where it has none. */
export function explain<Target, Action extends AnyAction>(platform: Platform<Target, Action>, error: unknown): Failure {
	const failure = answerOf(() => platform.classify?.(error)) ?? 'retry';
	return words.includes(failure) || (typeof failure === 'object' && failure.after >= 0) ? failure : 'retry';
}

/** What a platform answers, if anything: one that errs must not fail the bot. */
export function answerOf<Answer>(ask: () => Answer): Answer | undefined {
	try {
		return ask();
	} catch {
		return undefined;
	}
}
