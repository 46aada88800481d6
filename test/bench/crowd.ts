import {random} from '@auto-typing/simulator';
import {autoChatActionPlugin, bare, loop, ours, type Contender} from './contender.ts';
import {greedyShare} from './greedy.ts';
import type {Group, Row} from './row.ts';
import {play} from './scene.ts';
import type {Admission} from './service.ts';
import {sleep} from './virtual-time.ts';

const chats = 300;
const work = 12_000;
const limit = 30;

/** When the handlers start, in milliseconds. What is random is played several times. */
const patterns: Readonly<Record<string, ReadonlyArray<readonly number[]>>> = {
	'evenly over 12 s': [evenly(12_000)],
	'evenly over 10 s': [evenly(10_000)],
	'Poisson, 25 a second, 5 times': [1, 2, 3, 4, 5].map(seed => poisson(25, seed)),
	'all at once': [evenly(0)],
};

const admissions: Readonly<Record<string, Admission>> = {
	sliding: {limit, window: 'sliding', lockout: 0},
	'sliding, lock-out': {limit, window: 'sliding', lockout: 3000},
	fixed: {limit, window: 'fixed', lockout: 0},
	'fixed, lock-out': {limit, window: 'fixed', lockout: 3000},
};

interface RoundTrip {
	readonly make: () => () => number;
	/** The longest a reply may be held up. */
	readonly longest: number;
}

const roundTrips: Readonly<Record<string, RoundTrip>> = {
	'60 ms': {make: () => () => 60, longest: 60},
	'20–200 ms': {
		make() {
			const next = random(7);
			return () => 20 + 180 * next();
		},
		longest: 200,
	},
};

/** What came of one run. */
interface Outcome {
	readonly refusedReplies: number;
	/** Replies that left later than one round trip after they were asked for. */
	readonly lateReplies: number;
	readonly refusedTyping: number;
	readonly calls: number;
	readonly covered: number;
}

type Scene = readonly [runs: ReadonlyArray<readonly number[]>, admission: Admission, roundTrip: RoundTrip];

async function outcomeOf(contender: Contender, [runs, ...rest]: Scene): Promise<Outcome> {
	const outcomes: Outcome[] = [];
	for (const starts of runs) {
		outcomes.push(await outcomeOfRun(contender, starts, ...rest));
	}

	const sum = (figure: keyof Outcome) => outcomes.reduce((total, outcome) => total + outcome[figure], 0);
	return {
		refusedReplies: sum('refusedReplies'),
		lateReplies: sum('lateReplies'),
		refusedTyping: sum('refusedTyping'),
		calls: sum('calls') / runs.length,
		covered: sum('covered') / runs.length,
	};
}

async function outcomeOfRun(
	contender: Contender,
	starts: readonly number[],
	admission: Admission,
	{make, longest}: RoundTrip,
): Promise<Outcome> {
	const asked = new Map<number, number>();
	const writings = starts.map((at, index) => ({at, chatId: index + 1}));
	const service = await play(contender, {roundTrip: make(), admission}, writings, Math.max(...starts) + work + 5000, async ctx => {
		await sleep(work);
		asked.set(ctx.chat!.id, performance.now());
		// A bot that loses a reply goes on: nobody here asks twice.
		await ctx.reply('done').catch(() => {});
	});

	const replies = service.log.filter(({method}) => method === 'sendMessage');
	let visible = 0;
	for (const [index, start] of starts.entries()) {
		visible += service.view(index + 1).covered(start, start + work);
	}

	return {
		refusedReplies: replies.filter(({refused}) => refused).length + chats - replies.length,
		lateReplies: replies.filter(({chatId, sentAt}) => sentAt - asked.get(chatId)! > longest).length,
		refusedTyping: service.log.filter(({method, refused}) => method === 'sendChatAction' && refused).length,
		calls: service.count('sendChatAction'),
		covered: visible / chats,
	};
}

export const crowd: Group = {
	name: 'crowd',
	async run() {
		const rows: Row[] = [];
		for (const [pattern, runs] of Object.entries(patterns)) {
			const shares = runs.map(starts =>
				greedyShare(
					starts.map(start => ({from: start, to: start + work})),
					limit,
				),
			);
			const greedy = shares.reduce((sum, share) => sum + share, 0) / runs.length;
			for (const [roundTripName, roundTrip] of Object.entries(roundTrips)) {
				for (const [admissionName, admission] of Object.entries(admissions)) {
					rows.push(
						await compare(`${chats} chats × 12 s, ${pattern}, ${admissionName}, ${roundTripName}`, greedy, [runs, admission, roundTrip]),
					);
				}
			}
		}

		return rows;
	},
};

async function compare(what: string, greedy: number, scene: Scene): Promise<Row> {
	const without = await outcomeOf(bare, scene);
	const outcome = await outcomeOf(ours, scene);
	const others = [];
	for (const contender of [loop, autoChatActionPlugin]) {
		const {refusedReplies, refusedTyping} = await outcomeOf(contender, scene);
		others.push(`${contender.name} ${refusedReplies} lost, ${refusedTyping} 429`);
	}

	const lost = outcome.refusedReplies - without.refusedReplies;
	const share = outcome.covered / greedy;
	return {
		what,
		bar: '0 lost, 0 late, 0 429, ≥ 80 %',
		reached:
			`${lost} lost${without.refusedReplies > 0 ? ` (beyond ${without.refusedReplies} without typing)` : ''}, ${outcome.lateReplies} late, ` +
			`${outcome.refusedTyping} 429, ${percent(share)} (${percent(outcome.covered)} of ${percent(greedy)}), ${outcome.calls.toFixed(0)} calls`,
		rivals: others.join('; '),
		ok: lost <= 0 && outcome.lateReplies === 0 && outcome.refusedTyping === 0 && share >= 0.8,
		deterministic: true,
	};
}

function evenly(over: number): readonly number[] {
	return Array.from({length: chats}, (_, index) => (index * over) / chats);
}

function poisson(perSecond: number, seed: number): readonly number[] {
	const next = random(seed);
	let at = 0;
	return Array.from({length: chats}, () => {
		at += (-Math.log(1 - next()) * 1000) / perSecond;
		return at;
	});
}

function percent(share: number): string {
	return `${(share * 100).toFixed(0)} %`;
}
