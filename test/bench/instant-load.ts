import {written} from './bench-bot.ts';
import {median} from './child.ts';
import {autoChatActionPlugin, bare, empty, loop, ours} from './contender.ts';
import {stubBot} from './stub-bot.ts';

// Microseconds that each contender adds to an update whose handler returns at once, or replies first, as JSON.

const rounds = 101;
const updates = 4000;
const contenders = [bare, ours, empty, loop, autoChatActionPlugin];
const replies = process.argv[2] === 'reply';

const bots = contenders.map(contender => stubBot(contender, async ctx => (replies ? ctx.reply('done') : undefined)));
const added = contenders.map(() => [] as number[]);
for (let round = -10; round < rounds; round++) {
	const times = [];
	for (const bot of bots) {
		const startedAt = performance.now();
		for (let index = 0; index < updates; index++) {
			await bot.handleUpdate(written(index));
		}

		times.push(((performance.now() - startedAt) * 1000) / updates);
	}

	// No forced collection in between: it would throw away compiled code. The first rounds are for the compiler. Each round is compared with itself: another process slows all of it.
	if (round >= 0) {
		for (const [index, time] of times.entries()) {
			added[index]!.push(index === 0 ? time : time - times[0]!);
		}
	}
}

process.stdout.write(JSON.stringify(Object.fromEntries(contenders.map(({name}, index) => [name, median(added[index]!)]))));
process.exit();
