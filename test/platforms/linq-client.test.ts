import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {inspect} from 'node:util';
import {Indicator, type IndicatorOptions, type TypingEvent} from '@auto-typing/core';
import {fromToken, linq, LinqError, watch, type ChatTarget, type LinqClient} from '@auto-typing/linq';
import {LinqApi, type LinqApiOptions, type LinqMethod} from '@auto-typing/simulator';
import LinqAPIV3, {APIConnectionError, NotFoundError, RateLimitError} from '@linqapp/sdk';
import test, {type ExecutionContext} from 'ava';
import {until, wait} from '../frameworks/harness.ts';

/** Short enough for handlers of milliseconds; the person still sees each call for a minute and more. */
const quick = {delay: 20, interval: 1500} as const satisfies IndicatorOptions<ChatTarget>;

/** The real SDK, and `fetch` alone. */
const clients: ReadonlyArray<readonly [name: string, make: (server: LinqApi) => LinqClient]> = [
	['the SDK', server => new LinqAPIV3({baseURL: server.url, apiKey: server.token})],
	['fetch', server => fromToken(server.token, {baseURL: server.url})],
];

async function stage(t: ExecutionContext, make: (server: LinqApi) => LinqClient, options?: LinqApiOptions) {
	const server = await LinqApi.start(options);
	t.teardown(async () => server.close());
	const events: Array<TypingEvent<ChatTarget>> = [];
	const errors: unknown[] = [];
	const indicator = new Indicator(linq(make(server)), {
		...quick,
		onEvent: event => void events.push(event),
		onError: error => void errors.push(error),
	});
	t.teardown(async () => indicator.close());
	const {id: chatId} = server.addChat();
	await server.write({chat: chatId, text: 'hello'});
	const bot = new LinqAPIV3({baseURL: server.url, apiKey: server.token, maxRetries: 0, fetch: watch(indicator)});
	const say = async (value: string) => bot.chats.messages.send(chatId, {message: {parts: [{type: 'text', value}]}});
	return {server, indicator, events, errors, chatId, view: server.chat(chatId), bot, say};
}

const methods = (server: LinqApi): LinqMethod[] => server.log.map(({method}) => method);

