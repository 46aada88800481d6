import {random} from '@auto-typing/simulator';
import {autoChatActionPlugin, loop, ours, type Contender} from './contender.ts';
import type {Group, Row} from './row.ts';
import {play} from './scene.ts';
import {sleep} from './virtual-time.ts';

const phases = 181;

/** A message waits for a call no longer than this. */
const patience = 300;

interface Outcome {
	/** Replies after which the person saw the indicator. */
	readonly ghosts: number;
	/** Replies that were asked for while a call was in flight. */
	readonly met: number;
	/** Replies that left later than they were asked for. */
	readonly held: number;
	readonly longest: number;
	/** Replies that were held up for longer than the call they met took, or without having met one. */
	readonly unduly: number;
}

async function haunt(contender: Contender, outward: number): Promise<Outcome> {
	const next = random(1);
	const asked = new Map<number, number>();
	// One chat for every phase of the longest refresh there is; a second apart, so that no budget matters.
	const writings = Array.from({length: phases}, (_, index) => ({at: index * 1000, chatId: index + 1}));
	const service = await play(contender, {roundTrip: () => 20 + 560 * next(), outward}, writings, phases * 1000 + 30_000, async ctx => {
		await sleep(5000 + (5000 * ctx.chat!.id) / phases);
		asked.set(ctx.chat!.id, performance.now());
		await ctx.reply('done');
	});

	let [ghosts, met, held, longest, unduly] = [0, 0, 0, 0, 0];
	for (const {chatId} of writings) {
		const reply = service.log.find(arrival => arrival.chatId === chatId && arrival.method === 'sendMessage')!;
		const askedAt = asked.get(chatId)!;
		const inFlight = service.log.filter(
			call =>
				call.chatId === chatId && call.method === 'sendChatAction' && call.sentAt <= askedAt && askedAt < call.sentAt + call.roundTrip,
		);
		const delay = reply.sentAt - askedAt;
		const due = Math.min(Math.max(0, ...inFlight.map(({sentAt, roundTrip}) => sentAt + roundTrip - askedAt)), patience);
		ghosts += service.view(chatId).after(reply.at) > 0 ? 1 : 0;
		met += inFlight.length > 0 ? 1 : 0;
		held += delay > 0 ? 1 : 0;
		longest = Math.max(longest, delay);
		unduly += delay > due + 1 ? 1 : 0;
	}

	return {ghosts, met, held, longest, unduly};
}

async function compare(name: string, outward: number, isPromised: boolean): Promise<readonly Row[]> {
	const outcome = await haunt(ours, outward);
	const rivals = [];
	for (const rival of [loop, autoChatActionPlugin]) {
		const {ghosts} = await haunt(rival, outward);
		rivals.push(`${rival.name} ${ghosts} times`);
	}

	return [
		{
			what: `shown after the reply, ${phases} phases × round trips of 20–580 ms${name}`,
			bar: isPromised ? 'never' : '–',
			reached: outcome.ghosts === 0 ? 'never' : `${outcome.ghosts} times`,
			rivals: rivals.join(', '),
			ok: isPromised ? outcome.ghosts === 0 : undefined,
			deterministic: true,
		},
		{
			what: `what a reply is held up for by that${name}`,
			bar: `the rest of the call in flight, ${patience} ms at the most`,
			reached: `${outcome.held} of ${phases} held up, ${outcome.met} met a call; longest ${Math.round(outcome.longest)} ms; ${outcome.unduly} unduly`,
			ok: outcome.unduly === 0,
			deterministic: true,
		},
	];
}

/** What is left on the screen after the last message, and what it costs to prevent it. */
export const ghosts: Group = {
	name: 'ghosts',
	run: async () => [
		...(await compare('', 0.5, true)),
		// A call given up after 300 ms may yet be overtaken by the reply here: nobody can call it back.
		...(await compare(', 90 % of it on the way out', 0.9, false)),
	],
};
