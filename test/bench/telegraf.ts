import {measure} from './child.ts';
import {empty, ours, oursUnlimited} from './contender.ts';
import type {Group, Row} from './row.ts';

interface Bytes {
	/** Left out where the first call came at once. */
	readonly before?: number;
	readonly after: number;
}

/**
Telegraf's middleware beside grammY's: what they share costs the same, so neither may cost much more than the other. Both over a middleware that
does nothing, which costs several times as much in Telegraf as in grammY.
*/
export const telegraf: Group = {
	name: 'telegraf',
	async run() {
		const time = await measure<number>('telegraf-load.ts', 'instant');
		const times = await measure<Record<string, number>>('instant-load.ts', 'return');
		const without = await measure<Bytes>('telegraf-load.ts', 'memory', 'empty');
		const within = await measure<Bytes>('telegraf-load.ts', 'memory', 'ours');
		const grammyWithout = await measure<Bytes>('memory-load.ts', empty.name);
		const grammyWithin = await measure<Bytes>('memory-load.ts', oursUnlimited.name);
		return [
			row('added to an update whose handler returns at once', 'µs', time, times[ours.name]! - times[empty.name]!),
			row(
				'memory added per open handler, before its first call',
				'bytes',
				within.before! - without.before!,
				grammyWithin.before! - grammyWithout.before!,
			),
			row('memory added per open handler, after it', 'bytes', within.after - without.after, grammyWithin.after - grammyWithout.after),
		];
	},
};

function row(what: string, unit: string, reached: number, grammys: number): Row {
	const show = (figure: number) => `+${figure.toFixed(unit === 'µs' ? 1 : 0)} ${unit}`;
	return {
		what: `${what}, over an empty middleware`,
		bar: '≤ 1.2 × grammY',
		reached: show(reached),
		rivals: `grammY ${show(grammys)}`,
		ok: reached <= grammys * 1.2,
		deterministic: false,
	};
}
