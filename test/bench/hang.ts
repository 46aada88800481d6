import {autoChatActionPlugin, loop, ours, type Contender} from './contender.ts';
import type {Group, Row} from './row.ts';
import {play} from './scene.ts';
import {sleep} from './virtual-time.ts';

const roundTrip = 60;
const work = 15_000;

/** From when on the chat was covered without a gap to the end, in milliseconds, or `undefined` if it wasn't. */
async function coveredFrom(contender: Contender, deafToSignals: boolean): Promise<number | undefined> {
	let calls = 0;
	const hangs = (method: string) => method === 'sendChatAction' && calls++ === 0;
	const service = await play(contender, {roundTrip: () => roundTrip, hangs, deafToSignals}, [{at: 0, chatId: 1}], 40_000, async ctx => {
		await sleep(work);
		await ctx.reply('done');
	});
	const view = service.view(1);
	const dark = view.dark(0, view.messages[0]!.at);
	return dark.length === 1 ? dark[0]!.to : undefined;
}

async function compare(name: string, deafToSignals: boolean): Promise<Row> {
	const from = await coveredFrom(ours, deafToSignals);
	const rivals = [];
	for (const rival of [loop, autoChatActionPlugin]) {
		rivals.push(`${rival.name} ${show(await coveredFrom(rival, deafToSignals))}`);
	}

	return {
		what: `first call hangs 20 s${name}`,
		bar: 'covered from 3.2 s on, when the second call arrives',
		reached: show(from),
		rivals: rivals.join(', '),
		ok: from !== undefined && from <= 3200 + roundTrip / 2 + 1,
		deterministic: true,
	};
}

function show(from: number | undefined): string {
	return from === undefined ? 'with gaps' : `${(from / 1000).toFixed(2)} s`;
}

/** How long one call that gets no answer costs the person the indicator. */
export const hang: Group = {
	name: 'hang',
	run: async () => [await compare('', false), await compare(', of a client that is deaf to its signal', true)],
};
