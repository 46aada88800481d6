import {Indicator} from '@auto-typing/core';
import {Budget} from '@auto-typing/simulator';
import {random, Refusal, wait, type Action, type Target, type World} from './harness.ts';

/** What became of a burst. */
export interface Burst {
	readonly refused: {readonly typing: number; readonly messages: number};
	/** The longest that a message waited to leave, in milliseconds. */
	readonly late: number;
	/** The share of the work in which an indicator was seen. */
	readonly covered: number;
	readonly size: number;
}

/** A server that admits so many requests in a sliding second, and refuses the rest with a 429, as Telegram does. */
export async function burst(
	world: World,
	chats: number,
	startOf: (chat: number) => number,
	lockout: boolean,
	delay = 200,
	workOf: (chat: number) => number = () => 12_000,
): Promise<Burst> {
	const budget = new Budget();
	const rule = {limit: 30, interval: 1000, lockout};
	const refused = {typing: 0, messages: 0};
	const next = random(12);
	const latency = () => 20 + Math.floor(next() * 60);

	/** Decided when it arrives, not when it leaves. */
	const request = async (kind: keyof typeof refused, up: number) => {
		await wait(up);
		const now = world.service.now();
		const seconds = budget.refuse(rule, now);
		if (seconds > 0) {
			refused[kind]++;
		} else {
			budget.book(now);
		}

		await wait(10);
		if (seconds > 0) {
			throw new Refusal({after: seconds * 1000, scope: 'bot'});
		}
	};

	const shown = new Map<string, Array<[number, number]>>();
	const indicator = new Indicator<Target, Action>(
		{
			...world.service.platform({limit: {limit: 30, interval: 1000}}),
			async send({chat}) {
				const up = latency();
				const at = world.service.now() + up;
				await request('typing', up);
				shown.set(chat, [...(shown.get(chat) ?? []), [at, at + 5000]]);
			},
		},
		{delay},
	);

	const late: number[] = [];
	let covered = 0;
	let total = 0;
	const handlers = Array.from({length: chats}, async (_, index) => {
		await wait(startOf(index));
		const chat = `${index}`;
		const from = world.service.now();
		const work = workOf(index);
		total += work;
		await indicator.run({chat}, async () => {
			await wait(work);
			const asked = world.service.now();
			try {
				await indicator.message({chat}, async () => {
					late.push(world.service.now() - asked);
					await request('messages', latency());
				});
			} catch {
				// Counted.
			}
		});
		let seen = from;
		for (const [since, to] of shown.get(chat) ?? []) {
			covered += Math.max(0, Math.min(to, from + work) - Math.max(since, seen));
			seen = Math.max(seen, to);
		}
	});
	await world.until(world.service.now() + 60_000);
	await Promise.all(handlers);
	return {refused, late: Math.max(...late), covered: covered / total, size: indicator.size};
}
