import type {Typing} from '@auto-typing/core';
import test from 'ava';
import * as fc from 'fast-check';
import {actions, inFakedTime, Refusal, wait, World, type Action, type Call, type Fate, type Target} from './harness.ts';

// Random programs, and what must hold whatever happens.

const never = Infinity;

/** One step of a program: what a bot, a person or a network may do. */
type Step =
	| {
			readonly do: 'start';
			readonly chat: number;
			readonly delay: number;
			readonly interval: number;
			readonly maxDuration: number;
			readonly action: Action;
	  }
	| {readonly do: 'stop' | 'cancel' | 'pause' | 'resume'; readonly hold: number}
	| {readonly do: 'action'; readonly hold: number; readonly action: Action}
	| {readonly do: 'cancel chat'; readonly chat: number}
	| {
			readonly do: 'message';
			readonly chat: number;
			readonly roundTrip: number;
			readonly fails: boolean;
			readonly upload: number | undefined;
			readonly gated: boolean;
	  }
	| {readonly do: 'clock'; readonly hours: number}
	| {readonly do: 'wait'; readonly ms: number};

const chat = fc.integer({min: 0, max: 2});
const hold = fc.nat(20);
const action = fc.constantFrom(...actions);
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('start' as const),
			chat,
			action,
			delay: fc.constantFrom(0, 0, 1, 200, 1000),
			interval: fc.constantFrom(4500, 4500, 1000, 4999),
			maxDuration: fc.constantFrom(600_000, 600_000, never, 3000),
		}),
	},
	{weight: 4, arbitrary: fc.record({do: fc.constantFrom('stop' as const, 'cancel' as const, 'pause' as const, 'resume' as const), hold})},
	{weight: 2, arbitrary: fc.record({do: fc.constant('action' as const), hold, action})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('cancel chat' as const), chat})},
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('message' as const),
			chat,
			roundTrip: fc.constantFrom(0, 50, 400, 3000),
			fails: fc.boolean(),
			upload: fc.option(fc.constantFrom(0, 300, 6000), {nil: undefined}),
			gated: fc.boolean(),
		}),
	},
	{weight: 1, arbitrary: fc.record({do: fc.constant('clock' as const), hours: fc.constantFrom(-1, 1)})},
	{
		weight: 8,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.oneof(fc.integer({min: 0, max: 400}), fc.integer({min: 400, max: 9000})),
		}),
	},
);

/** The fates of calls, one after the other, over and over. */
const fates: fc.Arbitrary<ReadonlyArray<Partial<Fate>>> = fc.array(
	fc.oneof(
		{weight: 6, arbitrary: fc.record({roundTrip: fc.constantFrom(0, 20, 100, 290, 310, 990)})},
		{
			weight: 2,
			arbitrary: fc.record({
				roundTrip: fc.constantFrom(100, 1000, 2900, 5000, never),
				deaf: fc.boolean(),
				arrival: fc.constantFrom(10, 400, 4000),
			}),
		},
		{
			weight: 2,
			arbitrary: fc.record({
				roundTrip: fc.constantFrom(0, 100, 1000),
				lost: fc.boolean(),
				error: fc.constantFrom(
					new Error('503'),
					new Refusal('give-up'),
					new Refusal('gone'),
					new Refusal('revoked'),
					new Refusal({after: 3000}),
					new Refusal({after: 3000, scope: 'bot'}),
					new Refusal({after: 0}),
				),
			}),
		},
	),
	{minLength: 1, maxLength: 6},
);

const platform = fc.record({
	stop: fc.boolean(),
	limit: fc.option(fc.constantFrom({limit: 30, interval: 1000}, {limit: 2, interval: 1000}), {nil: undefined}),
	chatLimit: fc.option(fc.constant({limit: 5, interval: 15_000}), {nil: undefined}),
});

/** What happened, for the invariants to look at. */
interface Run {
	readonly world: World;
	/** When each chat was held by anyone, `[from, to]`. */
	readonly held: ReadonlyMap<string, ReadonlyArray<readonly [number, number]>>;
	/** When a message that had to be alone was on its way, `[from, to]`. */
	readonly alone: ReadonlyMap<string, ReadonlyArray<readonly [number, number]>>;
	readonly size: number;
	readonly timers: number;
	readonly listeners: number;
}

/** A signal that counts its listeners. */
function counted(): {readonly signal: AbortSignal; readonly count: () => number} {
	const {signal} = new AbortController();
	const listeners = new Set<unknown>();
	const addEventListener = signal.addEventListener.bind(signal);
	const removeEventListener = signal.removeEventListener.bind(signal);
	signal.addEventListener = (...parameters: Parameters<typeof addEventListener>) => {
		listeners.add(parameters[1]);
		addEventListener(...parameters);
	};
	signal.removeEventListener = (...parameters: Parameters<typeof removeEventListener>) => {
		listeners.delete(parameters[1]);
		removeEventListener(...parameters);
	};
	return {signal, count: () => listeners.size};
}

