import {autoChatActionPlugin, loop, ours, type Contender} from './contender.ts';
import type {Group, Row} from './row.ts';
import {play} from './scene.ts';
import {sleep} from './virtual-time.ts';

const roundTrip = 60;
const delay = 200;
const phases = 181;

/** In every chat the intermediate message comes at another phase of the longest refresh there is. */
const messageAt = (chatId: number) => 5000 + (5000 * (chatId - 1)) / (phases - 1);

/**
How long the chats are dark after the message: the shortest and the longest, in milliseconds.

@param apart - How many milliseconds after one chat the next one starts.
*/
async function darkness(contender: Contender, apart: number): Promise<readonly [number, number]> {
	const writings = Array.from({length: phases}, (_, index) => ({at: index * apart, chatId: index + 1}));
	const service = await play(contender, {roundTrip: () => roundTrip}, writings, phases * apart + 30_000, async ctx => {
		await sleep(messageAt(ctx.chat!.id));
		await ctx.reply('Let me see…');
		await sleep(6000);
		await ctx.reply('done');
	});
	const lengths = writings.map(({chatId}) => {
		const view = service.view(chatId);
		const [first, last] = view.messages;
		const gap = view.dark(first!.at, last!.at)[0];
		return gap ? gap.to - gap.from : 0;
	});
	return [Math.min(...lengths), Math.max(...lengths)];
}

async function compare(name: string, apart: number): Promise<Row> {
	const range = await darkness(ours, apart);
	const rivals = [];
	for (const rival of [loop, autoChatActionPlugin]) {
		rivals.push(`${rival.name} ${show(await darkness(rival, apart))}`);
	}

	return {
		what: `dark after an intermediate message, ${phases} phases, ${name}`,
		bar: `delay + one round trip: ${delay + roundTrip} ms`,
		reached: show(range),
		rivals: rivals.join(', '),
		// A timer may be a millisecond late.
		ok: range[1] <= delay + roundTrip + 1,
		deterministic: true,
	};
}

function show([shortest, longest]: readonly [number, number]): string {
	return `${Math.round(shortest)}–${Math.round(longest)} ms`;
}

/** How long the person sees nothing after a message that wasn't the last. */
export const dark: Group = {
	name: 'dark',
	run: async () => [await compare('one chat at a time', 20_000), await compare('a dozen chats at a time', 1000)],
};
