import {measure} from './child.ts';
import {autoChatActionPlugin, bare, loop, ours} from './contender.ts';
import type {Group, Row} from './row.ts';

async function compare(what: string, mode: 'return' | 'reply'): Promise<Row> {
	const added = await measure<Record<string, number>>('instant-load.ts', mode);
	const cost = added[ours.name]!;
	return {
		what,
		bar: mode === 'return' ? '≤ 4 µs' : '–',
		reached: `+${cost.toFixed(1)} µs`,
		rivals: `${bare.name} ${added[bare.name]!.toFixed(1)} µs, ${[loop, autoChatActionPlugin].map(({name}) => `${name} +${added[name]!.toFixed(1)}`).join(', ')}`,
		ok: mode === 'return' ? cost <= 4 : undefined,
		deterministic: false,
	};
}

/** What updates pay that need no typing. */
export const instant: Group = {
	name: 'instant',
	run: async () => [
		await compare('added to an update whose handler returns at once', 'return'),
		await compare('added to an update whose handler replies at once', 'reply'),
	],
};
