import {PerformanceObserver} from 'node:perf_hooks';

/** What was measured over a stretch of time. */
export interface Load {
	/** The share of a core, the watching included. */
	readonly cpu: number;

	/** The longest the event loop was busy in one go, in milliseconds. */
	readonly longest: number;

	/** The same by the clock on the wall: with what other processes took away from this one. */
	readonly longestByWall: number;

	/** The longest pause of the garbage collector in milliseconds. */
	readonly longestPause: number;
}

/**
Watch this process while `work` lasts.

A stall is what lies between two ticks of a millisecond, but no longer than the CPU time that this process used in between: on a machine that is
shared, most stalls are somebody else's.
*/
export async function watch(work: () => Promise<unknown>): Promise<Load> {
	let longest = 0;
	let longestByWall = 0;
	let longestPause = 0;
	const collections = new PerformanceObserver(list => {
		longestPause = Math.max(longestPause, ...list.getEntries().map(({duration}) => duration));
	});
	collections.observe({entryTypes: ['gc']});
	const startedAt = performance.now();
	const before = process.cpuUsage();
	let lastAt = startedAt;
	let lastUsed = used(before);
	const ticker = setInterval(() => {
		const now = performance.now();
		const usedNow = used(process.cpuUsage());
		longest = Math.max(longest, Math.min(now - lastAt - 1, usedNow - lastUsed));
		longestByWall = Math.max(longestByWall, now - lastAt - 1);
		lastAt = now;
		lastUsed = usedNow;
	}, 1);
	await work();
	clearInterval(ticker);
	collections.disconnect();
	return {
		cpu: (used(process.cpuUsage()) - used(before)) / (performance.now() - startedAt),
		longest,
		longestByWall,
		longestPause,
	};
}

/** In milliseconds. */
function used({user, system}: NodeJS.CpuUsage): number {
	return (user + system) / 1000;
}