async function play(
	steps: readonly Step[],
	outcomes: ReadonlyArray<Partial<Fate>>,
	{
		limit,
		chatLimit,
		stop,
	}: {stop: boolean; limit: {limit: number; interval: number} | undefined; chatLimit: {limit: number; interval: number} | undefined},
): Promise<Run> {
	return inFakedTime(async clock => {
		const world = new World(clock);
		const {service} = world;
		let calls = 0;
		service.fate = () => {
			const fate = outcomes[calls++ % outcomes.length] ?? {};
			// An endless row of instant answers would be an endless loop of the test's own making.
			return calls > 2000 ? {roundTrip: 100} : fate;
		};
		const {signal, count} = counted();
		const indicator = world.indicator({stop, ...(limit && {limit}), ...(chatLimit && {chatLimit})}, {signal});
		const holds: Array<Typing<Action>> = [];
		const chatOf = new Map<Typing<Action>, string>();
		const held = new Map<string, Array<[number, number]>>();
		const alone = new Map<string, Array<[number, number]>>();
		const spanOf = new Map<Typing<Action>, [number, number]>();
		const messages: Array<Promise<unknown>> = [];
		const note = () => {
			for (const [typing, span] of spanOf) {
				if (typing.ended && span[1] === never) {
					span[1] = service.now();
				}
			}
		};

		for (const one of steps) {
			const target: Target = {chat: 'chat' in one ? `${one.chat}` : ''};
			const typing = 'hold' in one ? holds[one.hold % Math.max(holds.length, 1)] : undefined;
			switch (one.do) {
				case 'start': {
					const {delay, interval, maxDuration, action: shown} = one;
					const started = indicator.start(target, {delay, interval, maxDuration, action: shown});
					const span: [number, number] = [service.now(), never];
					holds.push(started);
					chatOf.set(started, target.chat);
					spanOf.set(started, span);
					held.set(target.chat, [...(held.get(target.chat) ?? []), span]);
					break;
				}

				case 'stop':
				case 'cancel':
				case 'pause':
				case 'resume': {
					typing?.[one.do]();
					break;
				}

				case 'action': {
					if (typing) {
						typing.action = one.action;
					}

					break;
				}

				case 'cancel chat': {
					indicator.cancel(target);
					break;
				}

				case 'message': {
					const {roundTrip, fails, upload, gated} = one;
					const error = fails ? {error: new Error('400')} : {};
					const span: [number, number] = [never, never];
					const timed = (send: () => Promise<unknown>) => async () => {
						span[0] = service.now();
						try {
							return await send();
						} finally {
							span[1] = service.now();
						}
					};
					if (upload === undefined) {
						alone.set(target.chat, [...(alone.get(target.chat) ?? []), span]);
						messages.push(indicator.message(target, timed(service.message(target.chat, {roundTrip, ...error}))).catch(() => {}));
					} else {
						const uploading = service.upload(target.chat, {before: upload, gated, roundTrip, ...error});
						messages.push(indicator.message(target, uploading, 'upload_photo').catch(() => {}));
						held.set(target.chat, [...(held.get(target.chat) ?? []), [service.now(), service.now() + upload + roundTrip + 400]]);
					}

					break;
				}

				case 'clock': {
					clock.setSystemTime(Date.now() + one.hours * 3_600_000);
					break;
				}

				case 'wait': {
					await clock.tickAsync(one.ms);
					break;
				}
			}

			note();
		}

		for (const typing of holds) {
			typing.stop();
		}

		note();
		await clock.tickAsync(60_000);
		const run = {world, held, alone, size: indicator.size, timers: clock.countTimers(), listeners: count()};
		await Promise.all([...messages, indicator.close(), clock.tickAsync(6000)]);
		return run;
	});
}

/** Whether anything ever overlapped in one chat: a call counts until it settles, or until its deadline gave it up. */
function overlap(calls: readonly Call[]): string | undefined {
	for (const ofChat of group(calls).values()) {
		for (const [index, call] of ofChat.entries()) {
			const next = ofChat[index + 1];
			// The shortest interval of the programs is 1,000, so no deadline is shorter than 666.
			if (next && next.at < Math.min(call.settledAt, call.at + 666)) {
				return `${call.kind} at ${call.at} and ${next.kind} at ${next.at} in chat ${call.chat}`;
			}
		}
	}

	return undefined;
}

function group(calls: readonly Call[]): Map<string, Call[]> {
	const groups = new Map<string, Call[]>();
	for (const call of calls) {
		groups.set(call.chat, [...(groups.get(call.chat) ?? []), call]);
	}

	return groups;
}

