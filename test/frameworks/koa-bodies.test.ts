import {once} from 'node:events';
import {connect} from 'node:net';
import {text} from 'node:stream/consumers';
import {Indicator} from '@auto-typing/core';
import {autoTyping} from '@auto-typing/koa';
import {targetOf, telegram, type ChatTarget} from '@auto-typing/telegram';
import {bodyParser} from '@koa/bodyparser';
import {Router} from '@koa/router';
import test, {type ExecutionContext} from 'ava';
import Koa from 'koa';
import {isAction, seen, until, wait} from './harness.ts';
import {listen, post, site, update, world, type Site, type World} from './koa-harness.ts';

// Requests that are none: a 4xx that says what is wrong, and no indicator.

/** Not too much of a body, and of the types that the parser takes by default. */
async function strict(t: ExecutionContext, w: World): Promise<Omit<Site, 'typing'>> {
	const find = (ctx: Koa.ParameterizedContext) => {
		ctx.assert(ctx.is('json'), 400, 'Expected JSON'); // It takes forms as well.
		return targetOf(ctx.request.body as object);
	};
	const typing = autoTyping(w.indicator, find, {respond: 200, delay: 0});
	const router = new Router();
	router.post('/bot', bodyParser({jsonLimit: '2kb', onError: (error, ctx) => ctx.throw(error)}), typing, () => t.fail('not worked on'));
	const app = new Koa();
	app.use(router.routes()).use(router.allowedMethods());
	return listen(t, w, app);
}

const bad: ReadonlyArray<readonly [string, string, Record<string, string>, number, RegExp]> = [
	['no JSON', '{"update_id": 1, ', {}, 400, /JSON/],
	['JSON that is no object', '5', {}, 400, /invalid JSON, only supports object and array/],
	['a form', 'update_id=1', {'content-type': 'application/x-www-form-urlencoded'}, 400, /^Expected JSON$/],
	['text', 'hello', {'content-type': 'text/plain'}, 415, /^Expected JSON, or another type/],
	['no content type that is one', '{}', {'content-type': 'nonsense'}, 415, /^Expected JSON, or another type/],
	['a file', '--x\r\n\r\n--x--', {'content-type': 'multipart/form-data; boundary=x'}, 415, /^Expected JSON, or another type/],
	['too much of it', JSON.stringify(update(7, 'x'.repeat(3000))), {}, 413, /too large/],
	['an encoding nobody knows', '{}', {'content-encoding': 'nonsense'}, 415, /encoding/i],
];

for (const [name, body, headers, status, message] of bad) {
	test(`refused, and nothing starts: ${name}`, async t => {
		const w = await world(t);
		const {url} = await strict(t, w);
		const answer = await post(url, body, {headers});
		t.is(answer.status, status);
		t.regex(answer.body, message);
		await wait(50);
		t.deepEqual(w.server.log, []);
		t.is(w.indicator.size, 0);
	});
}

test('refused, and nothing starts: another method', async t => {
	const w = await world(t);
	const {url} = await strict(t, w);
	t.is((await post(url, update(7), {method: 'PUT'})).status, 405);
	t.deepEqual(w.server.log, []);
});

test('refused, and nothing starts: an upload that is given up', async t => {
	const w = await world(t);
	const {url} = await strict(t, w);
	const socket = connect(Number(new URL(url).port), '127.0.0.1');
	await once(socket, 'connect');
	socket.write('POST /bot HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"update_id":');
	await wait(30);
	socket.destroy();
	await until(() => w.errors.some(({error}) => error.status === 400 && error.message === 'request aborted'));
	await wait(50);
	t.deepEqual(w.server.log, []);
	t.is(w.indicator.size, 0);
});

test('a parser that stands behind an answer first is a 500 that says where it belongs', async t => {
	const w = await world(t);
	const app = new Koa();
	app
		.use(autoTyping(w.indicator, () => ({chatId: 7}), {respond: 200, delay: 0}))
		.use(bodyParser())
		.use(() => t.fail('not worked on'));
	const {url} = await listen(t, w, app);
	t.is((await post(url, update(7))).status, 500);
	t.regex(w.errors[0]!.error.message, /put the body parser before `autoTyping`$/);
	await wait(50);
	t.deepEqual(w.server.log, []);
});

