import {once} from 'node:events';
import {Agent, request as httpRequest} from 'node:http';
import {connect as connectHttp2, createServer as createHttp2} from 'node:http2';
import type {AddressInfo} from 'node:net';
import {createGzip, gunzipSync} from 'node:zlib';
import {autoTyping} from '@auto-typing/koa';
import {targetOf} from '@auto-typing/telegram';
import {bodyParser} from '@koa/bodyparser';
import test from 'ava';
import type Koa from 'koa';
import {assertQuiet, isAction, seen, until, wait} from './harness.ts';
import {gate, post, site, update, world, type Ctx} from './koa-harness.ts';

// With `respond`: the request is answered first, and the rest of the middleware runs on.

test('answered at once, and covered from then on until the reply', async t => {
	const w = await world(t);
	const done = gate();
	const {url, typing} = await site(
		t,
		w,
		async ctx => {
			await seen(w.server, isAction, 3);
			await w.reply(ctx, 'done');
			done.open();
		},
		{respond: 200},
	);
	const {status, body, headers, at} = await post(url, update(7));
	t.is(typing.running, 1);
	await done.passed;
	t.is(status, 200);
	t.is(body, 'OK');
	t.like(headers, {'content-type': 'text/plain; charset=utf-8', 'content-length': '2'});
	const view = w.server.chat(7);
	const {at: repliedAt} = view.messages[0]!;
	t.true(at < repliedAt);
	t.deepEqual(view.dark(view.spans[0]!.from, repliedAt), []);
	await assertQuiet(t, w.server, 7);
	t.is(typing.running, 0);
	t.deepEqual(w.errors, []);
});

test('the answer has left when the work begins, so that nothing holds it up', async t => {
	const w = await world(t);
	let left: boolean | undefined;
	const done = gate();
	const {url} = await site(
		t,
		w,
		ctx => {
			left = ctx.res.writableFinished;
			done.open();
		},
		{respond: 202},
	);
	const {status, body} = await post(url, update(7));
	await done.passed;
	t.is(status, 202);
	t.is(body, 'Accepted');
	t.true(left);
});

test('a function makes the answer, with the headers that Koa adds', async t => {
	const w = await world(t);
	const {url} = await site(t, w, () => {}, {
		async respond(ctx) {
			await wait(1);
			ctx.status = 201;
			ctx.set('X-Bot', 'yes');
			ctx.body = {ok: true};
		},
	});
	const {status, headers, body} = await post(url, update(7));
	t.is(status, 201);
	t.is(body, '{"ok":true}');
	t.like(headers, {'content-type': 'application/json; charset=utf-8', 'content-length': '11', 'x-bot': 'yes'});
});

test('204 has no body', async t => {
	const w = await world(t);
	const {url} = await site(t, w, () => {}, {respond: 204});
	const {status, body} = await post(url, update(7));
	t.is(status, 204);
	t.is(body, '');
});

test('an answer that fails is Koa’s to give, and nothing is worked on', async t => {
	const w = await world(t);
	const {url, typing} = await site(t, w, () => t.fail('no answer, no work'), {
		respond: ctx => ctx.throw(402, 'Pay first'),
	});
	const {status, body} = await post(url, update(7));
	t.is(status, 402);
	t.is(body, 'Pay first');
	await until(() => typing.running === 0);
	t.deepEqual(w.server.log, []);
});

test('a function that makes no answer is an error that says so, and nothing is worked on', async t => {
	const w = await world(t);
	const {url} = await site(t, w, () => t.fail('no answer, no work'), {respond: () => 200});
	t.is((await post(url, update(7))).status, 500);
	t.is(
		w.errors[0]!.error.message,
		'Expected `respond` to answer with a status from 200 to 299, got 404: after any other the sender delivers again',
	);
});

test('what the work throws reaches the application with its context, as Koa would have it', async t => {
	const w = await world(t);
	let seenCtx: Ctx | undefined;
	const failure = new Error('The model is down');
	const {url} = await site(
		t,
		w,
		async ctx => {
			seenCtx = ctx;
			await wait(30);
			throw failure;
		},
		{respond: 200},
	);
	const {status} = await post(url, update(7));
	t.is(status, 200);
	await until(() => w.errors.length === 1);
	t.is(w.errors[0]!.error, failure);
	t.is(w.errors[0]!.ctx, seenCtx!);
	t.true(w.errors[0]!.error.headerSent);
	await until(() => w.indicator.size === 0);
});

