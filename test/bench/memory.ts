import {measure} from './child.ts';
import {autoChatActionPlugin, bare, empty, loop, oursUnlimited, type Contender} from './contender.ts';
import type {Group, Row} from './row.ts';

interface Bytes {
	/** Left out where the first call came at once. */
	readonly before?: number;
	readonly after: number;
	readonly calls: number;
}

const bar = 1200;

/** What an open handler keeps in memory beyond what grammY itself keeps of it. */
export const memory: Group = {
	name: 'memory',
	async run() {
		const of = async ({name}: Contender) => measure<Bytes>('memory-load.ts', name);
		const without = await of(bare);
		const ours = await of(oursUnlimited);
		const nothing = await of(empty);
		const rivals = [`${bare.name} grammY ${kilo(without.after)}`, `${empty.name} +${kilo(nothing.after - without.after)}`];
		for (const rival of [loop, autoChatActionPlugin]) {
			rivals.push(`${rival.name} +${kilo((await of(rival)).after - without.after)}`);
		}

		const before = ours.before! - without.before!;
		const after = ours.after - without.after;
		const row = (what: string, bytes: number, overhead: number): Row => ({
			what: `memory added per open handler, ${what}`,
			bar: `≤ ${kilo(bar)}`,
			reached: `${kilo(bytes)}, ${kilo(bytes - overhead)} of it over ${empty.name}`,
			rivals: rivals.join(', '),
			ok: bytes <= bar,
			deterministic: false,
		});
		return [
			row('before its first call', before, nothing.before! - without.before!),
			row(`after it (${ours.calls.toFixed(1)} calls each)`, after, nothing.after - without.after),
		];
	},
};

function kilo(bytes: number): string {
	return `${(bytes / 1000).toFixed(2)} kB`;
}