const strangers: readonly string[] = [
	'{}',
	'[]',
	'{"message":{}}',
	'{"message":{"chat":{}}}',
	'{"message":{"chat":{"id":{"toString":1}}}}',
];

for (const body of strangers) {
	test(`JSON that is no update shows nothing: ${body}`, async t => {
		const w = await world(t);
		const {url} = await site(t, w, async ctx => {
			await wait(100);
			ctx.status = 204;
		});
		t.is((await post(url, body)).status, 204);
		t.deepEqual(w.server.log, []);
	});
}

test('in front of a whole application it lets requests without a body pass', async t => {
	const w = await world(t);
	const app = new Koa();
	app
		.use(bodyParser())
		.use(autoTyping(w.indicator, ctx => targetOf(ctx.request.body as object | undefined)))
		.use(ctx => void (ctx.body = 'healthy'));
	const {url} = await listen(t, w, app);
	for (const method of ['GET', 'HEAD', 'OPTIONS']) {
		t.is((await post(url, '', {method})).status, 200);
	}

	t.deepEqual(w.errors, []);
});

test('what the parser leaves alone may be read further in, without an answer first', async t => {
	const w = await world(t);
	const {url} = await site(t, w, async ctx => {
		ctx.body = await text(ctx.req);
	});
	t.is((await post(url, 'hello', {headers: {'content-type': 'text/plain'}})).body, 'hello');
});

test('no body needs no parser', async t => {
	const w = await world(t);
	const app = new Koa();
	app.use(autoTyping(w.indicator, ctx => ({chatId: Number(ctx.query['chat'])}), {respond: 200})).use(async ctx => {
		await seen(w.server, isAction);
		t.is(ctx.query['chat'], '7');
		await w.call('sendMessage', {chat_id: 7, text: 'done'});
	});
	const {url} = await listen(t, w, app);
	t.is((await post(`${url}?chat=7`, '', {headers: {'content-length': '0'}})).status, 200);
	await seen(w.server, 'sendMessage');
	t.is(w.server.chat(7).spans.length, 1);
});

async function withTarget(t: ExecutionContext, w: World, target: (ctx: Koa.ParameterizedContext) => unknown): Promise<string> {
	const typing = autoTyping(w.indicator, target as () => ChatTarget, {respond: 200, delay: 0});
	const app = new Koa().use(bodyParser()).use(typing);
	const {url} = await listen(
		t,
		w,
		app.use(() => t.fail('not worked on')),
	);
	return url;
}

test('a target may refuse the request, as any middleware may', async t => {
	const w = await world(t);
	const url = await withTarget(t, w, ctx => ctx.throw(400, 'Expected an update'));
	t.like(await post(url, {}), {status: 400, body: 'Expected an update'});
	t.deepEqual(w.server.log, []);
});

test('a target that has a mistake in it is a 500, and the application hears of it', async t => {
	const w = await world(t);
	const url = await withTarget(t, w, async ctx => ({chatId: (ctx.request.body as {message: {chat: {id: number}}}).message.chat.id}));
	t.like(await post(url, {}), {status: 500, body: 'Internal Server Error'});
	t.true(w.errors[0]!.error instanceof TypeError);
	t.regex(w.errors[0]!.error.message, /Cannot read properties of undefined \(reading 'chat'\)/);
	t.deepEqual(w.server.log, []);
});

test('a target that the platform can’t make out is a 500 that says so, before anything is answered', async t => {
	const w = await world(t);
	const picky = new Indicator({...telegram(async () => {}), key: ({chatId}: ChatTarget) => chatId.toString()});
	const app = new Koa().use(bodyParser()).use(autoTyping(picky, () => ({}) as ChatTarget, {respond: 200}));
	const {url} = await listen(t, w, app);
	t.is((await post(url, {})).status, 500);
	t.is(w.errors[0]!.error.message, 'Expected `target` to return where telegram shows an indicator, got an object');
	t.true(w.errors[0]!.error.cause instanceof TypeError);
	t.is(picky.size, 0);
});
