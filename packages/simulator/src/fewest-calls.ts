/** What the fewest possible calls depend on, all in milliseconds. */
export interface Pace {
	/** How long one call stays visible. */
	readonly ttl: number;
	/** How long after the start of one call the next one starts. @default ttl */
	readonly interval?: number;
	/** How long the work goes on before the first call. @default 0 */
	readonly delay?: number;
}

/**
The fewest typing calls that keep an indicator up from `delay` to the end of work of that `duration` (ms).

With the ttl alone this is what somebody who knew the end beforehand could do. With an `interval` it is what a caller
needs who has to renew every time because the work might go on.

@example
```ts
fewestCalls(12_000, {ttl: 5000, interval: 4500, delay: 200}); // 3
```
*/
export function fewestCalls(duration: number, {ttl, interval = ttl, delay = 0}: Pace): number {
	const visible = duration - delay;
	if (visible <= 0) return 0;
	const pace = Math.min(interval, ttl);
	return pace === Infinity ? 1 : Math.ceil(visible / pace);
}