function violations({world, held, alone, size, timers, listeners}: Run): string[] {
	const {calls} = world.service;
	const found: string[] = [];
	const twice = overlap(calls);
	if (twice) {
		found.push(`two in flight: ${twice}`);
	}

	for (const {kind, chat: of, at} of calls) {
		if (kind === 'send' && !held.get(of)?.some(([from, to]) => from <= at && at <= to)) {
			found.push(`a send at ${at} in chat ${of}, which nobody held`);
		}

		// In the very millisecond in which a message leaves or has landed both orders are right.
		if (alone.get(of)?.some(([from, to]) => from < at && at < to)) {
			found.push(`a ${kind} at ${at} in chat ${of}, while a message was on its way`);
		}
	}

	if (size > 0 || timers > 0 || listeners > 0) {
		found.push(`left over: ${size} leases, ${timers} timers, ${listeners} listeners`);
	}

	return found;
}

test.serial('any program: one call at a time, none unheld or beside a message, and nothing is left', async t => {
	let total = 0;
	await fc.assert(
		fc.asyncProperty(fc.array(step, {maxLength: 40, size: 'max'}), fates, platform, async (steps, outcomes, members) => {
			const run = await play(steps, outcomes, members);
			total += run.world.service.calls.length;
			const found = violations(run);
			if (found.length > 0) {
				throw new Error(found.join('\n'));
			}
		}),
		{numRuns: 4000},
	);
	t.log(`${total} calls`);
	t.true(total > 4000, 'the programs do too little to prove anything');
});

test.serial('held and healthy: no gap, whatever the jitter, the holds and the actions', async t => {
	const healthy = fc.array(
		fc.record({
			gap: fc.integer({min: 0, max: 3000}),
			length: fc.integer({min: 0, max: 9000}),
			delay: fc.constantFrom(0, 200),
			action,
			interval: fc.constantFrom(4500, 1500, 3000),
			change: fc.option(action, {nil: undefined}),
		}),
		{maxLength: 12},
	);
	const trips = fc.array(fc.record({arrival: fc.integer({min: 0, max: 499}), back: fc.integer({min: 1, max: 400})}), {
		minLength: 1,
		maxLength: 8,
	});
	await fc.assert(
		fc.asyncProperty(healthy, trips, fc.boolean(), async (holds, latencies, stop) => {
			const dark = await inFakedTime(async clock => {
				const world = new World(clock);
				let calls = 0;
				world.service.fate = () => {
					const {arrival, back} = latencies[calls++ % latencies.length] ?? {arrival: 0, back: 1};
					return {arrival, roundTrip: arrival + back};
				};
				const indicator = world.indicator({stop}, {delay: 0});
				// One handler holds all along, so that there is something to be seen all along.
				const outer = indicator.start({chat: 'a'});
				const ends: Array<Promise<void>> = [];
				for (const {gap, length, change, ...options} of holds) {
					await clock.tickAsync(gap);
					ends.push(
						indicator.run(
							{chat: 'a'},
							async typing => {
								await wait(length / 2);
								typing.action = change ?? typing.action;
								await wait(length / 2);
							},
							options,
						),
					);
				}

				await clock.tickAsync(12_000);
				await Promise.all(ends);
				const end = world.service.now();
				outer.stop();
				const gaps = world.service.view().dark(500, end);
				await clock.tickAsync(10_000);
				return [...gaps, ...(clock.countTimers() + indicator.size > 0 ? ['left over'] : [])];
			});
			if (dark.length > 0) {
				throw new Error(JSON.stringify(dark));
			}
		}),
		{numRuns: 500},
	);
	t.pass();
});

test.serial('results and errors of handlers and messages pass through, whatever the platform does', async t => {
	await fc.assert(
		fc.asyncProperty(fates, fc.anything(), fc.boolean(), fc.nat(9000), async (outcomes, value, fails, ms) => {
			// A value with a `then` of its own is a promise to the language.
			fc.pre(typeof (value as {then?: unknown} | null | undefined)?.then !== 'function');
			await inFakedTime(async clock => {
				const world = new World(clock);
				let calls = 0;
				world.service.fate = () => outcomes[calls++ % outcomes.length] ?? {};
				const indicator = world.indicator({}, {delay: 0});
				const work = async () => {
					await wait(ms);
					if (fails) {
						throw value;
					}

					return value;
				};
				const results = Promise.allSettled([indicator.run({chat: 'a'}, work), indicator.message({chat: 'b'}, work)]);
				await clock.tickAsync(20_000);
				for (const result of await results) {
					const got: unknown = result.status === 'fulfilled' ? result.value : result.reason;
					if ((result.status === 'rejected') !== fails || !Object.is(got, value)) {
						throw new Error(`${result.status}: ${String(got)}`);
					}
				}
			});
		}),
		{numRuns: 200},
	);
	t.pass();
});
