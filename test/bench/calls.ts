import {autoChatActionPlugin, loop, ours, type Contender} from './contender.ts';
import type {Group, Row} from './row.ts';
import {play, type Writing} from './scene.ts';
import {sleep} from './virtual-time.ts';

const roundTrip = 60;

async function callsFor(contender: Contender, work: number, writings: readonly Writing[]): Promise<number> {
	const service = await play(contender, {roundTrip: () => roundTrip}, writings, 30_000, async ctx => {
		await sleep(work);
		await ctx.reply('done');
	});
	return service.count('sendChatAction');
}

async function compare(what: string, bar: number, work: number, writings: readonly Writing[] = [{at: 0, chatId: 1}]): Promise<Row> {
	const calls = await callsFor(ours, work, writings);
	const rivals = [];
	for (const rival of [loop, autoChatActionPlugin]) {
		rivals.push(`${rival.name} ${await callsFor(rival, work, writings)}`);
	}

	return {
		what: `calls for ${what}`,
		bar: String(bar),
		reached: String(calls),
		rivals: rivals.join(', '),
		ok: calls === bar,
		deterministic: true,
	};
}

/** How many calls the work costs. */
export const calls: Group = {
	name: 'calls',
	run: async () => [
		await compare('12 s of work', 3, 12_000),
		await compare(
			'five overlapping 12 s handlers in one chat, 1 s apart, each replying',
			7,
			12_000,
			[0, 1000, 2000, 3000, 4000].map(at => ({at, chatId: 1})),
		),
		await compare('50 ms of work', 0, 50),
	],
};
