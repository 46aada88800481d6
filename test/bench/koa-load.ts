import {IncomingMessage, ServerResponse} from 'node:http';
import {Socket} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';
import {Indicator} from '@auto-typing/core';
import {autoTyping} from '@auto-typing/koa';
import {targetOf, telegram} from '@auto-typing/telegram';
import Koa from 'koa';
import {written} from './bench-bot.ts';
import {collect, median} from './child.ts';

// Koa with the middleware and with one that does nothing, as JSON: microseconds that ours adds to a request, or bytes of heap for one open handler.

const [mode, contender] = process.argv.slice(2);
const forever = new Promise<void>(() => {});

type Contender = 'empty' | 'ours';

/** In place of a connection: what is written has left. */
class Answer extends ServerResponse {
	override readonly writableFinished: boolean = false;

	override end(): this {
		Object.assign(this, {writableFinished: true});
		this.emit('finish');
		this.emit('close');
		return this;
	}
}

const socket = new Socket();

/** A function that takes what a person wrote, as a webhook delivers it. */
function makeApp(name: Contender, handler: () => Promise<void>): (chatId: number) => Promise<void> {
	const app = new Koa();
	app.use(async (ctx, next) => {
		Object.assign(ctx.request, {body: written((ctx.req as {chatId?: number}).chatId!)});
		await next();
	});
	if (name === 'ours') {
		const indicator = new Indicator(
			telegram(async () => {}),
			{limit: {limit: 1_000_000, interval: 1000}},
		);
		app.use(autoTyping(indicator, ctx => targetOf((ctx.request as unknown as {body: object}).body)));
	} else {
		// oxlint-disable-next-line typescript/promise-function-async -- a promise of its own would be something
		app.use((_ctx, next) => next());
	}

	app.use(handler);
	const handle = app.callback();
	return async chatId => {
		const request = Object.assign(new IncomingMessage(socket), {chatId});
		await handle(request, new Answer(request));
	};
}

async function added(): Promise<number> {
	const apps = (['ours', 'empty'] as const).map(name => makeApp(name, async () => {}));
	const differences: number[] = [];
	for (let round = -10; round < 61; round++) {
		const times: number[] = [];
		for (const take of apps) {
			const startedAt = performance.now();
			for (let index = 0; index < 2000; index++) {
				await take(index);
			}

			times.push(((performance.now() - startedAt) * 1000) / 2000);
		}

		if (round >= 0) {
			differences.push(times[0]! - times[1]!);
		}
	}

	return median(differences);
}

async function heap(name: Contender): Promise<{before: number; after: number}> {
	const handlers = 20_000;
	const take = makeApp(name, async () => forever);
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

process.stdout.write(JSON.stringify(mode === 'instant' ? await added() : await heap(contender as Contender)));
process.exit();
