import {autoTyping} from '@auto-typing/koa';
import {targetOf} from '@auto-typing/telegram';
import {bodyParser} from '@koa/bodyparser';
import {Router} from '@koa/router';
import test, {type ExecutionContext} from 'ava';
import {webhookCallback} from 'grammy';
import type {Update} from 'grammy/types';
import Koa from 'koa';
import {assertQuiet, install, isAction, makeBot, seen, until, type World as BotWorld} from './harness.ts';
import {listen, world, type World} from './koa-harness.ts';

// The webhook callbacks of other frameworks, mounted in a Koa application. The service delivers.

interface Mounted extends World {
	readonly app: Koa;
	readonly router: Router;
	readonly bot: BotWorld['bot'];
	/** Statuses and bodies of the answers, in order. */
	readonly answers: Array<{readonly status: number; readonly body: unknown}>;
	/** Puts it on a socket, and tells the service where. */
	start(): Promise<void>;
}

/** A grammY bot with its own `autoTyping`, and an application to mount it in. */
async function mounted(t: ExecutionContext): Promise<Mounted> {
	const w = await world(t);
	const bot = makeBot(w.server);
	install({server: w.server, bot, caught: [], errors: [], timeouts: [], events: []});
	bot.catch(error => {
		throw error;
	});
	const app = new Koa();
	const router = new Router();
	const answers: Mounted['answers'] = [];
	app.use(async (ctx, next) => {
		await next();
		answers.push({status: ctx.status, body: ctx.body});
	});
	return {
		...w,
		app,
		router,
		bot,
		answers,
		async start() {
			app.use(router.routes());
			const {url} = await listen(t, w, app);
			await w.call('setWebhook', {url});
		},
	};
}

/** Ends when the answer is out and the person has seen three more calls after it. */
function slowly({bot, server, answers}: Mounted): void {
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await until(() => answers.length === 1);
		await seen(server, isAction, server.chat(7).calls + 2);
		await ctx.reply('done');
	});
}

async function assertCovered(t: ExecutionContext, {server}: World): Promise<void> {
	await seen(server, 'sendMessage');
	const view = server.chat(7);
	t.deepEqual(view.dark(view.spans[0]!.from, view.messages[0]!.at), []);
	t.is(view.messages.length, 1);
	await assertQuiet(t, server, 7);
}

test('grammY’s webhookCallback: the handler goes on after its time-out answer, and so does the indicator', async t => {
	const w = await mounted(t);
	slowly(w);
	w.router.post('/bot', bodyParser(), webhookCallback(w.bot, 'koa', {onTimeout: 'return', timeoutMilliseconds: 100}));
	await w.start();
	w.server.write({chat: 7, text: 'hello'});
	await assertCovered(t, w);
	t.deepEqual(w.answers, [{status: 200, body: ''}]);
	t.deepEqual(w.errors, []);
});

test('a grammY bot behind an answer first: Koa answers, grammY shows', async t => {
	const w = await mounted(t);
	slowly(w);
	await w.bot.init();
	const typing = autoTyping(w.indicator, () => undefined, {
		respond: 200,
		once: ctx => (ctx.request.body as Update).update_id,
	});
	w.router.post('/bot', bodyParser(), typing, async ctx => w.bot.handleUpdate(ctx.request.body as Update));
	await w.start();
	w.server.write({chat: 7, text: 'hello'});
	await assertCovered(t, w);
	await until(() => typing.running === 0);
	t.like(w.answers, [{status: 200}]);
	t.deepEqual(w.errors, []);
});

test('grammY’s webhookCallback behind an answer first works, and says that its own answer comes too late', async t => {
	const w = await mounted(t);
	slowly(w);
	const typing = autoTyping(w.indicator, ctx => targetOf(ctx.request.body as object), {respond: 202});
	w.router.post('/bot', bodyParser(), typing, webhookCallback(w.bot, 'koa'));
	await w.start();
	w.server.write({chat: 7, text: 'hello'});
	await until(() => w.errors.length === 1);
	t.regex(w.errors[0]!.error.message, /^`ctx\.body =` comes too late: this request was answered with 202/);
	t.like(w.answers, [{status: 202}]);
	t.is(w.server.chat(7).messages.length, 1);
});