test('what is thrown and is no error becomes one, as Koa would have it', async t => {
	const w = await world(t);
	const {url} = await site(
		t,
		w,
		() => {
			throw 'nonsense';
		},
		{respond: 200},
	);
	await post(url, update(7));
	await until(() => w.errors.length === 1);
	t.is(w.errors[0]!.error.message, 'non-error thrown: "nonsense"');
});

const lateWrites: Record<string, (ctx: Ctx) => unknown> = {
	'ctx.body =': ctx => (ctx.body = 'late'),
	'ctx.status =': ctx => (ctx.status = 500),
	'ctx.message =': ctx => (ctx.message = 'late'),
	'ctx.type =': ctx => (ctx.type = 'html'),
	'ctx.length =': ctx => (ctx.length = 5),
	'ctx.etag =': ctx => (ctx.etag = 'late'),
	'ctx.lastModified =': ctx => (ctx.lastModified = new Date()),
	'ctx.set()': ctx => ctx.set('X-Late', 'yes'),
	'ctx.append()': ctx => ctx.append('X-Late', 'yes'),
	'ctx.remove()': ctx => ctx.remove('Content-Type'),
	'ctx.vary()': ctx => ctx.vary('Accept'),
	'ctx.redirect()': ctx => ctx.redirect('/elsewhere'),
	'ctx.back()': ctx => ctx.back('/elsewhere'),
	'ctx.attachment()': ctx => ctx.attachment('late.txt'),
	'ctx.flushHeaders()': ctx => ctx.flushHeaders(),
	'ctx.res.write()': ctx => ctx.res.write('late'),
	'ctx.res.end()': ctx => ctx.res.end('late'),
	'ctx.res.writeHead()': ctx => ctx.res.writeHead(500),
	'ctx.res.setHeader()': ctx => ctx.res.setHeader('X-Late', 'yes'),
	'ctx.res.appendHeader()': ctx => ctx.res.appendHeader('X-Late', 'yes'),
	'ctx.res.removeHeader()': ctx => ctx.res.removeHeader('Content-Type'),
	'ctx.res.flushHeaders()': ctx => ctx.res.flushHeaders(),
	'ctx.res.statusCode =': ctx => (ctx.res.statusCode = 500),
	'ctx.res.statusMessage =': ctx => (ctx.res.statusMessage = 'late'),
};

test('every late write is an error that says so, and changes nothing', async t => {
	const w = await world(t);
	const refusals: Record<string, string> = {};
	const {url} = await site(
		t,
		w,
		ctx => {
			for (const [name, write] of Object.entries(lateWrites)) {
				refusals[name] = t.throws(() => write(ctx), undefined, name)?.message ?? '';
			}

			t.throws(() => (ctx.response.body = 'late'), {message: /^`ctx\.body =` comes too late/});
			t.throws(() => ctx.cookies.set('late', 'yes'), {message: /^`ctx\.res\.setHeader\(\)` comes too late/});
			t.is(ctx.status, 201);
			t.is(ctx.body, 'first');
			ctx.body = 'the handler ends with this one';
		},
		{
			respond(ctx) {
				ctx.status = 201;
				ctx.body = 'first';
			},
		},
	);
	const {status, body, headers} = await post(url, update(7));
	await until(() => w.errors.length === 1);
	t.deepEqual(
		refusals,
		Object.fromEntries(
			Object.keys(lateWrites).map(name => [
				name,
				`\`${name}\` comes too late: this request was answered with 201 before its work began, as \`respond\` says. Send what is left to say as a message`,
			]),
		),
	);
	t.regex(w.errors[0]!.error.message, /^`ctx\.body =` comes too late/);
	t.is(status, 201);
	t.is(body, 'first');
	t.false('x-late' in headers);
});

