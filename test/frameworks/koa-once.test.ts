import {once} from 'node:events';
import {connect} from 'node:net';
import {Readable} from 'node:stream';
import type {Delivery, DeliveryStore} from '@auto-typing/koa';
import test from 'ava';
import {isAction, seen, until, wait} from './harness.ts';
import {gate, post, site, update, world, type Ctx, type Handler} from './koa-harness.ts';

// With `once`: the work of a delivery that comes again is not done again.

const byUpdate = (ctx: {request: {body?: unknown}}) => (ctx.request.body as {update_id?: number}).update_id;
const answered = {respond: 200, once: byUpdate} as const;

test('answered first: the same answer at once, and the work runs only once, while it runs and after', async t => {
	const w = await world(t);
	const work = gate();
	let runs = 0;
	const {url, typing} = await site(
		t,
		w,
		async ctx => {
			runs++;
			await work.passed;
			await w.reply(ctx, 'done');
		},
		{...answered, respond: ctx => (ctx.body = {ok: true})},
	);
	const body = update(7);
	const first = await post(url, body);
	await seen(w.server, isAction);
	const second = await post(url, body);
	t.is(second.status, 200);
	t.is(second.body, first.body);
	work.open();
	await until(() => typing.running === 0);
	const third = await post(url, body);
	t.is(third.body, first.body);
	await until(() => typing.running === 0);
	t.is(runs, 1);
	t.is(w.server.chat(7).messages.length, 1);
	await post(url, update(7));
	await until(() => runs === 2, 'another delivery');
	t.deepEqual(w.errors, []);
});

test('both at the very same moment', async t => {
	const w = await world(t);
	let runs = 0;
	const {url, typing} = await site(t, w, () => void runs++, answered);
	const body = update(7);
	const answers = await Promise.all(Array.from({length: 8}, async () => post(url, body)));
	t.true(answers.every(({status}) => status === 200));
	await until(() => typing.running === 0);
	t.is(runs, 1);
});

test('one that failed may be delivered again', async t => {
	const w = await world(t);
	let runs = 0;
	const {url, typing} = await site(
		t,
		w,
		() => {
			if (++runs === 1) {
				throw new Error('The first one fails');
			}
		},
		answered,
	);
	const body = update(7);
	for (const expected of [1, 2, 2]) {
		await post(url, body);
		await until(() => typing.running === 0);
		t.is(runs, expected);
	}

	t.is(w.errors.length, 1);
});

test('without an id, every request is worked on; a number and its string are one id', async t => {
	const w = await world(t);
	const seenIds: unknown[] = [];
	const {url, typing} = await site(t, w, ctx => void seenIds.push(ctx.get('x-id')), {
		respond: 200,
		async once(ctx) {
			const id = ctx.get('x-id');
			return id === '' ? undefined : id === '5' ? 5 : id;
		},
	});
	for (const id of ['', '', '5', '5', '05', '05']) {
		await post(url, update(7), {headers: {'x-id': id}});
	}

	await until(() => typing.running === 0);
	t.deepEqual(seenIds, ['', '', '5', '05']);
});

test('the answer of the work is kept: 503 while it runs, then the same again', async t => {
	const w = await world(t);
	const work = gate();
	let runs = 0;
	const {url, typing} = await site(
		t,
		w,
		async ctx => {
			runs++;
			await work.passed;
			ctx.status = 201;
			ctx.body = {method: 'sendMessage', chat_id: 7};
			ctx.type = 'application/vnd.api+json';
		},
		{once: byUpdate},
	);
	const body = update(7);
	const first = post(url, body);
	await seen(w.server, isAction);
	const second = await post(url, body);
	t.is(second.status, 503);
	t.is(second.headers['retry-after'], '5');
	t.is(second.body, 'This delivery is being worked on: deliver it again later');
	work.open();
	const {status, body: made, headers} = await first;
	t.is(status, 201);
	t.is(made, '{"method":"sendMessage","chat_id":7}');
	const third = await post(url, body);
	t.is(third.status, 201);
	t.is(third.body, made);
	t.is(third.headers['content-type'], headers['content-type']);
	t.is(runs, 1);
	await until(() => typing.running === 0);
	t.deepEqual(w.errors, []);
});

