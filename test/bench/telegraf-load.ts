import {setTimeout as wait} from 'node:timers/promises';
import {autoTyping} from '@auto-typing/telegraf';
import {Telegraf, Telegram} from 'telegraf';
import type {Update} from 'telegraf/types';
import {written} from './bench-bot.ts';
import {collect, median} from './child.ts';

// Telegraf with the middleware and with one that does nothing, as JSON: microseconds that ours adds to an update, or bytes of heap for one open handler.

/** In place of the network, in this process alone. */
Telegram.prototype.callApi = async () => true as never;

const [mode, contender] = process.argv.slice(2);
const forever = new Promise<void>(() => {});

type Contender = 'bare' | 'empty' | 'ours';

function makeBot(name: Contender, handler: () => Promise<void>): Telegraf {
	const bot = new Telegraf('1:bench');
	bot.botInfo = {id: 1, is_bot: true, first_name: 'Bench', username: 'bench_bot'} as NonNullable<typeof bot.botInfo>;
	if (name === 'ours') {
		bot.use(autoTyping({limit: {limit: 1_000_000, interval: 1000}}));
	} else if (name === 'empty') {
		// oxlint-disable-next-line typescript/promise-function-async -- a promise of its own would be something
		bot.use((_ctx, next) => next());
	}

	bot.on('message', handler);
	return bot;
}

async function added(): Promise<number> {
	// The first pays for the garbage of the last, here as for grammY.
	const bots = (['bare', 'ours', 'empty'] as const).map(name => makeBot(name, async () => {}));
	const differences: number[] = [];
	for (let round = -10; round < 101; round++) {
		const times: number[] = [];
		for (const bot of bots) {
			const startedAt = performance.now();
			for (let index = 0; index < 4000; index++) {
				await bot.handleUpdate(written(index) as Update);
			}

			times.push(((performance.now() - startedAt) * 1000) / 4000);
		}

		if (round >= 0) {
			differences.push(times[1]! - times[2]!);
		}
	}

	return median(differences);
}

async function heap(name: Contender): Promise<{before: number; after: number}> {
	const handlers = 20_000;
	const bot = makeBot(name, async () => forever);
	await Promise.race([bot.handleUpdate(written(-1) as Update), wait(1000)]);
	collect();
	const idle = process.memoryUsage().heapUsed;
	const perHandler = () => {
		collect();
		return (process.memoryUsage().heapUsed - idle) / handlers;
	};

	const open = [];
	for (let chatId = 1; chatId <= handlers; chatId++) {
		open.push(bot.handleUpdate(written(chatId) as Update));
	}

	const before = perHandler();
	await wait(2000);
	return {before, after: perHandler()};
}

process.stdout.write(JSON.stringify(mode === 'instant' ? await added() : await heap(contender as Contender)));
process.exit();
