import {measure} from './child.ts';
import {autoChatActionPlugin, bare, loop, ours, oursUnlimited} from './contender.ts';
import type {OpenLoad} from './open-load.ts';
import type {Group, Row} from './row.ts';
import type {Load} from './stalls.ts';

/** Handlers, the seconds over which they start, the seconds to watch them. */
type Scene = readonly [handlers: number, opening: number, steady: number];

/** Starts over one refresh, so that the calls come evenly ever after. */
const tenThousand: Scene = [10_000, 4.5, 10];
const tenThousandOfOthers: Scene = [10_000, 4.5, 5];
const hundredThousand: Scene = [100_000, 10, 5];

async function load(name: string, scene: Scene): Promise<OpenLoad> {
	return measure<OpenLoad>('open-load.ts', name, ...scene.map(String));
}

async function tenThousandRows(): Promise<readonly Row[]> {
	const idle = await load(bare.name, tenThousandOfOthers);
	const unlimited = await load(oursUnlimited.name, tenThousand);
	const limited = await load(ours.name, tenThousand);
	const others: Array<readonly [string, OpenLoad]> = [[`${bare.name} grammY`, idle]];
	for (const rival of [loop, autoChatActionPlugin]) {
		others.push([rival.name, await load(rival.name, tenThousandOfOthers)]);
	}

	// Watching costs as much in each of them, and is all that grammY alone does.
	const share = (one: OpenLoad) => one.open.cpu - idle.open.cpu;
	const rows = ([name, one]: readonly [string, OpenLoad], isBarred: boolean): readonly Row[] => [
		{
			what: `10,000 open in 10,000 chats, ${name}: CPU`,
			bar: isBarred ? '≤ 5 % of a core' : '–',
			reached: `${percent(share(one))} for ${one.open.callsPerSecond.toFixed(0)} calls/s`,
			rivals: isBarred ? others.map(([rival, it]) => `${rival} ${percent(share(it))}`).join(', ') : '',
			ok: isBarred ? share(one) <= 0.05 : undefined,
			deterministic: false,
		},
		{
			what: `10,000 open in 10,000 chats, ${name}: longest stall`,
			bar: isBarred ? '≤ 10 ms' : '–',
			reached: stall(one.open),
			rivals: isBarred ? others.map(([rival, it]) => `${rival} ${stall(it.open)}`).join(', ') : '',
			ok: isBarred ? one.open.longest <= 10 : undefined,
			deterministic: false,
		},
	];
	return [
		...rows(['no limit', unlimited], true),
		...rows(['30 calls/s', limited], true),
		...rows(['no limit, all started at once', await load(oursUnlimited.name, [10_000, 0, 10])], false),
	];
}

async function hundredThousandRows(name: string, what: string, isBarred: boolean): Promise<readonly Row[]> {
	const {opening, open, heap} = await load(name, hundredThousand);
	const longest = Math.max(opening.longest, open.longest);
	return [
		{
			what: `100,000 open, started over 10 s, the engine alone, ${what}: longest stall`,
			bar: isBarred ? '≤ 50 ms' : '–',
			reached: `${stall(opening)} while they start, ${stall(open)} after; ${percent(open.cpu)} CPU for ${open.callsPerSecond.toFixed(0)} calls/s`,
			ok: isBarred ? longest <= 50 : undefined,
			deterministic: false,
		},
		{
			what: `100,000 open, started over 10 s, the engine alone, ${what}: heap over idle`,
			bar: isBarred ? '≤ 120 MB' : '–',
			reached: `${heap.toFixed(0)} MB`,
			ok: isBarred ? heap <= 120 : undefined,
			deterministic: false,
		},
	];
}

/** What many open handlers cost. */
export const open: Group = {
	name: 'open',
	run: async () => [
		...(await tenThousandRows()),
		...(await hundredThousandRows('core', '30 calls/s', true)),
		// Nobody offers 22,000 calls a second: where the engine's own limits are.
		...(await hundredThousandRows('core, no limit', 'no limit', false)),
	],
};

function stall({longest, longestByWall, longestPause}: Load): string {
	return `${longest.toFixed(0)} ms (${longestByWall.toFixed(0)} by the wall, GC ${longestPause.toFixed(0)})`;
}

function percent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}