const kept: ReadonlyArray<readonly [string, Handler, {status: number; body: string}]> = [
	['text', ctx => (ctx.body = 'fine'), {status: 200, body: 'fine'}],
	['HTML', ctx => (ctx.body = '<b>fine</b>'), {status: 200, body: '<b>fine</b>'}],
	['nothing at all, as grammY answers', ctx => (ctx.body = ''), {status: 200, body: ''}],
	['an array', ctx => (ctx.body = [1, 2]), {status: 200, body: '[1,2]'}],
	['a number', ctx => (ctx.body = 5), {status: 200, body: '5'}],
	['an object of a class', ctx => (ctx.body = new URL('https://host.example/')), {status: 200, body: '"https://host.example/"'}],
	['204', ctx => (ctx.status = 204), {status: 204, body: ''}],
	['a status with the text of Koa', ctx => (ctx.status = 202), {status: 202, body: 'Accepted'}],
	['only the status of a stream', ctx => (ctx.body = Readable.from(['streamed'])), {status: 200, body: 'OK'}],
	['only the status of a blob', ctx => (ctx.body = new Blob(['binary'])), {status: 200, body: 'OK'}],
	['only the status of a buffer', ctx => (ctx.body = Buffer.from('binary')), {status: 200, body: 'OK'}],
];

for (const [name, handler, expected] of kept) {
	test(`what is kept of an answer: ${name}`, async t => {
		const w = await world(t);
		let runs = 0;
		const {url} = await site(
			t,
			w,
			async ctx => {
				runs++;
				handler(ctx);
			},
			{once: byUpdate},
		);
		const body = update(7);
		const first = await post(url, body);
		const second = await post(url, body);
		t.like(second, expected);
		if (!name.startsWith('only')) {
			t.like(second, {status: first.status, body: first.body});
			t.is(second.headers['content-type'], first.headers['content-type']);
		}

		t.is(runs, 1);
	});
}

const refusals: ReadonlyArray<readonly [string, Handler, number]> = [
	['it throws', ctx => ctx.throw(502, 'The model is down'), 502],
	['it answers 400 or more', ctx => (ctx.status = 429), 429],
	['it answers nothing, which Koa makes a 404', () => {}, 404],
];

for (const [name, handler, status] of refusals) {
	test(`one that failed without an answer first may be delivered again: ${name}`, async t => {
		const w = await world(t);
		let runs = 0;
		const {url} = await site(
			t,
			w,
			ctx => {
				if (++runs === 1) {
					return handler(ctx);
				}

				ctx.body = 'fine';
				return undefined;
			},
			{once: byUpdate},
		);
		const body = update(7);
		t.is((await post(url, body)).status, status);
		t.is((await post(url, body)).body, 'fine');
		t.is((await post(url, body)).body, 'fine');
		t.is(runs, 2);
	});
}

test('a sender that hung up too early gets the answer when it delivers again', async t => {
	const w = await world(t);
	const work = gate();
	let runs = 0;
	const {url, http, typing} = await site(
		t,
		w,
		async ctx => {
			runs++;
			await work.passed;
			ctx.body = 'worth waiting for';
		},
		{once: byUpdate},
	);
	const body = update(7);
	const first = post(url, body).catch((error: unknown) => error);
	await seen(w.server, isAction);
	http.closeAllConnections();
	t.true((await first) instanceof Error);
	work.open();
	await until(() => typing.running === 0);
	t.is((await post(url, body)).body, 'worth waiting for');
	t.is(runs, 1);
});

test('what `once` throws is the answer, and nothing is worked on; nonsense is an error that says so', async t => {
	const w = await world(t);
	const {url} = await site(t, w, () => t.fail('not worked on'), {
		respond: 200,
		once: ctx => (ctx.get('x-id') === '' ? ctx.throw(400, 'No id') : ({} as string)),
	});
	t.like(await post(url, update(7)), {status: 400, body: 'No id'});
	t.is((await post(url, update(7), {headers: {'x-id': '1'}})).status, 500);
	t.is(w.errors.at(-1)!.error.message, 'Expected `once` to return a string, a number or undefined, got an object');
});

