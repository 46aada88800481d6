import type {Platform} from '@auto-typing/core';
import {classify} from './classify.ts';
import type {LinqClient} from './client.ts';
import {isVisible, keyOf, type ChatTarget} from './target.ts';

/** Longer than the engine waits for a call, and much shorter than the minute of the SDK, which also tries three times. */
const timeout = 4000;

/** How many milliseconds after it was hung up on a start may yet take effect. Not documented. */
const transit = 600;

/** How many chats to remember that a start was hung up on in. */
const most = 1000;

/**
Linq, which brings a program into iMessage.

It shows typing in one-to-one chats by iMessage, for as long as there was a message in the last five minutes. Where a chat is known to be
anything else no call is made, and `onEvent` hears of a `skip` because it would be `unseen`.

@param client - An instance of `@linqapp/sdk`, or {@link fromToken}.
@throws {TypeError} For something that is no client. Later, for a chat id that is no UUID.
@see https://docs.linqapp.com/guides/chats/typing-indicators/
@example
```ts
import {Indicator} from '@auto-typing/core';
import {linq} from '@auto-typing/linq';
import LinqAPIV3 from '@linqapp/sdk';

const indicator = new Indicator(linq(new LinqAPIV3()));
```
*/
export function linq(client: LinqClient): Platform<ChatTarget> {
	const typing = client?.chats?.typing;
	if (typeof typing?.start !== 'function' || typeof typing.stop !== 'function') {
		throw new TypeError('Expected `client` to have `chats.typing.start` and `chats.typing.stop`, as an instance of @linqapp/sdk does');
	}

	// Who hangs up on a start never learns when it took effect. If that was after the `stop`, it would show for a minute: so there is a second one.
	// Nobody waits for it, but a start that finds it on its way. By chat: the next handler knows the same one by another target.
	const hungUp = new Map<string, symbol>();
	const leaving = new Map<string, Promise<unknown>>();
	const stop = async ({chatId}: ChatTarget, signal: AbortSignal) => typing.stop(chatId, {maxRetries: 0, timeout, signal});
	const stopAgain = async (target: ChatTarget, start: symbol) => {
		await sleep(transit);
		const key = keyOf(target);
		if (hungUp.get(key) === start) {
			hungUp.delete(key);
			const gone = () => leaving.delete(key); // Refused or not: it runs out by itself.
			leaving.set(key, Promise.race([stop(target, new AbortController().signal), sleep(transit)]).then(gone, gone));
		}
	};

	return {
		name: 'linq',
		// "expire after approximately 60 seconds" https://docs.linqapp.com/guides/chats/typing-indicators/
		// Newer texts say 85 to 90 s, so this is the least there is.
		ttl: 60_000,
		// Not 90 % of it: "approximately" is not a promise, and one call more in three minutes is cheap.
		interval: 45_000,
		action: 'typing',
		actions: ['typing'],
		key: keyOf,
		visible: isVisible,
		async send(target, _action, signal) {
			const key = keyOf(target);
			hungUp.delete(key); // Whatever comes of this one, its own `stop` is for both.
			if (leaving.has(key)) {
				await leaving.get(key); // It would take down what this one shows.
				signal.throwIfAborted();
			}

			try {
				await typing.start(target.chatId, {maxRetries: 0, timeout, signal});
				hungUp.delete(key); // One that was hung up on may have told so late.
			} catch (error) {
				if (signal.aborted) {
					hungUp.set(key, Symbol('start'));
					forgetOldest(hungUp); // Where nothing reaches the chat any more, no `stop` comes for it.
				}

				throw error;
			}
		},
		async stop(target, signal) {
			await stop(target, signal);
			const start = hungUp.get(keyOf(target));
			if (start) {
				void stopAgain(target, start);
			}
		},
		classify,
	};
}

/** So that it can't grow without bound. */
function forgetOldest(starts: Map<string, unknown>): void {
	if (starts.size > most) {
		starts.delete(starts.keys().next().value!);
	}
}

/** Never keeps a process alive. */
async function sleep(ms: number): Promise<void> {
	return new Promise(resolve => {
		const timer = setTimeout(resolve, ms);
		(timer as {unref?(): void}).unref?.(); // A number in browsers.
	});
}
