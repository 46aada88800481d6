import {setTimeout as wait} from 'node:timers/promises';
import {collect, median} from './child.ts';

/** Takes the update of one person, and resolves when it was handled. */
export type Take = (chatId: number) => Promise<unknown>;

/** What never ends, for handlers that are open. */
const forever: Promise<void> = new Promise<void>(() => {});

export type Contender = 'bare' | 'empty' | 'ours';

/**
Prints what a framework's middleware costs, as JSON, and ends the process: microseconds that ours adds to an update over an empty one, or bytes of
heap for one open handler.

@param make - An application with the middleware of one contender, and one handler.
*/
export async function load(make: (contender: Contender, handler: () => Promise<void>) => Take): Promise<never> {
	const [mode, contender] = process.argv.slice(2);
	process.stdout.write(
		JSON.stringify(
			mode === 'instant'
				? await added((['bare', 'ours', 'empty'] as const).map(name => make(name, async () => {})))
				: await heap(make(contender as Contender, async () => forever)),
		),
	);
	process.exit();
}

/** The first pays for the garbage of the last, here as for grammY. */
async function added(takes: readonly Take[]): Promise<number> {
	const differences: number[] = [];
	for (let round = -10; round < 101; round++) {
		const times: number[] = [];
		for (const take of takes) {
			const startedAt = performance.now();
			for (let index = 0; index < 4000; index++) {
				await take(index);
			}

			times.push(((performance.now() - startedAt) * 1000) / 4000);
		}

		if (round >= 0) {
			differences.push(times[1]! - times[2]!);
		}
	}

	return median(differences);
}

/** Before and after the first call of each. */
async function heap(take: Take): Promise<{before: number; after: number}> {
	const handlers = 20_000;
	// Once, so that what is made once and for all is there.
	await Promise.race([take(-1), wait(1000)]);
	collect();
	const idle = process.memoryUsage().heapUsed;
	const perHandler = () => {
		collect();
		return (process.memoryUsage().heapUsed - idle) / handlers;
	};

	const open = [];
	for (let chatId = 1; chatId <= handlers; chatId++) {
		open.push(take(chatId));
	}

	const before = perHandler();
	await wait(2000);
	return {before, after: perHandler()};
}
