/** The longest time `setTimeout` can wait; asked for more, it fires at once. */
const longest = 2 ** 31 - 1;

export type Timer = ReturnType<typeof setTimeout>;

/** Like `setTimeout`, but never keeps a process alive, and never fires before its time because the time was too long. */
export function wake<Argument>(callback: (argument: Argument) => void, ms: number, argument: Argument): Timer {
	// Up to the next millisecond: a timer that fires early would only have to be set again.
	const timer = setTimeout(callback, Math.min(Math.ceil(ms), longest), argument);
	(timer as {unref?(): void}).unref?.(); // A number in browsers, an object on Node, Deno and Bun.
	return timer;
}

export async function sleep(ms: number): Promise<void> {
	return new Promise(resolve => {
		wake(resolve, ms, undefined);
	});
}
