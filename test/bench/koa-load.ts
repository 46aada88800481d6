import {IncomingMessage, ServerResponse} from 'node:http';
import {Socket} from 'node:net';
import {Indicator} from '@auto-typing/core';
import {autoTyping} from '@auto-typing/koa';
import {targetOf, telegram} from '@auto-typing/telegram';
import Koa from 'koa';
import {written} from './bench-bot.ts';
import {load} from './load.ts';

const socket = new Socket().setMaxListeners(0);

/** In place of a connection: what is written has left. */
class Answer extends ServerResponse {
	override readonly socket: Socket = socket; // Without one it would stand in line.
	override readonly writableFinished: boolean = false;

	override end(): this {
		Object.assign(this, {writableFinished: true});
		this.emit('finish');
		this.emit('close');
		return this;
	}
}

await load((contender, handler) => {
	const app = new Koa();
	app.use(async (ctx, next) => {
		Object.assign(ctx.request, {body: written((ctx.req as {chatId?: number}).chatId!)});
		await next();
	});
	if (contender === 'ours') {
		const indicator = new Indicator(
			telegram(async () => {}),
			{limit: {limit: 1_000_000, interval: 1000}},
		);
		app.use(autoTyping(indicator, ctx => targetOf((ctx.request as unknown as {body: object}).body)));
	} else if (contender === 'empty') {
		// oxlint-disable-next-line typescript/promise-function-async -- a promise of its own would be something
		app.use((_ctx, next) => next());
	}

	app.use(handler);
	const handle = app.callback();
	return async chatId => {
		const request = Object.assign(new IncomingMessage(socket), {chatId});
		await handle(request, new Answer(request));
	};
});
