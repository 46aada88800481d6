import {setTimeout as sleep} from 'node:timers/promises';

/** What it knows, and the seconds it takes to find out. */
const answers: ReadonlyArray<readonly [question: RegExp, seconds: number, answer: string]> = [
	[/^hello/i, 0, 'Hello, Ada!'],
	[/sky/i, 12, 'Because the universe is young: most light is still on its way.'],
	[/south pole/i, 6, 'Roald Amundsen, on 14 December 1911.'],
	[/north pole/i, 7, 'Of those who can prove it: Roald Amundsen, by airship.'],
	[/novel/i, 60, 'Call me Ishmael.'],
	[/story/i, 8, 'Once upon a time.'],
];

/**
Stands for a language model, a database, a slow colleague.

@throws The reason of `signal`, once that is aborted.
*/
export async function ask(question: string, signal: AbortSignal): Promise<string> {
	const [, factor] = /^(\d+) squared/.exec(question) ?? [];
	if (factor !== undefined) {
		await work(squaringTime(Number(factor)), signal);
		return `${Number(factor) ** 2}.`;
	}

	const [, seconds, answer] = answers.find(([pattern]) => pattern.test(question)) ?? [/./, 5, 'It depends.'];
	await work(seconds, signal);
	return answer;
}

/** Large numbers take longer: 1.8 s to 4.3 s for 1 to 40, so that a crowd is not answered all at once. */
function squaringTime(factor: number): number {
	return 1.8 + (2.5 * Math.min(factor, 40)) / 40;
}

/** Takes time. */
export async function work(seconds: number, signal: AbortSignal): Promise<void> {
	if (seconds > 0) {
		await sleep(seconds * 1000, undefined, {signal});
	}
}
