import {once} from 'node:events';
import {request as httpRequest} from 'node:http';
import {connect, type Socket} from 'node:net';
import {PassThrough} from 'node:stream';
import {autoTyping} from '@auto-typing/koa';
import type {ChatTarget} from '@auto-typing/telegram';
import {bodyParser} from '@koa/bodyparser';
import test from 'ava';
import Koa from 'koa';
import {acts, assertQuiet, isAction, seen, story, until, wait} from './harness.ts';
import {gate, listen, post, site, update, world, type Ctx} from './koa-harness.ts';

// Without `respond`: the indicator lives until the response.

/** Posts an update and hangs up when told to. */
function hangUpOn(url: string, body: object): () => void {
	const request = httpRequest(url, {method: 'POST', agent: false, headers: {'content-type': 'application/json'}});
	request.on('error', () => {});
	request.on('response', response => response.on('error', () => {}).resume());
	request.end(JSON.stringify(body));
	return () => request.destroy();
}

test('covered until the reply, quiet after it, and the handler makes the answer', async t => {
	const w = await world(t);
	const {url, typing} = await site(t, w, async ctx => {
		t.is(typing.running, 1);
		await seen(w.server, isAction, 3);
		await w.reply(ctx, 'done');
		ctx.body = {answered: true};
	});
	const {status, body} = await post(url, update(7));
	t.is(status, 200);
	t.is(body, '{"answered":true}');
	const view = w.server.chat(7);
	t.deepEqual(view.dark(view.spans[0]!.from, view.messages[0]!.at), []);
	await assertQuiet(t, w.server, 7);
	t.is(typing.running, 0);
	t.is(w.indicator.size, 0);
	t.deepEqual(w.errors, []);
});

test('a body that is a stream counts as work until its last byte', async t => {
	const w = await world(t);
	const body = new PassThrough();
	const {url, typing} = await site(t, w, ctx => (ctx.body = body));
	const answer = post(url, update(7));
	body.write('first, ');
	await seen(w.server, isAction, 3);
	t.is(typing.running, 1);
	const before = performance.now();
	body.end('last');
	t.is((await answer).body, 'first, last');
	const view = w.server.chat(7);
	t.deepEqual(view.dark(view.spans[0]!.from, before), []);
	await until(() => w.indicator.size === 0);
	const {calls} = view;
	await wait(800); // Longer than the interval.
	t.is(view.calls, calls);
	t.is(typing.running, 0);
});

test('a client that hangs up aborts the work, and ends the indicator', async t => {
	const w = await world(t);
	let reason: unknown;
	const {url, typing} = await site(t, w, async ctx => {
		const {signal} = ctx.state.typing;
		await new Promise(resolve => {
			signal.addEventListener('abort', resolve, {once: true});
		});
		({reason} = signal);
		signal.throwIfAborted();
	});
	const hangUp = hangUpOn(url, update(7));
	await seen(w.server, isAction);
	hangUp();
	await until(() => typing.running === 0);
	t.like(reason, {name: 'AbortError', message: 'The client has hung up'});
	t.is(w.indicator.size, 0);
	t.deepEqual(
		w.errors.map(({error}) => error),
		[reason as Error],
	);
});

test('a client that hangs up on a stream aborts the work as well', async t => {
	const w = await world(t);
	let signal: AbortSignal | undefined;
	const {url, typing} = await site(t, w, ctx => {
		({signal} = ctx.state.typing);
		const body = new PassThrough();
		body.write('…');
		ctx.body = body;
	});
	const hangUp = hangUpOn(url, update(7));
	await seen(w.server, isAction);
	t.false(signal!.aborted);
	hangUp();
	await until(() => signal!.aborted);
	await until(() => typing.running === 0);
	t.is(w.indicator.size, 0);
});

