import type {IncomingMessage} from 'node:http';
import {bodyParser} from '@koa/bodyparser';
import {Router} from '@koa/router';
import {autoTyping as answering} from '@auto-typing/koa';
import {autoTyping, type TypingContext} from '@auto-typing/telegraf';
import test, {type ExecutionContext} from 'ava';
import Koa from 'koa';
import {Telegraf} from 'telegraf';
import type {Update} from 'telegraf/types';
import {assertQuiet, isAction, quick, seen, until} from './harness.ts';
import {listen, world, type World} from './koa-harness.ts';

// Telegraf's webhook callback, mounted in a Koa application. The service delivers.

interface Mounted extends World {
	readonly router: Router;
	readonly bot: Telegraf<TypingContext>;
	/** Statuses of the answers, in order. */
	readonly answers: number[];
	/** Puts it on a socket, and tells the service where. */
	start(): Promise<void>;
}

/** A bot whose handler ends when the answer is out and the person has seen two more calls after it. */
async function mounted(t: ExecutionContext, handlerTimeout: number): Promise<Mounted> {
	const w = await world(t);
	const {server} = w;
	const bot = new Telegraf<TypingContext>(server.token, {handlerTimeout, telegram: {apiRoot: server.url, webhookReply: false}});
	bot.catch(() => {}); // Telegraf's time-out: the handler goes on all the same.
	bot.use(autoTyping({...quick, handlerTimeout: Infinity}));
	const answers: number[] = [];
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await until(() => answers.length === 1);
		await seen(server, isAction, server.chat(7).calls + 2);
		await ctx.reply('done');
	});
	const router = new Router();
	return {
		...w,
		bot,
		router,
		answers,
		async start() {
			const app = new Koa();
			app.use(async (ctx, next) => {
				await next();
				answers.push(ctx.status);
			});
			app.use(router.routes());
			const {url} = await listen(t, w, app);
			await w.call('setWebhook', {url});
			server.write({chat: 7, text: 'hello'});
		},
	};
}

async function assertCovered(t: ExecutionContext, {server, errors, answers}: Mounted): Promise<void> {
	await seen(server, 'sendMessage');
	const view = server.chat(7);
	t.deepEqual(view.dark(view.spans[0]!.from, view.messages[0]!.at), []);
	t.is(view.messages.length, 1);
	await assertQuiet(t, server, 7);
	t.deepEqual(answers, [200]);
	t.deepEqual(errors, []);
}

test('Telegraf’s webhookCallback: the handler goes on after its time-out answer, and so does the indicator', async t => {
	const w = await mounted(t, 150);
	const callback = w.bot.webhookCallback('/bot');
	w.router.post('/bot', async ctx => {
		ctx.status = 200; // Telegraf ends the response without a status, which is Koa's 404 by then.
		await callback(ctx.req as IncomingMessage & {body?: Update}, ctx.res); // The types of `@koa/bodyparser` know it as `unknown`.
	});
	await w.start();
	await assertCovered(t, w);
});

test('a Telegraf bot behind an answer first: Koa answers, Telegraf shows', async t => {
	const w = await mounted(t, 90_000);
	const typing = answering(w.indicator, () => undefined, {respond: 200, once: ctx => (ctx.request.body as Update).update_id});
	w.router.post('/bot', bodyParser(), typing, async ctx => w.bot.handleUpdate(ctx.request.body as Update));
	await w.start();
	await assertCovered(t, w);
	await until(() => typing.running === 0);
});
