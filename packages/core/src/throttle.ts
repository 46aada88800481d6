import pThrottle from 'p-throttle';
import type {Limit} from './platform.ts';

/** Resolves when one more call may go out. */
export type Throttle = () => Promise<unknown>;

/**
A throttle in this process, by p-throttle.

p-throttle never discards a call, and a typing call that goes out late is worse than none. So what is throttled is a function that does
nothing: it hands out permission, and whoever needs it most at that moment takes it.
*/
export function makeThrottle(limit: Limit): Throttle {
	let skew = clockSkew();
	let throttled = throttle(limit);
	return async () => {
		// p-throttle keeps wall-clock times: set back by an hour, it would wait for an hour. So it starts afresh when the clock was set.
		if (Math.abs(clockSkew() - skew) > 100) {
			throttled = throttle(limit);
		}

		skew = clockSkew();
		return throttled();
	};
}

function throttle(limit: Limit): Throttle {
	return pThrottle({...limit, strict: true})(async () => {});
}

function clockSkew(): number {
	return Date.now() - performance.now();
}
