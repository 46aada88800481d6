/** What one handler asks of the schedule: its chat is to be kept visible from `from` to `to`, where its reply goes out. */
export interface Wait {
	readonly from: number;
	readonly to: number;
}

const ttl = 5000;

/**
The share of all waiting that a clairvoyant schedule covers: it knows when every handler starts and ends, and a call takes no time.

It has `perSecond` evenly spaced slots. Every reply takes the last free one before it (within the second: what finds none is refused anyway), and in
each of the others it serves the chat for which one call buys the most visible time.
*/
export function greedyShare(waits: readonly Wait[], perSecond: number): number {
	const slot = 1000 / perSecond;
	const end = Math.max(...waits.map(({to}) => to));
	const taken = slotsOfReplies(waits, perSecond);
	const visibleUntil = waits.map(({from}) => from);
	let visible = 0;
	for (let index = 0; index * slot < end; index++) {
		if (taken.has(index)) {
			continue;
		}

		const now = index * slot;
		let most = 0;
		let best = -1;
		for (const [chat, {from, to}] of waits.entries()) {
			const gain = from <= now ? Math.min(now + ttl, to) - Math.max(now, visibleUntil[chat]!) : 0;
			if (gain > most) {
				most = gain;
				best = chat;
			}
		}

		if (best !== -1) {
			visible += most;
			visibleUntil[best] = now + ttl;
		}
	}

	return visible / waits.reduce((sum, {from, to}) => sum + to - from, 0);
}

function slotsOfReplies(waits: readonly Wait[], perSecond: number): ReadonlySet<number> {
	const taken = new Set<number>();
	for (const to of waits.map(wait => wait.to).toSorted((a, b) => a - b)) {
		const last = Math.floor((to * perSecond) / 1000);
		for (let index = last; index >= 0 && index > last - perSecond; index--) {
			if (!taken.has(index)) {
				taken.add(index);
				break;
			}
		}
	}

	return taken;
}