/** Posts updates over one connection, one behind another, before there is an answer to any. */
async function queue(url: string, count: number): Promise<Socket> {
	const socket = connect(Number(new URL(url).port), '127.0.0.1');
	await once(socket, 'connect');
	const bodies = Array.from({length: count}, (_, index) => JSON.stringify(update(index + 1)));
	socket.write(
		bodies
			.map(body => `POST /bot HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
			.join(''),
	);
	return socket;
}

test('a client that hangs up on requests that stand in line, aborts the work on all of them', async t => {
	const w = await world(t);
	const reasons: unknown[] = [];
	const {url, typing} = await site(t, w, async ctx => {
		const {signal} = ctx.state.typing;
		await once(signal, 'abort');
		reasons.push((signal.reason as Error).message);
	});
	const socket = await queue(url, 12);
	await seen(w.server, isAction, 12);
	socket.destroy();
	await until(() => typing.running === 0);
	t.deepEqual(
		reasons,
		Array.from({length: 12}, () => 'The client has hung up'),
	);
	t.is(w.indicator.size, 0);
});

test('a client that hangs up on requests that stand in line while their chats are looked up finds nothing started', async t => {
	const w = await world(t);
	const looking = gate();
	const aborted: boolean[] = [];
	let started = 0;
	const app = new Koa();
	app
		.use(bodyParser())
		.use(
			autoTyping(
				w.indicator,
				async () => {
					started++;
					await looking.passed;
					return {chatId: 7};
				},
				{delay: 0},
			),
		)
		.use(ctx => void aborted.push(ctx.state.typing.signal.aborted));
	const {http, url} = await listen(t, w, app);
	const connected = once(http, 'connection') as Promise<[Socket]>;
	const socket = await queue(url, 3);
	const [connection] = await connected;
	await until(() => started === 3);
	socket.destroy();
	await until(() => connection.closed);
	looking.open();
	await until(() => aborted.length === 3);
	t.deepEqual(aborted, [true, true, true]);
	await until(() => w.indicator.size === 0);
	t.deepEqual(w.server.log, []);
});

test('a route inside a route that was cancelled starts cancelled', async t => {
	const w = await world(t);
	let aborted: boolean | undefined;
	const chat = () => ({chatId: 7});
	const app = new Koa();
	app
		.use(autoTyping(w.indicator, chat))
		.use(async (_ctx, next) => {
			w.indicator.cancel(chat());
			await next();
		})
		.use(autoTyping(w.indicator, chat, {delay: 0}))
		.use(async ctx => {
			({aborted} = ctx.state.typing.signal);
			await wait(100);
			ctx.status = 204;
		});
	const {url} = await listen(t, w, app);
	t.is((await post(url, '')).status, 204);
	t.true(aborted);
	t.deepEqual(w.server.log, []);
});

test('a client that hangs up while the chat is looked up finds nothing started', async t => {
	const w = await world(t);
	const looking = gate();
	const gone = gate();
	const app = new Koa();
	let aborted: boolean | undefined;
	app
		.use(bodyParser())
		.use(
			autoTyping(
				w.indicator,
				async ctx => {
					looking.open();
					ctx.res.once('close', () => gone.open());
					await gone.passed;
					return {chatId: 7};
				},
				{delay: 0},
			),
		)
		.use(async ctx => {
			({aborted} = ctx.state.typing.signal);
			await wait(20);
		});
	const {url} = await listen(t, w, app);
	const hangUp = hangUpOn(url, update(7));
	await looking.passed;
	hangUp();
	await until(() => aborted !== undefined);
	t.true(aborted);
	await wait(50);
	t.deepEqual(w.server.log, []);
});

test('a handler that throws answers as ever, and ends the indicator', async t => {
	const w = await world(t);
	const {url} = await site(t, w, async () => {
		await seen(w.server, isAction);
		throw new Error('The model is down');
	});
	const {status, body} = await post(url, update(7));
	t.is(status, 500);
	t.is(body, 'Internal Server Error');
	t.is(w.errors[0]!.error.message, 'The model is down');
	await until(() => w.indicator.size === 0);
});

test('a quick one causes no call', async t => {
	const w = await world(t);
	const {url} = await site(t, w, ctx => (ctx.body = 'quick'), {delay: 5000});
	t.is((await post(url, update(7))).body, 'quick');
	await until(() => w.indicator.size === 0);
	t.deepEqual(w.server.log, []);
});

test('without a chat everything passes through, and the hold is there and holds nothing', async t => {
	const w = await world(t);
	const outer = new AbortController();
	const {url} = await site(
		t,
		w,
		async ctx => {
			await wait(60);
			t.false(ctx.state.typing.signal.aborted);
			outer.abort();
			t.true(ctx.state.typing.signal.aborted);
			ctx.body = 'passed';
		},
		{delay: 0, signal: outer.signal},
	);
	t.is((await post(url, {update_id: 1, poll: {id: '1'}})).body, 'passed');
	t.deepEqual(w.server.log, []);
});

test('`null` means no chat as well: bodies are JSON', async t => {
	const w = await world(t);
	const app = new Koa();
	app
		.use(bodyParser())
		.use(autoTyping(w.indicator, ctx => (ctx.request.body as {chat: ChatTarget | null}).chat, {delay: 0}))
		.use(async ctx => {
			await wait(60);
			ctx.body = 'passed';
		});
	const {url} = await listen(t, w, app);
	t.is((await post(url, {chat: null})).body, 'passed');
	t.deepEqual(w.server.log, []);
});

test('the chat may be looked up, the hold steers, and the options of the route win', async t => {
	const w = await world(t);
	w.server.addChat({id: -1007, topics: [3]});
	const app = new Koa();
	app
		.use(bodyParser())
		.use(
			autoTyping(
				w.indicator,
				async () => {
					await wait(5);
					return {chatId: -1007, threadId: 3};
				},
				{action: 'upload_photo', delay: 0},
			),
		)
		.use(async ctx => {
			await seen(w.server, isAction);
			ctx.state.typing.action = 'record_voice';
			await seen(w.server, isAction, 2);
			ctx.state.typing.pause();
			const {calls} = w.server.chat(-1007, {thread: 3});
			await wait(700); // Longer than the interval.
			t.is(w.server.chat(-1007, {thread: 3}).calls, calls);
			ctx.body = 'done';
		});
	const {url} = await listen(t, w, app);
	const {body} = await post(url, update(7));
	t.deepEqual(w.errors, []);
	t.is(body, 'done');
	t.deepEqual(acts(story(w.server, -1007)), ['upload_photo', 'record_voice']);
	t.is(w.server.chat(-1007, {thread: 3}).spans.length, 2);
});

test('a /stop in one line: it ends the work of the chat', async t => {
	const w = await world(t);
	const {url} = await site(
		t,
		w,
		async ctx => {
			const {message} = ctx.request.body as {message: {text: string}};
			if (message.text === '/stop') {
				w.indicator.cancel({chatId: 7});
				return;
			}

			const {signal} = ctx.state.typing;
			await new Promise((_resolve, reject) => {
				signal.addEventListener('abort', () => reject(signal.reason as Error), {once: true});
			});
		},
		{respond: 200},
	);
	await post(url, update(7, 'a long one'));
	await seen(w.server, isAction);
	await post(url, update(7, '/stop'));
	await until(() => w.errors.length === 1);
	t.is(w.errors[0]!.error.name, 'AbortError');
	await until(() => w.indicator.size === 0);
});

test('around one route inside another: nested, with the action of the inner one, and that of the outer one after it', async t => {
	const w = await world(t);
	const app = new Koa();
	const holds: unknown[] = [];
	const target = () => ({chatId: 7});
	app
		.use(autoTyping(w.indicator, target))
		.use(async (ctx, next) => {
			await seen(w.server, isAction);
			const before = ctx.state.typing;
			await next();
			holds.push(before === ctx.state.typing);
			const {calls} = w.server.chat(7);
			await seen(w.server, isAction, calls + 1);
		})
		.use(autoTyping(w.indicator, target, {action: 'upload_document'}))
		.use(async ctx => {
			await seen(w.server, ({payload}) => payload['action'] === 'upload_document');
			(ctx as Ctx).body = 'done';
		});
	const {url} = await listen(t, w, app);
	t.is((await post(url, update(7))).body, 'done');
	t.deepEqual(holds, [true]);
	t.deepEqual(
		w.server.chat(7).spans.map(({action}) => action),
		['typing', 'upload_document'],
	);
});
