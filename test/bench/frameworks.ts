import {measure} from './child.ts';
import {empty, ours, oursUnlimited} from './contender.ts';
import type {Group, Row} from './row.ts';

interface Bytes {
	/** Left out where the first call came at once. */
	readonly before?: number;
	readonly after: number;
}

/** What the middleware costs over one that does nothing. */
interface Cost {
	/** For a handler that returns at once, in microseconds. */
	readonly time: number;
	/** For a handler that is open, before and after its first call. */
	readonly before: number;
	readonly after: number;
}

/**
The middleware of each framework beside grammY's: what they share costs the same, so none may cost much more than the other. Each over a
middleware that does nothing, which costs several times as much in one framework as in another.
*/
export const frameworks: Group = {
	name: 'frameworks',
	async run() {
		const times = await measure<Record<string, number>>('instant-load.ts', 'return');
		const grammy = cost(
			times[ours.name]! - times[empty.name]!,
			await measure<Bytes>('memory-load.ts', empty.name),
			await measure<Bytes>('memory-load.ts', oursUnlimited.name),
		);
		const rows: Row[] = [];
		for (const name of ['telegraf', 'koa']) {
			const file = `${name}-load.ts`;
			const reached = cost(
				await measure<number>(file, 'instant'),
				await measure<Bytes>(file, 'memory', 'empty'),
				await measure<Bytes>(file, 'memory', 'ours'),
			);
			rows.push(
				row(`${name}: added to an update whose handler returns at once`, 'µs', reached.time, grammy.time),
				row(`${name}: memory added per open handler, before its first call`, 'bytes', reached.before, grammy.before),
				row(`${name}: memory added per open handler, after it`, 'bytes', reached.after, grammy.after),
			);
		}

		return rows;
	},
};

function cost(time: number, without: Bytes, within: Bytes): Cost {
	return {time, before: within.before! - without.before!, after: within.after - without.after};
}

function row(what: string, unit: string, reached: number, grammys: number): Row {
	const show = (figure: number) => `+${figure.toFixed(unit === 'µs' ? 1 : 0)} ${unit}`;
	return {
		what: `${what}, over an empty middleware`,
		bar: '≤ 1.2 × grammY',
		reached: `${show(reached)}, ${(reached / grammys).toFixed(2)} ×`,
		rivals: `grammY ${show(grammys)}`,
		ok: reached <= grammys * 1.2,
		deterministic: false,
	};
}
