import {setTimeout as wait} from 'node:timers/promises';
import {written} from './bench-bot.ts';
import {collect} from './child.ts';
import {contenderNamed} from './contender.ts';
import {stubBot} from './stub-bot.ts';

// Bytes of heap for one open handler, before and after its first call, as JSON.

const handlers = 20_000;
const forever = new Promise<void>(() => {});

let calls = 0;
const bot = stubBot(contenderNamed(process.argv[2]), async () => forever);
bot.api.config.use(async (previous, ...call) => {
	calls++;
	return previous(...call);
});

// Once to the end, so that what is made once and for all is there.
await Promise.race([bot.handleUpdate(written(-1)), wait(1000)]);
calls = 0;
collect();
const idle = process.memoryUsage().heapUsed;
const open = [];
for (let chatId = 1; chatId <= handlers; chatId++) {
	open.push(bot.handleUpdate(written(chatId)));
}

const before = calls === 0 ? perHandler() : undefined;
await wait(2000);
const after = perHandler();

process.stdout.write(JSON.stringify({before, after, calls: calls / handlers}));
process.exit();

function perHandler(): number {
	collect();
	return (process.memoryUsage().heapUsed - idle) / handlers;
}