for (const [name, make] of clients) {
	test(`${name}: shown as long as the handler works, renewed, and taken down when it ends without a word`, async t => {
		const {server, indicator, view, chatId} = await stage(t, make);
		const started = server.next('typing.start');
		const handler = indicator.run({chatId}, async () => wait(1500), {interval: 600});
		const {at} = await started;
		await handler;
		const end = performance.now();
		await server.next('typing.stop');
		t.deepEqual(view.dark(at, end), []);
		t.is(view.spans.length, 1);
		t.true(view.spans[0]!.to < end + 5000, 'it was taken down, long before it would have run out');
		t.true(view.calls >= 2 && view.calls <= 3, `${view.calls} calls`);
		t.is(view.after(performance.now()), 0);
	});

	test(`${name}: nothing is seen after a reply that ends the work, and no call follows it`, async t => {
		const {server, indicator, view, chatId, say} = await stage(t, make);
		await indicator.run({chatId}, async () => {
			await server.next('typing.start');
			await say('hi');
		});
		await wait(200);
		t.is(view.messages[0]?.text, 'hi');
		t.is(view.after(view.messages[0]!.at), 0);
		t.deepEqual(methods(server), ['typing.start', 'messages.send']);
	});

	const rows: ReadonlyArray<readonly [status: number, code: number, aborted: boolean]> = [
		[400, 1002, false],
		[401, 2004, false],
		[403, 2005, false],
		[404, 2001, true],
	];
	for (const [status, code, aborted] of rows) {
		test(`${name}: ${status}/${code} ends it${aborted ? ', and tells the handler' : ', and harms nobody'}`, async t => {
			const {server, indicator, events, errors, chatId} = await stage(t, make);
			server.fail({method: 'typing.start', outcome: {status, code}});
			const wasAborted = await indicator.run({chatId}, async typing => {
				await until(() => errors.length > 0);
				await wait(1000);
				return typing.signal.aborted;
			});
			t.is(wasAborted, aborted);
			t.deepEqual(methods(server), ['typing.start'], 'asked once');
			t.like(errors, {length: 1, 0: {status, error: {success: false, error: {code}}}});
			t.true(
				events.some(
					event => event.type === 'failure' && event.failure === {400: 'give-up', 401: 'revoked', 403: 'give-up', 404: 'gone'}[status],
				),
			);
		});
	}

	test(`${name}: 429 is silence for as long as it says, for all chats`, async t => {
		const {server, indicator, errors, chatId} = await stage(t, make);
		const other = server.addChat().id;
		server.fail({method: 'typing.start', times: 1, outcome: {status: 429, code: 1007, retryAfter: 1}});
		const holds = [indicator.start({chatId})];
		await until(() => errors.length > 0);
		const since = performance.now();
		holds.push(indicator.start({chatId: other}));
		await server.next('typing.start');
		t.true(performance.now() - since > 900);
		for (const hold of holds) hold.stop();
	});

	const hiccups = [{status: 500, code: 3006}, 'reset', 'html', 'hang'] as const;
	test(`${name}: 500/3006, a reset, a page of a proxy and a call that hangs are tried again, by us and not by the client`, async t => {
		for (const outcome of hiccups) {
			const {server, indicator, errors, chatId} = await stage(t, make);
			server.fail({method: 'typing.start', times: 1, outcome});
			const arrived = async (count: number) => until(() => server.log.length >= count);
			const typing = indicator.start({chatId});
			await arrived(2);
			typing.stop();
			await arrived(3);
			t.deepEqual(methods(server), ['typing.start', 'typing.start', 'typing.stop'], JSON.stringify(outcome));
			t.is(errors.length, 1);
			t.is(server.log[0]?.headers['x-stainless-retry-count'] ?? '0', '0');
		}
	});

	test(`${name}: a start whose 204 hangs is taken down, with a message or without`, async t => {
		for (const hasReply of [true, false]) {
			const {server, indicator, view, chatId, say} = await stage(t, make);
			server.fail({method: 'typing.start', outcome: 'hang', effect: true});
			await indicator.run({chatId}, async () => {
				await server.next('typing.start');
				if (hasReply) await say('hi');
			});
			await until(() => methods(server).includes('typing.stop'));
			t.is(view.spans.length, 1);
			t.is(view.after(performance.now()), 0);
			t.is(view.messages.length, hasReply ? 1 : 0);
		}
	});

	test(`${name}: a start that lands after the reply, or after the end, is taken down`, async t => {
		for (const hasReply of [true, false]) {
			const {server, indicator, view, chatId, say} = await stage(t, make, {latency: 40});
			// It waits in a queue of the service, longer than a message waits for it, and can't be called back by hanging up.
			server.fail({method: 'typing.start', times: 1, outcome: {late: 450}});
			const landed = server.next('typing.start');
			await indicator.run({chatId}, async () => {
				await wait(60);
				if (hasReply) await say('hi');
			});
			t.deepEqual(methods(server), hasReply ? ['messages.send'] : [], 'nobody waited');
			await landed;
			await until(() => indicator.size === 0 && methods(server).at(-1) === 'typing.stop');
			t.is(view.after(performance.now()), 0);
			t.is(view.spans.length, 1);
		}
	});

	test(`${name}: work that ends while its start is on the way leaves nothing behind, nor does one whose answer got lost`, async t => {
		for (const outcome of [undefined, 'reset'] as const) {
			for (const hasArrived of [false, true]) {
				const {server, indicator, view, chatId} = await stage(t, make, {latency: 300});
				if (outcome) server.fail({method: 'typing.start', outcome, effect: true});
				const arrived = server.next('typing.start');
				const hold = indicator.start({chatId});
				await (hasArrived ? arrived : wait(40));
				hold.stop();
				const stops = () => methods(server).filter(method => method === 'typing.stop');
				await until(() => stops().length === 2, 'the second, because the first may have overtaken the start');
				t.is(indicator.size, 0, 'which nobody waits for');
				const [first] = server.log.filter(({method}) => method === 'typing.stop');
				// A client that was still about to connect has sent none.
				t.deepEqual(
					view.spans.map(({to}) => to),
					view.calls > 0 ? [first!.at] : [],
					'dark at once',
				);
			}
		}
	});

	test(`${name}: the token is in nothing that anybody hears`, async t => {
		const {server, indicator, events, errors, chatId} = await stage(t, make, {token: 'seeecret'});
		// The newest comes first.
		for (const outcome of [
			{status: 404, code: 2001},
			'html',
			'reset',
			{status: 500, code: 3006},
			{status: 429, code: 1007, retryAfter: 0},
		] as const) {
			server.fail({method: 'typing.start', times: 1, outcome});
		}

		const typing = indicator.start({chatId});
		await until(() => errors.length >= 5);
		typing.stop();
		for (const value of [errors, events, indicator, indicator.platform, server.log]) {
			t.notRegex(inspect(value, {depth: 12, showHidden: true, getters: true}), /seeecret/);
			t.notRegex(JSON.stringify(value), /seeecret/);
		}
	});
}

