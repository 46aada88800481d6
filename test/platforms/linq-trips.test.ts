import {once} from 'node:events';
import {createServer, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import {inspect} from 'node:util';
import {Indicator, type IndicatorOptions, type TypingEvent} from '@auto-typing/core';
import {autoTyping, type TypingState} from '@auto-typing/koa';
import {linq, targetOf, unwrap, watch, WebhookError, type ChatTarget, type WebhookHeaders} from '@auto-typing/linq';
import {LinqApi, type LinqApiOptions} from '@auto-typing/simulator';
import {bodyParser} from '@koa/bodyparser';
import LinqAPIV3 from '@linqapp/sdk';
import test, {type ExecutionContext} from 'ava';
import Koa, {type Middleware} from 'koa';
import {Webhook} from 'standardwebhooks';
import {until, wait} from '../frameworks/harness.ts';

type Event = LinqAPIV3.UnwrapWebhookEvent;
type Received = LinqAPIV3.MessageReceivedWebhookEvent;

/** A handler, and what it needs. */
interface Work {
	readonly event: Received;
	readonly signal: AbortSignal;
	readonly say: (text: string) => Promise<unknown>;
}

interface BotOptions extends LinqApiOptions {
	readonly typing?: IndicatorOptions<ChatTarget, 'typing'>;
	readonly events?: readonly LinqAPIV3.WebhookEventType[];
	/** In front of everything. */
	readonly front?: Middleware;
	/** Whether the bot knows its signing secret. */
	readonly knowsSecret?: boolean;
}

/** A bot as the README has it, subscribed to a service on this machine. */
async function start(t: ExecutionContext, work: (work: Work) => Promise<unknown>, options: BotOptions = {}) {
	const {typing: typingOptions = {delay: 20, interval: 1500}, events = ['message.received'], front, knowsSecret = true} = options;
	const server = await LinqApi.start(options);
	t.teardown(async () => server.close());
	const heard: Array<TypingEvent<ChatTarget, 'typing'>> = [];
	const errors: Error[] = [];
	const caught: unknown[] = [];
	const base = {baseURL: server.url, apiKey: server.token};
	const indicator = new Indicator(linq(new LinqAPIV3(base)), {
		...typingOptions,
		onEvent: event => void heard.push(event),
		onError: error => void errors.push(error as Error),
	});
	t.teardown(async () => indicator.close());

	const app = new Koa<TypingState<'typing'> & {event: Event}>();
	const http = createServer();
	await once(http.listen(0, '127.0.0.1'), 'listening');
	t.teardown(() => {
		http.close();
		http.closeAllConnections();
	});
	const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/linq?version=2026-02-03`;
	const setUp = new LinqAPIV3(base);
	const {signing_secret: secret} = await setUp.webhookSubscriptions.create({target_url: url, subscribed_events: [...events]});
	const client = new LinqAPIV3({...base, webhookSecret: knowsSecret ? secret : null, fetch: watch(indicator)});

	const worked: Received[] = [];
	const middleware = autoTyping<ChatTarget, 'typing', {event: Event}>(indicator, ctx => targetOf(ctx.state.event), {
		respond: 200,
		once: ctx => ctx.state.event.event_id,
	});
	app.on('error', error => void caught.push(error));
	if (front) app.use(front);
	app.use(bodyParser());
	app.use(async (ctx, next) => {
		ctx.state.event = unwrap(client, ctx.request.rawBody, ctx.headers);
		await next();
	});
	app.use(middleware);
	app.use(async ctx => {
		const event = ctx.state.event as Received;
		worked.push(event);
		const say = async (value: string) => client.chats.messages.send(event.data.chat.id, {message: {parts: [{type: 'text', value}]}});
		await work({event, signal: ctx.state.typing.signal, say});
	});
	const handle = app.callback();
	http.on('request', (request, response) => void handle(request, response));
	const chat = server.addChat().id;
	const typingCalls = () => server.log.filter(({method}) => method.startsWith('typing')).map(({method}) => method);
	return {server, indicator, middleware, url, secret, heard, errors, caught, worked, chat, view: server.chat(chat), typingCalls};
}

/** Posts to the bot as anybody can. */
async function post(url: string, body: string | Uint8Array, headers: Record<string, string>): Promise<{status: number; text: string}> {
	const response = await fetch(url, {method: 'POST', body, headers: {'content-type': 'application/json', ...headers}});
	return {status: response.status, text: await response.text()};
}

/** As Linq would sign it. @param age - in milliseconds */
function signed(secret: string, body: string, {id = 'evt', age = 0} = {}): Record<string, string> {
	const at = new Date(Date.now() - age);
	return {
		'webhook-id': id,
		'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
		'webhook-signature': new Webhook(secret).sign(id, at, body),
	};
}

test('a trip of twelve seconds: answered at once, seen typing all along, and nothing after the reply', async t => {
	const {server, chat, view, caught, typingCalls} = await start(
		t,
		async ({say}) => {
			await wait(12_000);
			await say('Here you are.');
		},
		{latency: 60, typing: {}},
	);
	const shown = server.next('typing.start');
	const replied = server.next('messages.send');
	await server.write({chat, text: 'How long will it take?'});
	const [{status, took, at}] = server.deliveries as [(typeof server.deliveries)[0]];
	t.is(status, 200);
	t.true(took < 6000, `answered after ${took} ms`);
	const {at: from} = await shown;
	const {at: to} = await replied;
	t.true(from - at < 6000);
	t.true(to - at >= 11_990);
	t.deepEqual(server.chat(chat, 60_000).dark(from, to), [], 'whatever the vendor’s pages say');
	await wait(1000);
	t.is(view.spans.length, 1);
	t.is(view.after(to), 0);
	t.deepEqual(typingCalls(), ['typing.start'], 'renewed after 45 s, and a message stops it');
	t.is(server.deliveries.length, 1);
	t.deepEqual(caught, []);
});

test('with an intermediate message it comes back, and with a short interval it is renewed', async t => {
	const {server, chat, view, typingCalls} = await start(
		t,
		async ({say}) => {
			await wait(1000);
			await say('One moment…');
			await wait(1000);
			await say('There.');
		},
		{typing: {delay: 20, interval: 400}},
	);
	await server.write({chat, text: 'hello'});
	await until(() => view.messages.length === 2);
	await wait(300);
	const [first, second] = view.messages;
	t.is(view.spans.length, 2);
	t.true(view.covered(first!.at, second!.at) > 0.5);
	t.is(view.after(second!.at), 0);
	t.true(typingCalls().length >= 4);
	t.false(typingCalls().includes('typing.stop'));
});

test('a handler that ends without a word, or throws, takes it down', async t => {
	const {server, chat, view, caught} = await start(t, async ({event}) => {
		await wait(300);
		if ((event.data.parts[0] as {value: string}).value === 'throw') throw new Error('expected');
	});
	for (const text of ['hello', 'throw']) {
		const stopped = server.next('typing.stop');
		await server.write({chat, text});
		await stopped;
		t.is(view.after(performance.now()), 0);
	}

	t.like(caught, {length: 1, 0: {message: 'expected'}});
	t.is(view.spans.length, 2);
});

test('in a group, and by SMS and RCS, the bot answers and no typing call is made', async t => {
	const {server, heard, typingCalls} = await start(t, async ({say}) => {
		await wait(500);
		await say('hi');
	});
	for (const about of [{isGroup: true}, {service: 'SMS'}, {service: 'RCS'}] as const) {
		const {id} = server.addChat(about);
		const replied = server.next('messages.send', id);
		await server.write({chat: id, text: 'hello'});
		await replied;
	}

	await wait(100);
	t.deepEqual(typingCalls(), []);
	t.is(heard.filter(({type, reason}) => type === 'skip' && reason === 'unseen').length, 3);
});

test('an event that is no inbound message reaches the handler, and shows nothing', async t => {
	const {server, chat, worked, heard} = await start(
		t,
		async ({event, say}) => {
			if (event.event_type === 'message.received') await say('hi');
			else await wait(200);
		},
		{events: ['message.received', 'message.sent'], typing: {delay: 5_000}},
	);
	await server.write({chat, text: 'hello'});
	await until(() => worked.length === 2);
	await wait(300);
	t.like(worked[1], {event_type: 'message.sent', data: {direction: 'outbound'}});
	t.is(heard.filter(({type}) => type === 'end').length, 1, 'one hold: that of the message');
});

test('a delivery that comes again is worked on once, at the same time and later', async t => {
	const {server, chat, view, worked} = await start(t, async ({say}) => {
		await wait(300);
		await say('hi');
	});
	const event = await server.write({chat, text: 'hello'});
	await Promise.all([server.deliver(event), server.deliver(event), server.deliver(event)]);
	await until(() => view.messages.length === 1);
	await server.deliver(event);
	await wait(400);
	t.is(worked.length, 1);
	t.is(view.messages.length, 1);
	t.is(view.after(view.messages[0]!.at), 0);
	t.true(server.deliveries.every(({status}) => status === 200));
	t.is(server.deliveries.length, 5);
});

test('a delivery that only comes through at the third attempt is worked on, and seen', async t => {
	let attempts = 0;
	const {server, chat, view} = await start(
		t,
		async ({say}) => {
			await wait(300);
			await say('hi');
		},
		{
			redelivery: [30, 30, 30],
			async front(ctx, next) {
				if (++attempts < 3) ctx.throw(503);
				await next();
			},
		},
	);
	await server.write({chat, text: 'hello'});
	await until(() => view.messages.length === 1);
	t.deepEqual(
		server.deliveries.map(({status}) => status),
		[503, 503, 200],
	);
	t.is(view.spans.length, 1);
});

test('a delivery that took more than five minutes is answered without typing: it could not be seen', async t => {
	const {server, chat, view, heard, typingCalls} = await start(t, async ({say}) => {
		await wait(300);
		await say('Sorry that it took so long.');
		await wait(300);
		await say('Here it is.');
	});
	await server.write({chat, text: 'hello', at: Date.now() - 6 * 60_000});
	await until(() => view.messages.length === 2);
	await wait(100);
	const [first, second] = view.messages;
	t.true(heard.some(({type, reason}) => type === 'skip' && reason === 'unseen'));
	t.deepEqual(typingCalls(), ['typing.start']);
	t.is(view.spans.length, 1);
	t.true(view.spans[0]!.from > first!.at, 'after its own message it can be seen');
	t.is(view.after(second!.at), 0);
});

test('the person writes again while the bot works: one indicator, until both are answered', async t => {
	const {server, chat, view, indicator} = await start(t, async ({event, say}) => {
		const {value} = event.data.parts[0] as {value: string};
		await wait(Number(value));
		await say(value);
	});
	await server.write({chat, text: '400'});
	await server.write({chat, text: '1200'});
	await until(() => indicator.size > 0);
	t.is(indicator.size, 1);
	await until(() => view.messages.length === 2);
	await wait(200);
	const [first, second] = view.messages;
	t.true(view.covered(first!.at, second!.at) > 0.5);
	t.is(view.after(second!.at), 0);
});

test('shut-down: what is left after the time is aborted, and the dots are taken down', async t => {
	const {server, chat, view, middleware, indicator} = await start(t, async ({signal}) => {
		await once(signal, 'abort');
	});
	const shown = server.next('typing.start');
	await server.write({chat, text: 'hello'});
	await shown;
	await middleware.drain(50);
	await indicator.close();
	t.is(middleware.running, 0);
	t.is(view.after(performance.now()), 0);
	t.is(view.spans.length, 1);
});

test('the chat is gone: the handler is told', async t => {
	let aborted = false;
	const {server, chat} = await start(t, async ({signal}) => {
		if (!signal.aborted) await once(signal, 'abort');
		aborted = true;
	});
	server.fail({method: 'typing.start', outcome: {status: 404, code: 2001}});
	await server.write({chat, text: 'hello'});
	await until(() => aborted);
	t.pass();
});

test('nothing that isn’t signed by Linq, whole and of now, gets through', async t => {
	const {server, url, secret, worked, caught, typingCalls, chat} = await start(t, async ({say}) => say('hi'));
	const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
	const event = {
		event_type: 'message.received',
		event_id: 'e',
		data: {direction: 'inbound', service: 'iMessage', chat: {id: chat, is_group: false}, parts: []},
	};
	const body = JSON.stringify(event);
	const good = signed(secret, body);
	const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
	const rows: Array<[what: string, body: string | Uint8Array, headers: Record<string, string>, status: number]> = [
		['no headers', body, {}, 401],
		['no id', body, without('webhook-id'), 401],
		['no time', body, without('webhook-timestamp'), 401],
		['no signature', body, without('webhook-signature'), 401],
		['an empty signature', body, {...good, 'webhook-signature': ''}, 401],
		['another secret', body, signed(other, body), 401],
		['another id', body, {...good, 'webhook-id': 'other'}, 401],
		['another time', body, {...good, 'webhook-timestamp': String(Number(good['webhook-timestamp']) + 1)}, 401],
		['no number for a time', body, {...good, 'webhook-timestamp': 'now'}, 401],
		['another body', `${body} `, good, 401],
		['not UTF-8', Buffer.concat([Buffer.from(body), Buffer.of(0xff)]), good, 400],
		['stale', body, signed(secret, body, {age: 6 * 60_000}), 401],
		['from the future', body, signed(secret, body, {age: -6 * 60_000}), 401],
		['an unsigned version', body, {...good, 'webhook-signature': good['webhook-signature']!.replace('v1,', 'v2,')}, 401],
		['half a signature', body, {...good, 'webhook-signature': 'v1'}, 401],
		['only the vendor’s old headers', body, {'x-webhook-timestamp': good['webhook-timestamp']!, 'x-webhook-signature': 'abc'}, 401],
		['no body', '', signed(secret, ''), 400],
		['half a body', body.slice(0, 20), signed(secret, body.slice(0, 20)), 400],
		['no object', '5', signed(secret, '5'), 400],
		['null', 'null', signed(secret, 'null'), 400],
		['another type', body, {...good, 'content-type': 'text/plain'}, 400],
		['a huge body', `{"a":"${'x'.repeat(2 * 1024 * 1024)}"}`, good, 413],
	];
	for (const [what, sent, headers, status] of rows) {
		const answer = await post(url, sent, headers);
		t.is(answer.status, status, `${what}: ${answer.text}`);
		t.false(answer.text.includes(secret.slice(6)));
	}

	t.is(worked.length, 0);
	t.deepEqual(typingCalls(), []);
	t.false(inspect(caught, {depth: 10, showHidden: true}).includes(secret.slice(6)));
	const fine = await post(url, body, good);
	t.is(fine.status, 200, 'and the good one does');
	await until(() => worked.length === 1);
	t.is((await post(url, body, {...good, 'webhook-signature': `v1,AAAA ${good['webhook-signature']}`})).status, 200, 'one of several');
	await until(() => server.log.some(({method}) => method === 'messages.send'));
	t.is(worked.length, 1, 'and counts once');
});

test('a bot that doesn’t know its secret says so, and Linq comes again when it does', async t => {
	const {server, chat, worked, caught} = await start(t, async () => {}, {knowsSecret: false, redelivery: [5]});
	await server.write({chat, text: 'hello'});
	t.deepEqual(
		server.deliveries.map(({status}) => status),
		[500, 500],
	);
	t.is(worked.length, 0);
	t.regex((caught[0] as Error).message, /signing secret.*`webhookSecret`/);
});

test('who hangs up in the middle of a delivery is nobody', async t => {
	const {url, secret, worked, chat, server} = await start(t, async () => {});
	const body = JSON.stringify({event_type: 'message.received', event_id: 'e', data: {chat: {id: chat}, direction: 'inbound'}});
	const half = request(url, {
		method: 'POST',
		agent: false,
		headers: {...signed(secret, body), 'content-type': 'application/json', 'content-length': Buffer.byteLength(body)},
	});
	half.on('error', () => {});
	await new Promise<void>(resolve => {
		half.write(body.slice(0, 30), () => resolve());
	});
	await wait(50);
	half.destroy();
	await wait(100);
	t.is(worked.length, 0);
	await server.write({chat, text: 'hello'});
	await until(() => worked.length === 1);
});

test('a sender that doesn’t wait for its answer is served all the same', async t => {
	const {url, secret, worked, chat, view} = await start(t, async ({say}) => {
		await wait(200);
		await say('hi');
	});
	const body = JSON.stringify({event_type: 'message.received', event_id: 'e', data: {chat: {id: chat}, direction: 'inbound', parts: []}});
	const hasty = request(url, {method: 'POST', agent: false, headers: {...signed(secret, body), 'content-type': 'application/json'}});
	hasty.on('error', () => {});
	hasty.end(body, () => setTimeout(() => hasty.destroy(), 20));
	await until(() => view.messages.length === 1);
	t.is(worked.length, 1);
});

test('`unwrap` takes the headers of Node.js and of `fetch`, and never goes without', t => {
	const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
	const client = new LinqAPIV3({apiKey: 'token', webhookSecret: secret});
	const body = '{"event_type":"message.received","event_id":"e"}';
	const good = signed(secret, body);
	t.like(unwrap(client, body, good), {event_id: 'e'});
	t.like(unwrap(client, body, new Headers(good)), {event_id: 'e'});
	const forms: unknown[] = [undefined, null, {}, [], new Headers(), 'headers', {...good, 'webhook-signature': [good['webhook-signature']]}];
	for (const headers of forms) {
		const error = t.throws(() => unwrap(client, body, headers as WebhookHeaders), {instanceOf: WebhookError});
		t.deepEqual([error.status, error.expose, error.name], [401, true, 'WebhookError']);
	}

	for (const none of [undefined, null]) {
		t.is(t.throws(() => unwrap(client, none as never, good), {instanceOf: WebhookError}).status, 400);
	}

	// Our own fault: a 400 would lose the event, since Linq gives up after it.
	for (const parsed of [5, {}, JSON.parse(body), Buffer.from(body)]) {
		const error = t.throws(() => unwrap(client, parsed as string, good), {
			instanceOf: WebhookError,
			message: /`body`.*rawBody.*got (?:number|object)/,
		});
		t.deepEqual([error.status, error.expose], [500, false]);
	}

	for (const webhookSecret of [null, '', 'whsec_', 'whsec_not base64!']) {
		const error = t.throws(() => unwrap(new LinqAPIV3({apiKey: 'token', webhookSecret}), body, good), {instanceOf: WebhookError});
		t.deepEqual([error.status, error.expose], [500, false], String(webhookSecret));
	}
});