test('reading goes on: the request, its body, and the answer', async t => {
	const w = await world(t);
	const done = gate();
	const body = update(7, 'read me');
	const {url, app} = await site(
		t,
		w,
		async ctx => {
			await wait(20);
			t.deepEqual(ctx.request.body, body);
			t.is(ctx.get('x-from'), 'Telegram');
			t.is(ctx.path, '/bot');
			t.is(ctx.query['bot'], '5');
			t.is(ctx.status, 200);
			t.is(ctx.message, 'OK');
			t.is(ctx.body, 'fine');
			t.is(ctx.type, 'text/plain');
			t.is(ctx.response.get('content-type'), 'text/plain; charset=utf-8');
			t.is(ctx.response.length, 4);
			t.true(ctx.headerSent);
			t.false(ctx.writable);
			t.true(ctx.res.writableFinished);
			t.is(ctx.res.statusCode, 200);
			t.is(app.currentContext, ctx, 'the asynchronous context is that of the request');
			done.open();
		},
		{
			respond(ctx) {
				ctx.body = 'fine';
			},
		},
	);
	await post(`${url}?bot=5`, body, {headers: {'x-from': 'Telegram'}});
	await done.passed;
	t.deepEqual(w.errors, []);
});

test('middleware further out sees the answer, and may add to it', async t => {
	const w = await world(t);
	const work = gate();
	const logged: unknown[] = [];
	const before: Koa.Middleware[] = [
		async (ctx, next) => {
			await next();
			logged.push([ctx.status, ctx.body === undefined]);
			ctx.set('X-Response-Time', '1');
			await wait(20);
			ctx.append('X-Slow', 'yes');
		},
		async (ctx, next) => {
			await next();
			const gzip = createGzip();
			gzip.end(String(ctx.body));
			ctx.set('Content-Encoding', 'gzip');
			ctx.body = gzip;
		},
	];
	const {url} = await site(t, w, async () => work.passed, {respond: ctx => (ctx.body = 'squeeze me')}, {before});
	const answer = await new Promise<{headers: object; body: Buffer}>((resolve, reject) => {
		httpRequest(url, {method: 'POST', agent: false, headers: {'content-type': 'application/json'}}, response => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('end', () => resolve({headers: response.headers, body: Buffer.concat(chunks)}));
		})
			.on('error', reject)
			.end(JSON.stringify(update(7)));
	});
	t.deepEqual(logged, [[200, false]]);
	t.like(answer.headers, {'x-response-time': '1', 'x-slow': 'yes', 'content-encoding': 'gzip'});
	t.is(gunzipSync(answer.body).toString(), 'squeeze me');
	await seen(w.server, isAction);
	work.open();
	await until(() => w.indicator.size === 0);
	t.deepEqual(w.errors, []);
});

test('middleware further out that fails has its own answer; the work is done all the same', async t => {
	const w = await world(t);
	const {url} = await site(
		t,
		w,
		async ctx => w.reply(ctx, 'done'),
		{respond: 200},
		{
			before: [
				async (_ctx, next) => {
					await next();
					throw new Error('The log is full');
				},
			],
		},
	);
	const {status} = await post(url, update(7));
	t.is(status, 500);
	await seen(w.server, 'sendMessage');
	t.deepEqual(
		w.errors.map(({error}) => error.message),
		['The log is full'],
	);
});

test('a client that hangs up, before or after its answer, aborts nothing', async t => {
	const w = await world(t);
	const waiting = gate();
	const {url} = await site(
		t,
		w,
		async ctx => {
			await seen(w.server, isAction, 2);
			t.false(ctx.state.typing.signal.aborted);
			await w.reply(ctx, 'done');
		},
		{
			async respond(ctx) {
				waiting.open();
				await once(ctx.res, 'close');
				ctx.set('X-Too-Late', 'but harmless');
				ctx.body = 'nobody hears this';
			},
		},
		{
			before: [
				async (ctx, next) => {
					await next();
					await wait(20);
					ctx.set('X-Response-Time', '1');
				},
			],
		},
	);
	const request = httpRequest(url, {method: 'POST', agent: false, headers: {'content-type': 'application/json'}});
	request.on('error', () => {});
	request.end(JSON.stringify(update(7)));
	await waiting.passed;
	request.destroy();
	await seen(w.server, 'sendMessage');
	const view = w.server.chat(7);
	t.deepEqual(view.dark(view.spans[0]!.from, view.messages[0]!.at), []);
	t.deepEqual(w.errors, []);
});