test('of a chat of which nothing is known the service has the last word', async t => {
	const {server, indicator, events, errors} = await stage(t, clients[0]![1]);
	const group = server.addChat({isGroup: true}).id;
	await indicator.run({chatId: group}, async () => until(() => errors.length > 0));
	t.like(errors, {length: 1, 0: {status: 403, error: {error: {code: 2005}}}});
	t.true(events.some(event => event.type === 'failure' && event.failure === 'give-up'));
	const phone = server.addChat({service: 'SMS'}).id;
	const stopped = server.next('typing.stop', phone);
	await indicator.run({chatId: phone}, async () => server.next('typing.start', phone));
	await stopped;
	t.deepEqual(server.chat(phone).spans, [], 'a 204 that shows nothing');
	const before = server.log.length;
	await indicator.run({chatId: group}, async () => wait(200));
	await indicator.run({chatId: phone, service: 'SMS'}, async () => wait(200));
	t.is(server.log.length, before, 'refused, and known');
});

test('a token that Linq doesn’t know is asked about once, in all chats', async t => {
	const {server, indicator, errors, events, chatId} = await stage(t, ({url}) => fromToken('wrong', {baseURL: url}));
	const other = server.addChat().id;
	await indicator.run({chatId}, async () => until(() => errors.length > 0));
	await indicator.run({chatId: other}, async () => wait(200));
	t.deepEqual(
		server.log.map(({method, status, error}) => [method, status, error?.code]),
		[['typing.start', 401, 2004]],
	);
	t.true(events.some(({type, reason}) => type === 'wait' && reason === 'revoked'));
});

test('without the SDK a refusal has the members of the SDK’s errors', async t => {
	const server = await LinqApi.start();
	t.teardown(async () => server.close());
	const {signal} = new AbortController();
	const options = {maxRetries: 0, timeout: 4000, signal};
	const {chats} = fromToken(server.token, {baseURL: `${server.url}/`});
	const error = await t.throwsAsync(async () => chats.typing.start(crypto.randomUUID(), options), {instanceOf: LinqError});
	t.like(error, {name: 'LinqError', message: 'Linq answered 404', status: 404, error: {error: {code: 2001}}});
	t.is(error.headers.get('content-type'), 'application/json');
	server.fail({times: 1, outcome: 'html'});
	t.like(await t.throwsAsync(async () => chats.typing.start(crypto.randomUUID(), options)), {status: 502, error: undefined});
	server.fail({times: 1, outcome: 'hang'});
	t.is(
		await Promise.resolve(chats.typing.start(crypto.randomUUID(), {...options, timeout: 50})).catch((error: Error) => error.name),
		'TimeoutError',
	);
});

test('without the SDK a redirect is no success, and takes the token nowhere', async t => {
	const seen: string[] = [];
	const http = createServer((request, response) => {
		seen.push(`${request.method} ${request.url}`);
		if (request.url === '/login') response.writeHead(200).end('Who are you?');
		else response.writeHead(302, {location: '/login'}).end();
	});
	await once(http.listen(0, '127.0.0.1'), 'listening');
	t.teardown(() => {
		http.close();
		http.closeAllConnections();
	});
	const {chats} = fromToken('token', {baseURL: `http://127.0.0.1:${(http.address() as AddressInfo).port}`});
	const chatId = crypto.randomUUID();
	const {signal} = new AbortController();
	await t.throwsAsync(async () => chats.typing.start(chatId, {maxRetries: 0, timeout: 4000, signal}), {instanceOf: TypeError});
	t.deepEqual(seen, [`POST /v3/chats/${chatId}/typing`]);
});