test('an id that is not a number would make all deliveries one; `null` is none', async t => {
	const w = await world(t);
	let runs = 0;
	const {url} = await site(t, w, () => void runs++, {
		respond: 200,
		once: ctx => (ctx.get('x-id') === 'null' ? null : Number(ctx.get('x-id'))),
	});
	t.is((await post(url, update(7), {headers: {'x-id': 'nonsense'}})).status, 500);
	t.is(w.errors.at(-1)!.error.message, 'Expected `once` to return a string, a number or undefined, got NaN');
	await post(url, update(7), {headers: {'x-id': 'null'}});
	await post(url, update(7), {headers: {'x-id': 'null'}});
	await until(() => runs === 2);
});

/** A store as another machine has it: it takes its time. */
function remote(deliveries = new Map<string, string>()): DeliveryStore & {readonly size: number} {
	return {
		get size() {
			return deliveries.size;
		},
		async get(id) {
			await wait(10);
			const text = deliveries.get(id);
			return text === undefined ? null : (JSON.parse(text) as Delivery);
		},
		async set(id, delivery) {
			await wait(10);
			deliveries.set(id, JSON.stringify(delivery));
		},
		async delete(id) {
			await wait(10);
			deliveries.delete(id);
		},
		async add(id, delivery) {
			await wait(10);
			const isNew = !deliveries.has(id);
			if (isNew) {
				deliveries.set(id, JSON.stringify(delivery));
			}

			return isNew;
		},
	};
}

/** Like most caches: without `add`. */
function plain(): DeliveryStore {
	const store = remote();
	return {get: async id => store.get(id), set: async (id, delivery) => store.set(id, delivery), delete: async id => store.delete(id)};
}

test('a fleet with one store: both processes get the delivery at the very same moment, one works', async t => {
	const w = await world(t);
	const store = remote();
	const work = gate();
	let runs = 0;
	const handler = async () => {
		runs++;
		await work.passed;
	};
	const one = await site(t, w, handler, {...answered, store});
	const two = await site(t, w, handler, {...answered, store});
	const body = update(7);
	const answers = await Promise.all([one, two].map(async ({url}) => post(url, body)));
	t.deepEqual(
		answers.map(({status}) => status),
		[200, 200],
	);
	await until(() => runs === 1 && one.typing.running + two.typing.running === 1);
	work.open();
	await until(() => one.typing.running + two.typing.running === 0);
	await post(one.url, body);
	await post(two.url, body);
	await until(() => one.typing.running + two.typing.running === 0);
	t.is(runs, 1);
	t.is(store.size, 1);
});

test('a fleet without an answer first: 503 while another process is at it, then the answer that one gave', async t => {
	const w = await world(t);
	const store = plain();
	const work = gate();
	const handler = async (ctx: Ctx) => {
		await work.passed;
		ctx.body = 'made by one';
	};
	const one = await site(t, w, handler, {once: byUpdate, store});
	const two = await site(t, w, () => t.fail('the other one is at it'), {once: byUpdate, store});
	const body = update(7);
	const first = post(one.url, body);
	await seen(w.server, isAction);
	t.is((await post(two.url, body)).status, 503);
	work.open();
	t.is((await first).body, 'made by one');
	t.like(await post(two.url, body), {status: 200, body: 'made by one'});
});

test('a Map is a store', async t => {
	const w = await world(t);
	const store = new Map<string, Delivery>();
	const {url, typing} = await site(t, w, () => {}, {...answered, store});
	await post(url, update(7, 'hello', 5));
	await until(() => typing.running === 0);
	t.deepEqual([...store], [['5', {state: 'done'}]]);
});

const broken: Record<string, Partial<DeliveryStore>> = {
	'get rejects': {get: async () => Promise.reject(new Error('down'))},
	'set rejects': {set: async () => Promise.reject(new Error('down'))},
	'get throws': {
		get() {
			throw new Error('down');
		},
	},
	'add rejects': {add: async () => Promise.reject(new Error('down'))},
	'get never answers': {get: async () => new Promise(() => {})},
};

