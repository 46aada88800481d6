import {PassThrough} from 'node:stream';
import {autoTyping} from '@auto-typing/koa';
import test from 'ava';
import Koa from 'koa';
import {isAction, seen, until, wait} from './harness.ts';
import {gate, listen, post, site, update, world} from './koa-harness.ts';

// `drain(ms)`: the end of a process that loses nothing.

test('it waits for the work in progress, and takes nothing on', async t => {
	const w = await world(t);
	const work = gate();
	const {url, typing} = await site(
		t,
		w,
		async ctx => {
			await work.passed;
			await w.reply(ctx, 'done');
		},
		{respond: 200},
	);
	await post(url, update(7));
	await seen(w.server, isAction);
	let isDrained = false;
	const drained = typing.drain(60_000).then(() => {
		isDrained = true;
	});
	const late = await post(url, update(8));
	t.is(late.status, 503);
	t.is(late.body, 'Shutting down: deliver it again later');
	t.like(late.headers, {'retry-after': '5', connection: 'close'});
	t.false(isDrained);
	t.is(typing.running, 1);
	work.open();
	await drained;
	t.is(w.server.chat(7).messages.length, 1, 'its reply has landed');
	t.is(w.server.chat(8).calls, 0);
	t.is((await post(url, update(8))).status, 503);
	t.deepEqual(w.errors, [], 'to put one off is no error');
});

test('after its time it aborts what is left, which gets to end', async t => {
	const w = await world(t);
	const stopped: unknown[] = [];
	const {url, typing} = await site(
		t,
		w,
		async ctx => {
			const {signal} = ctx.state.typing;
			await new Promise(resolve => {
				signal.addEventListener('abort', resolve, {once: true});
			});
			await wait(20); // Puts things in order.
			stopped.push(signal.reason);
			signal.throwIfAborted();
		},
		{respond: 200, once: ctx => (ctx.request.body as {update_id: number}).update_id},
	);
	await post(url, update(7));
	await post(url, update(8));
	await post(url, {update_id: 1, poll: {id: '1'}});
	await until(() => typing.running === 3);
	await seen(w.server, isAction, 2);
	await typing.drain(50);
	t.is(stopped.length, 3);
	t.like(stopped[0], {name: 'AbortError', message: 'The bot is shutting down'});
	t.is(typing.running, 0);
	t.is(w.indicator.size, 0);
	t.is(w.errors.length, 3);
});

test('it does not wait for ever for work that takes no notice', async t => {
	const w = await world(t);
	const work = gate();
	const {url, typing} = await site(t, w, async () => work.passed, {respond: 200});
	await post(url, update(7));
	const from = performance.now();
	await typing.drain(0);
	t.true(performance.now() - from < 10_000);
	t.is(typing.running, 1);
	work.open();
	await typing.drain(10_000);
	t.is(typing.running, 0);
});

test('what was answered but has not begun counts, and begins aborted when its time is over', async t => {
	const w = await world(t);
	const slow = gate();
	let aborted: boolean | undefined;
	const {url, typing} = await site(
		t,
		w,
		ctx => {
			({aborted} = ctx.state.typing.signal);
		},
		{respond: 200},
		{
			before: [
				async (_ctx, next) => {
					await next();
					slow.open();
					await wait(150);
				},
			],
		},
	);
	const answer = post(url, update(7));
	await slow.passed;
	t.is(typing.running, 1);
	await typing.drain(0);
	t.is((await answer).status, 200);
	t.true(aborted);
});

test('one whose chat is still being looked up is put off', async t => {
	const w = await world(t);
	const looking = gate();
	const found = gate();
	const typing = autoTyping(
		w.indicator,
		async () => {
			looking.open();
			await found.passed;
			return {chatId: 7};
		},
		{respond: 200},
	);
	const app = new Koa();
	app.use(typing).use(() => t.fail('put off'));
	const {url} = await listen(t, w, app);
	const answer = post(url, update(7));
	await looking.passed;
	t.is(typing.running, 0);
	await typing.drain(0);
	found.open();
	t.is((await answer).status, 503);
});

test('without an answer first it waits for the response, streams to their last byte', async t => {
	const w = await world(t);
	const body = new PassThrough();
	const {url, typing} = await site(t, w, ctx => (ctx.body = body));
	const answer = post(url, update(7));
	body.write('first, ');
	await seen(w.server, isAction);
	const drained = typing.drain(60_000);
	body.end('last');
	await drained;
	t.is((await answer).body, 'first, last');
});

test('the sender of an update that was put off delivers it to the process that goes on', async t => {
	const w = await world(t);
	const one = await site(t, w, () => t.fail('shutting down'), {respond: 200});
	const two = await site(t, w, async ctx => w.reply(ctx, 'done'), {respond: 200});
	w.server.webhookRetry = 30;
	await one.typing.drain(0);
	let delivered = 0;
	one.http.on('request', () => {
		delivered++;
	});
	await w.call('setWebhook', {url: one.url});
	w.server.write({chat: 7, text: 'hello'});
	await until(() => delivered > 1);
	t.is(w.server.pending, 1);
	await w.call('setWebhook', {url: two.url});
	await seen(w.server, 'sendMessage');
	await until(() => w.server.pending === 0);
	t.is(w.server.chat(7).messages.length, 1);
});

test('with nothing to do it is over at once', async t => {
	const w = await world(t);
	const {typing} = await site(t, w, () => {});
	await typing.drain(Infinity);
	t.is(typing.running, 0);
});

test('a wrong time is refused, and takes nothing down', async t => {
	const w = await world(t);
	const {url, typing} = await site(t, w, () => {}, {respond: 204});
	await t.throwsAsync(async () => typing.drain(undefined as unknown as number), {
		instanceOf: TypeError,
		message: 'Expected `ms` to be a number of at least 0, got undefined',
	});
	await t.throwsAsync(async () => typing.drain(-1), {
		instanceOf: RangeError,
		message: 'Expected `ms` to be a number of at least 0, got -1',
	});
	await t.throwsAsync(async () => typing.drain(Number.NaN), {instanceOf: RangeError});
	t.is((await post(url, update(7))).status, 204);
});