test('`watch`: what is no message to a chat passes untouched, a message has what the client needs', async t => {
	const {server, indicator, chatId, bot, say} = await stage(t, clients[0]![1]);
	let messages = 0;
	const counting = watch({
		async message(target, send) {
			messages++;
			t.deepEqual(target, {chatId});
			return indicator.message(target, send);
		},
	});
	const client = bot.withOptions({fetch: counting});
	await client.chats.retrieve(chatId);
	await client.chats.markAsRead(chatId);
	await client.chats.typing.start(chatId);
	await client.chats.typing.stop(chatId);
	t.is(messages, 0);
	const {data, response} = await client.chats.messages.send(chatId, {message: {parts: [{type: 'text', value: 'a'}]}}).withResponse();
	t.is(data.chat_id, chatId);
	t.is(response.status, 202);
	await client.chats.sendVoicememo(chatId, {voice_memo_url: 'https://example.com/1.m4a'});
	await counting(new Request(`${server.url}/v3/chats/${chatId}/messages`, {method: 'POST'}));
	await counting(new URL(`${server.url}/v3/chats/${chatId}/messages`), {method: 'post'});
	t.is(messages, 4);
	await counting(`${server.url}/v3/chats/${chatId}/messages`);
	await t.throwsAsync(counting('nowhere', {method: 'POST'}));
	t.is(messages, 4);
	t.is((await say('b')).chat_id, chatId);
});

test('`watch`: what is no indicator, or can’t fetch, is a TypeError at once', t => {
	const platform = linq(new LinqAPIV3({apiKey: 'token'}));
	for (const indicator of [undefined, null, {}, platform]) {
		t.throws(() => watch(indicator as never), {
			instanceOf: TypeError,
			message: /^Expected `indicator` to be an Indicator, .*, got (?:undefined|null|object)$/,
		});
	}

	for (const fetch of [null, 5, {}]) {
		t.throws(() => watch(new Indicator(platform), fetch as never), {
			instanceOf: TypeError,
			message: /^Expected `fetch` to be a function, got/,
		});
	}
});

test('`watch`: a message that is refused clears nothing, and the client hears it as always', async t => {
	const {server, indicator, view, chatId, say} = await stage(t, clients[0]![1]);
	const aborted = await indicator.run({chatId}, async typing => {
		await server.next('typing.start');
		server.fail({method: 'messages.send', times: 1, outcome: {status: 429, code: 1007, retryAfter: 2}});
		const error = await t.throwsAsync(say('hi'), {instanceOf: RateLimitError});
		t.is(error.headers.get('retry-after'), '2');
		t.like(error.error, {error: {code: 1007, retry_after: 2}});
		t.is(view.visible(performance.now()), 'typing');
		server.fail({method: 'messages.send', times: 1, outcome: 'reset'});
		await t.throwsAsync(say('hi'), {instanceOf: APIConnectionError});
		t.false(typing.signal.aborted);
		server.forget(chatId);
		await t.throwsAsync(say('hi'), {instanceOf: NotFoundError});
		return typing.signal.aborted;
	});
	t.true(aborted, 'the chat is gone');
});

test('`watch`: with retries of the SDK it stays up in between, and nothing is seen after', async t => {
	const {server, indicator, view, chatId, bot} = await stage(t, clients[0]![1]);
	const patient = bot.withOptions({maxRetries: 2});
	server.fail({method: 'messages.send', times: 1, outcome: {status: 500, code: 3006}});
	await indicator.run({chatId}, async () => {
		await server.next('typing.start');
		await patient.chats.messages.send(chatId, {message: {parts: [{type: 'text', value: 'hi'}]}});
	});
	await wait(100);
	const [first] = view.spans;
	const {at} = view.messages[0]!;
	t.is(view.messages.length, 1);
	t.deepEqual(view.dark(first!.from, at), []);
	t.is(view.after(at), 0);
});