test('one connection carries many requests, each answered while those before are worked on', async t => {
	const w = await world(t);
	const work = gate();
	const {url, typing} = await site(t, w, async () => work.passed, {
		respond: ctx => (ctx.body = String((ctx.request.body as {update_id: number}).update_id)),
	});
	const agent = new Agent({keepAlive: true, maxSockets: 1});
	t.teardown(() => agent.destroy());
	for (const id of [101, 102, 103]) {
		t.is((await post(url, update(id, 'hello', id), {agent})).body, String(id));
	}

	t.is(typing.running, 3);
	await seen(w.server, isAction, 3);
	for (const id of [101, 102, 103]) {
		t.is(w.server.chat(id).spans.length, 1);
	}

	work.open();
	await until(() => typing.running === 0);
});

test('without a chat it is answered and worked on just the same, and nothing is shown', async t => {
	const w = await world(t);
	const done = gate();
	const {url} = await site(
		t,
		w,
		async ctx => {
			await wait(60);
			t.false(ctx.state.typing.signal.aborted);
			ctx.state.typing.action = 'record_voice';
			ctx.state.typing.pause();
			done.open();
		},
		{respond: 200, delay: 0},
	);
	const {status} = await post(url, {update_id: 1, inline_query: {id: '1', query: 'cats', from: {id: 7}}});
	t.is(status, 200);
	await done.passed;
	t.deepEqual(w.server.log, []);
	t.deepEqual(w.errors, []);
});

test('installed twice, and around one route inside another, it is one indicator and one answer', async t => {
	const w = await world(t);
	const done = gate();
	const target = (ctx: Koa.ParameterizedContext) => targetOf(ctx.request.body as object);
	const around = autoTyping(w.indicator, target);
	const twice = autoTyping(w.indicator, target, {respond: 202, once: ctx => (ctx.request.body as {update_id: number}).update_id});
	const {url} = await site(
		t,
		w,
		async ctx => {
			await seen(w.server, isAction, 3);
			await w.reply(ctx, 'done');
			done.open();
		},
		{respond: 200},
		{before: [bodyParser(), around, twice as Koa.Middleware, twice as Koa.Middleware]},
	);
	const {status} = await post(url, update(7));
	t.is(status, 202);
	await done.passed;
	const view = w.server.chat(7);
	t.is(view.spans.length, 1);
	t.deepEqual(view.dark(view.spans[0]!.from, view.messages[0]!.at), []);
	await assertQuiet(t, w.server, 7);
	await until(() => around.running + twice.running === 0);
	t.deepEqual(w.errors, []);
});

test('a quick one shows nothing', async t => {
	const w = await world(t);
	const {url} = await site(t, w, async ctx => w.reply(ctx, 'done'), {respond: 200, delay: 5000});
	await post(url, update(7));
	await seen(w.server, 'sendMessage');
	t.is(w.server.chat(7).calls, 0);
});

test('over HTTP/2, too', async t => {
	const w = await world(t);
	const {app} = await site(
		t,
		w,
		async ctx => {
			await seen(w.server, isAction, 2);
			await w.reply(ctx, 'done');
			ctx.body = 'late';
		},
		{respond: 202},
	);
	// oxlint-disable-next-line typescript/no-misused-promises -- as `app.listen` does
	const server = createHttp2(app.callback());
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	t.teardown(() => {
		session.destroy();
		server.close();
	});
	const stream = session.request({':method': 'POST', ':path': '/bot', 'content-type': 'application/json'});
	stream.end(JSON.stringify(update(7)));
	const [headers] = (await once(stream, 'response')) as [{':status': number}];
	t.is(headers[':status'], 202);
	stream.resume();
	await until(() => w.errors.length === 1);
	t.regex(w.errors[0]!.error.message, /^`ctx\.body =` comes too late/);
	const view = w.server.chat(7);
	t.deepEqual(view.dark(view.spans[0]!.from, view.messages[0]!.at), []);
});
