import {setTimeout as wait} from 'node:timers/promises';
import {Indicator} from '@auto-typing/core';
import {telegram} from '@auto-typing/telegram';
import {written} from './bench-bot.ts';
import {collect} from './child.ts';
import {contenderNamed} from './contender.ts';
import {watch, type Load} from './stalls.ts';
import {stubBot} from './stub-bot.ts';

// What many open handlers cost, as JSON. Arguments: the contender, the handlers, the seconds over which they start, the seconds to watch them.

export interface OpenLoad {
	readonly opening: Load;
	readonly open: Load & {readonly callsPerSecond: number};
	/** The heap over that of the idle process, in MB. */
	readonly heap: number;
}

const [name, ...figures] = process.argv.slice(2);
const [handlers, opening, steady] = figures.map(Number) as [number, number, number];
const forever = new Promise<void>(() => {});
let calls = 0;

/** A function that opens one handler. `core` is the engine without a framework. */
function opener(): (chatId: number) => unknown {
	if (name === 'core' || name === 'core, no limit') {
		const platform = telegram(async () => {
			calls++;
		});
		const indicator = new Indicator(platform, name === 'core' ? {} : {limit: {limit: 1_000_000, interval: 1000}});
		return chatId => indicator.start({chatId});
	}

	const bot = stubBot(contenderNamed(name), async () => forever);
	bot.api.config.use(async (previous, ...call) => {
		calls++;
		return previous(...call);
	});
	return async chatId => bot.handleUpdate(written(chatId));
}

const open = opener();
const kept: unknown[] = [];

async function openAll(): Promise<void> {
	const startedAt = performance.now();
	while (kept.length < handlers) {
		const due = opening === 0 ? handlers : Math.min(handlers, (handlers * (performance.now() - startedAt)) / (opening * 1000));
		while (kept.length < due) {
			kept.push(open(kept.length + 1));
		}

		await wait(1);
	}
}

collect();
const idle = process.memoryUsage().heapUsed;
const whileOpening = await watch(openAll);
collect();
const callsBefore = calls;
const whileOpen = await watch(async () => wait(steady * 1000));
const callsPerSecond = (calls - callsBefore) / steady;
collect();
const heap = (process.memoryUsage().heapUsed - idle) / 1e6;
const result: OpenLoad = {opening: whileOpening, open: {...whileOpen, callsPerSecond}, heap};
process.stdout.write(JSON.stringify(result));
process.exit();