for (const [name, part] of Object.entries(broken)) {
	test(`a store that fails loses no work: ${name}`, async t => {
		const w = await world(t);
		const {url, typing} = await site(t, w, async ctx => w.reply(ctx, 'done'), {
			...answered,
			store: {...plain(), ...part},
		});
		t.is((await post(url, update(7))).status, 200);
		await seen(w.server, 'sendMessage');
		await until(() => typing.running === 0);
		t.true(w.errors.length > 0);
		const expected = name === 'get never answers' ? 'The `store` took longer than 2000 ms' : 'down';
		t.true(w.errors.every(({error, ctx}) => error.message === expected && ctx.path === '/bot'));
	});
}

for (const first of ['get', 'add'] as const) {
	test(`a store that answers when it was passed over marks nothing as running for good: ${first}`, async t => {
		const w = await world(t);
		const deliveries = new Map<string, Delivery>();
		const asleep = gate();
		let deleted = 0;
		const store: DeliveryStore = {
			async get(id) {
				await asleep.passed;
				return deliveries.get(id);
			},
			set: (id, delivery) => deliveries.set(id, delivery),
			delete(id) {
				deleted++;
				deliveries.delete(id);
			},
			...(first === 'add' && {
				async add(id: string, delivery: Delivery) {
					await asleep.passed;
					return !deliveries.has(id) && deliveries.set(id, delivery).has(id);
				},
			}),
		};
		let runs = 0;
		const fail = () => {
			runs++;
			throw new Error('failed');
		};
		const {url, typing} = await site(t, w, fail, {...answered, store});
		const body = update(7);
		await post(url, body);
		await until(() => deleted === 1 && typing.running === 0);
		asleep.open();
		await until(() => deleted === 2);
		await post(url, body);
		await until(() => runs === 2);
		t.deepEqual(
			w.errors.map(({error}) => error.message).filter(message => !message.startsWith('The `store` took')),
			['failed', 'failed'],
		);
	});
}

test('what a store rejects with and is no error becomes one: Koa’s own listener takes no other', async t => {
	const w = await world(t);
	const store = {...plain(), get: async () => Promise.reject('down')};
	const {url} = await site(t, w, async ctx => w.reply(ctx, 'done'), {...answered, store});
	await post(url, update(7));
	await seen(w.server, 'sendMessage');
	t.deepEqual(
		w.errors.map(({error}) => error.message),
		['The `store` failed: down'],
	);
});

test('a store that fails afterwards changes no answer, and no error', async t => {
	const w = await world(t);
	const store: DeliveryStore = {get: () => undefined, set: () => {}, delete: async () => Promise.reject(new Error('down'))};
	const {url} = await site(t, w, ctx => ctx.throw(418, 'I am a teapot'), {once: byUpdate, store});
	t.like(await post(url, update(7)), {status: 418, body: 'I am a teapot'});
	t.deepEqual(
		w.errors.map(({error}) => error.message),
		['down', 'I am a teapot'],
	);
});

test('the memory is bounded: ten thousand deliveries later the first one is new again', async t => {
	t.timeout(60_000);
	const w = await world(t);
	const runs = new Map<string, number>();
	const {url, typing} = await site(t, w, ctx => void runs.set(ctx.get('x-id'), (runs.get(ctx.get('x-id')) ?? 0) + 1), {
		respond: 204,
		once: ctx => ctx.get('x-id'),
	});
	// All over one connection, one behind another.
	const deliver = async (ids: readonly number[]) => {
		const socket = connect(Number(new URL(url).port), '127.0.0.1');
		// Kept as one text: a piece of the stream may end within a status line.
		let heard = '';
		socket.setEncoding('utf8').on('data', (text: string) => {
			heard += text;
		});
		await once(socket, 'connect');
		for (let start = 0; start < ids.length; start += 500) {
			const part = ids.slice(start, start + 500);
			socket.write(part.map(id => `POST /bot HTTP/1.1\r\nHost: bot\r\nX-Id: ${id}\r\nContent-Length: 0\r\n\r\n`).join(''));
			await until(() => heard.split('HTTP/1.1 204').length > part.length);
			heard = '';
		}

		socket.destroy();
		await until(() => typing.running === 0);
	};

	await deliver(Array.from({length: 10_000}, (_, id) => id));
	await deliver([0, 1]);
	t.is(runs.get('0'), 1);
	await deliver([10_000, 10_001]);
	await deliver([0, 9999]);
	t.is(runs.get('0'), 2);
	t.is(runs.get('9999'), 1);
});
