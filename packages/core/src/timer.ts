/** The longest time `setTimeout` can wait; asked for more, it fires at once. */
const longest = 2 ** 31 - 1;

/**
Monotonic milliseconds, rounded down: whole numbers take no memory of their own, and a lease has many.

They are never ahead of the time, so nothing that waits for one happens too early.
*/
export function now(): number {
	return Math.floor(performance.now());
}

export type Timer = ReturnType<typeof setTimeout>;

/** Like `setTimeout`, but never keeps a process alive, and never fires before its time because the time was too long. */
export function wake(callback: () => void, ms: number): Timer {
	// Up to the next millisecond: a timer that fires early would only have to be set again.
	const timer = setTimeout(callback, Math.min(Math.ceil(ms), longest));
	(timer as {unref?(): void}).unref?.(); // A number in browsers, an object on Node, Deno and Bun.
	return timer;
}
