import FakeTimers from '@sinonjs/fake-timers';

/** A turn of the real event loop, kept from before the clock is faked. */
const {setImmediate} = globalThis;

/**
Run `scene` on a clock of its own that starts at 0, and then for `duration` virtual milliseconds.

One timer at a time and all promises in between, as on Node: fake-timers' own `tickAsync` does the same, but waits a real millisecond for each.
*/
export async function virtually(duration: number, scene: () => void): Promise<void> {
	const clock = FakeTimers.install({toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance']});
	try {
		scene();
		setTimeout(() => {}, Math.ceil(duration)); // Timers count whole milliseconds.
		while (clock.now < duration) {
			await new Promise<void>(resolve => setImmediate(resolve));
			clock.next();
		}
	} finally {
		clock.uninstall();
	}
}

export async function sleep(ms: number): Promise<void> {
	return new Promise(resolve => {
		setTimeout(resolve, ms);
	});
}
