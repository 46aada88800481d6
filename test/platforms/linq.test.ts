import {inspect} from 'node:util';
import {Indicator, type Platform, type TypingEvent} from '@auto-typing/core';
import {fromToken, linq, LinqError, targetOf, type CallOptions, type ChatTarget} from '@auto-typing/linq';
import LinqAPIV3, {APIConnectionTimeoutError, APIError, APIUserAbortError} from '@linqapp/sdk';
import test from 'ava';
import {conformance} from '../core/conformance.ts';
import {inFakedTime, wait} from '../core/harness.ts';

const chatId = '550e8400-e29b-41d4-a716-446655440000';
const otherId = '182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e';

/** As the SDK rejects. */
function refusal(status: number, code?: number, more: object = {}, headers: Record<string, string> = {}): APIError {
	const body = code === undefined ? undefined : {success: false, error: {status, code, message: 'No', ...more}, trace_id: 'a'};
	return APIError.generate(status, body, 'No', new Headers(headers));
}

/** A platform whose client calls `request`. */
function platformOf(request: (kind: 'send' | 'stop', signal: AbortSignal) => Promise<void>): Platform<ChatTarget> {
	return linq({
		chats: {
			typing: {
				start: async (_chatId, {signal}) => request('send', signal),
				stop: async (_chatId, {signal}) => request('stop', signal),
			},
		},
	});
}

conformance({
	name: 'linq',
	platform: platformOf,
	target: {chatId},
	otherTarget: {chatId: otherId},
	stop: true,
	errors: [
		[refusal(400, 1002), 'give-up'],
		[refusal(401, 2004), 'revoked'],
		[refusal(403, 2005), 'give-up'],
		[refusal(404, 2001), 'gone'],
		[refusal(429, 1007, {}, {'retry-after': '1'}), {after: 1000, scope: 'bot'}],
		[refusal(429, 1007, {retry_after: 40}), {after: 40_000, scope: 'bot'}],
		[refusal(429, 1007, {retry_after: 40}, {'retry-after': '35'}), {after: 35_000, scope: 'bot'}],
		[refusal(429, 1007), {after: 1000, scope: 'bot', doubling: true}],
		[refusal(429, undefined, {}, {'retry-after': 'Thu, 01 Jan 2026 00:11:40 GMT'}), {after: 600_000, scope: 'bot'}],
		[refusal(429, undefined, {}, {'retry-after': 'soon'}), {after: 1000, scope: 'bot', doubling: true}],
		[refusal(500, 3006), 'retry'],
		[refusal(502), 'retry'],
		[refusal(408), 'retry'],
		[new APIConnectionTimeoutError(), 'retry'],
		[APIError.generate(undefined, new TypeError('fetch failed'), undefined, undefined), 'retry'],
		[new APIUserAbortError(), 'retry'],
		[new TypeError('fetch failed'), 'retry'],
		// Not in the vendor's table of this call.
		[refusal(400), 'give-up'],
		[refusal(401), 'revoked'],
		[refusal(404), 'give-up'], // A wrong address is no reason to tell a handler that its chat is gone.
		[refusal(404, 2002), 'give-up'],
		[refusal(409, 1006), 'give-up'],
		[refusal(422), 'give-up'],
		[new LinqError(new Response(null, {status: 404}), {error: {code: 2001}}), 'gone'],
		// By structured code, never by prose.
		[new Error('404 {"success":false,"error":{"status":404,"code":2001}}'), 'retry'],
	],
});

/** What the engine did for a handler in `target` that takes `ms`, in a minute of nobody's life. */
async function eventsOf(target: ChatTarget, ms: number, body: (indicator: Indicator<ChatTarget>) => Promise<void> = async () => {}) {
	return inFakedTime(async clock => {
		const start = Date.now();
		const calls: Array<{kind: string; at: number}> = [];
		const events: Array<TypingEvent<ChatTarget>> = [];
		const platform = platformOf(async kind => {
			calls.push({kind, at: Date.now() - start});
			await wait(50);
		});
		const indicator = new Indicator(platform, {onEvent: event => void events.push(event)});
		const {receivedAt} = target;
		const handler = indicator.run({...target, ...(receivedAt !== undefined && {receivedAt: start + receivedAt})}, async () => {
			await body(indicator);
			await wait(ms);
		});
		await clock.tickAsync(ms + 600_000);
		await handler;
		return {calls, story: events.map(({type, reason}) => `${type} ${reason}`)};
	});
}

test.serial('where it can’t be seen no call is made, and `onEvent` says so', async t => {
	const targets: ChatTarget[] = [
		{chatId, isGroup: true},
		{chatId, isGroup: true, service: 'iMessage', receivedAt: 0},
		{chatId, service: 'SMS'},
		{chatId, service: 'RCS', isGroup: false},
		{chatId, receivedAt: -300_000},
		{chatId, receivedAt: -25 * 60_000, service: 'iMessage', isGroup: false},
	];
	for (const target of targets) {
		const {calls, story} = await eventsOf(target, 60_000);
		t.deepEqual(calls, [], JSON.stringify(target));
		t.deepEqual(story, ['skip unseen', 'end done'], JSON.stringify(target));
	}
});

test.serial('where it may be seen it is tried', async t => {
	const targets: ChatTarget[] = [
		{chatId},
		{chatId, isGroup: undefined, service: undefined, receivedAt: undefined},
		{chatId, isGroup: false, service: 'iMessage', receivedAt: 0},
		{chatId, receivedAt: -200_000},
		{chatId, receivedAt: 60_000}, // Its clock is ahead of ours.
		{chatId, receivedAt: Number.NaN},
	];
	for (const target of targets) {
		const {calls} = await eventsOf(target, 30_000);
		t.deepEqual(
			calls.map(({kind}) => kind),
			['send', 'stop'],
			JSON.stringify(target),
		);
	}
});

test.serial('five minutes after the last message it is renewed no more', async t => {
	const {calls, story} = await eventsOf({chatId, receivedAt: 0}, 400_000);
	const sends = calls.filter(({kind}) => kind === 'send');
	t.deepEqual(
		sends.map(({at}) => at),
		[200, 45_200, 90_200, 135_200, 180_200, 225_200, 270_200],
	);
	t.deepEqual(
		story.filter(event => event.startsWith('skip')),
		['skip unseen'],
	);
	t.is(story.at(-1), 'end done');
});

test.serial('a message of the bot makes it visible again', async t => {
	const {calls, story} = await eventsOf({chatId, receivedAt: -400_000}, 30_000, async indicator => {
		await wait(10_000);
		await indicator.message({chatId}, async () => wait(100));
	});
	t.deepEqual(
		calls.map(({kind}) => kind),
		['send', 'stop'],
	);
	t.is(calls[0]?.at, 10_300);
	t.is(story[0], 'skip unseen');
});

test('a chat id that is no UUID is a TypeError at once', async t => {
	const indicator = new Indicator(linq(fromToken('token')));
	const wrong: Array<[unknown, string]> = [
		['7', '"7"'],
		['', '""'],
		[`${chatId}x`, `"${chatId}x"`],
		[`${chatId}/../x`, `"${chatId}/../x"`],
		[7, 'number'],
		[undefined, 'undefined'],
	];
	for (const [id, got] of wrong) {
		const expectation = {instanceOf: TypeError, message: `Expected \`chatId\` to be the UUID of a chat, got ${got}`};
		t.throws(() => indicator.start({chatId: id as string}), expectation);
		await t.throwsAsync(
			indicator.message({chatId: id as string}, async () => t.fail('nothing may go out')),
			expectation,
		);
	}

	t.is(indicator.size, 0);
	const platform = linq(fromToken('token'));
	t.is(platform.key({chatId: chatId.toUpperCase(), isGroup: true}), platform.key({chatId}));
});

test('what is no client is a TypeError at once', t => {
	for (const client of [undefined, null, {}, {chats: {}}, {chats: {typing: {start() {}}}}, 'token']) {
		t.throws(() => linq(client as never), {instanceOf: TypeError, message: /`client`.*@linqapp\/sdk/});
	}

	t.notThrows(() => linq(new LinqAPIV3({apiKey: 'token'})));
});

test('an action that Linq doesn’t have is a TypeError at once', t => {
	const platform = linq(new LinqAPIV3({apiKey: 'token'}));
	t.throws(() => new Indicator(platform, {action: 'thinking' as 'typing'}), {
		instanceOf: TypeError,
		message: /`action`.*one of typing, got "thinking"/,
	});
});

test('calls have one try, four seconds, and the signal', async t => {
	const got: Array<[string, CallOptions]> = [];
	const call = async (...args: [string, CallOptions]) => void got.push(args);
	const platform = linq({chats: {typing: {start: call, stop: call}}});
	const {signal} = new AbortController();
	await platform.send({chatId}, 'typing', signal);
	await platform.stop!({chatId}, signal);
	t.deepEqual(got, [
		[chatId, {maxRetries: 0, timeout: 4000, signal}],
		[chatId, {maxRetries: 0, timeout: 4000, signal}],
	]);
	t.true(got.every(([, options]) => options.signal === signal));
});

/** A client that takes `ms` to answer, and honours its signal. What arrived is in `calls`, with its time. */
function tripsOf(ms: number) {
	const calls: Array<[string, number]> = [];
	const from = performance.now();
	const call =
		(name: string) =>
		async (_chatId: string, {signal}: CallOptions) => {
			signal.throwIfAborted();
			calls.push([name, performance.now() - from]);
			await Promise.race([wait(ms), rejection(signal)]);
		};
	return {calls, platform: linq({chats: {typing: {start: call('start'), stop: call('stop')}}})};
}

async function rejection(signal: AbortSignal): Promise<never> {
	return new Promise((_resolve, reject) => {
		signal.addEventListener('abort', () => reject(signal.reason as Error));
	});
}

test.serial('a start that was hung up on is taken down twice, unless another one has gone out since', async t => {
	await inFakedTime(async clock => {
		const {calls, platform} = tripsOf(0);
		const {signal} = new AbortController();
		const [target, other] = [{chatId}, {chatId: otherId}];
		const times = () => calls.splice(0).map(([name, at]) => `${name} ${at}`);
		await t.throwsAsync(platform.send(target, 'typing', AbortSignal.abort()), {any: true});
		const elsewhere = platform.stop!(other, signal);
		await clock.tickAsync(1000);
		await elsewhere;
		t.deepEqual(times(), ['stop 0'], 'another chat has nothing to do with it');
		const over = platform.stop!({chatId, receivedAt: 1}, signal); // As the handler of the next event knows the chat.
		await clock.tickAsync(1000);
		await over;
		t.deepEqual(times(), ['stop 1000', 'stop 1600']);
		await t.throwsAsync(platform.send(target, 'typing', AbortSignal.abort()), {any: true});
		const stopped = platform.stop!(target, signal);
		await clock.tickAsync(500);
		await stopped;
		const shown = platform.send(target, 'typing', signal);
		await clock.tickAsync(1000);
		await shown;
		t.deepEqual(times(), ['stop 2000', 'start 2500'], 'it would have taken down the next one');
		t.is(clock.countTimers(), 0);
	});
});

test.serial('nobody waits for the second call that takes down what was hung up on: not a reply, not the next handler', async t => {
	await inFakedTime(async clock => {
		const {calls, platform} = tripsOf(50);
		const indicator = new Indicator(platform, {delay: 0});
		const target = {chatId};
		await Promise.all([indicator.run(target, async () => wait(100)), clock.tickAsync(1000)]); // So that it knows how long a call takes.
		calls.splice(0);
		const first = indicator.start(target);
		await clock.tickAsync(10);
		first.stop();
		await clock.tickAsync(60);
		const from = performance.now();
		let left = 0;
		const replied = indicator.message(target, async () => {
			left = performance.now() - from;
		});
		const next = indicator.start(target);
		await clock.tickAsync(20);
		await replied;
		t.is(left, 0);
		await clock.tickAsync(80);
		t.deepEqual(
			calls.map(([name]) => name),
			['start', 'stop', 'start'],
		);
		await clock.tickAsync(2000);
		t.is(calls.length, 3, 'it goes on');
		next.stop();
		await clock.tickAsync(2000);
		t.is(indicator.size, 0);
	});
});

test.serial('a start waits for the second call that takes down, if that is on its way', async t => {
	await inFakedTime(async clock => {
		const {calls, platform} = tripsOf(50);
		const {signal} = new AbortController();
		await t.throwsAsync(platform.send({chatId}, 'typing', AbortSignal.abort()), {any: true});
		const stopped = platform.stop!({chatId}, signal);
		await clock.tickAsync(660);
		await stopped;
		const shown = platform.send({chatId}, 'typing', signal);
		await clock.tickAsync(100);
		await shown;
		t.deepEqual(calls, [
			['stop', 0],
			['stop', 650],
			['start', 700],
		]);
	});
});

test.serial('a start waits no longer than 600 ms for a second call that hangs, and is not made if nobody wants it by then', async t => {
	await inFakedTime(async clock => {
		const calls: Array<[string, number]> = [];
		const from = performance.now();
		const platform = platformOf(async kind => {
			calls.push([kind, performance.now() - from]);
			if (calls.length === 1) throw new Error('hung up on');
			await (calls.length === 3 ? new Promise(() => {}) : undefined);
		});
		const {signal} = new AbortController();
		await t.throwsAsync(platform.send({chatId}, 'typing', AbortSignal.abort()), {any: true});
		await platform.stop!({chatId}, signal);
		await clock.tickAsync(700);
		const unwanted = new AbortController();
		const dropped = t.throwsAsync(platform.send({chatId}, 'typing', unwanted.signal), {any: true});
		const shown = platform.send({chatId}, 'typing', signal);
		await clock.tickAsync(100);
		unwanted.abort();
		await clock.tickAsync(1000);
		await Promise.all([dropped, shown]);
		t.deepEqual(calls, [
			['send', 0],
			['stop', 0],
			['stop', 600],
			['send', 1200],
		]);
		await platform.stop!({chatId}, signal);
		await clock.tickAsync(1000);
		t.is(calls.length, 5, 'what was never sent need not be taken down twice');
	});
});

test.serial('the second call that takes down does not go out beside a start that is on its way', async t => {
	await inFakedTime(async clock => {
		const {calls, platform} = tripsOf(400);
		const {signal} = new AbortController();
		await t.throwsAsync(platform.send({chatId}, 'typing', AbortSignal.abort()), {any: true});
		const stopped = platform.stop!({chatId}, signal);
		await clock.tickAsync(800);
		await stopped;
		const shown = platform.send({chatId}, 'typing', signal);
		await clock.tickAsync(1000);
		await shown;
		t.deepEqual(calls, [
			['stop', 0],
			['start', 800],
		]);
	});
});

test.serial('a start whose client is slow to tell that it was hung up on is not held against the one that has landed since', async t => {
	await inFakedTime(async clock => {
		const calls: string[] = [];
		let tell = (_error: Error) => {};
		const platform = platformOf(async kind => {
			calls.push(kind);
			await (calls.length === 1 ? new Promise((_resolve, reject) => (tell = reject)) : wait(50));
		});
		const given = new AbortController();
		const first = t.throwsAsync(platform.send({chatId}, 'typing', given.signal), {message: 'late'});
		given.abort();
		const {signal} = new AbortController();
		const second = platform.send({chatId}, 'typing', signal);
		tell(new Error('late'));
		await clock.tickAsync(50);
		await Promise.all([first, second]);
		void platform.stop!({chatId}, signal);
		await clock.tickAsync(1000);
		t.deepEqual(calls, ['send', 'send', 'stop']);
	});
});

test('the target of an event', t => {
	const event = (members: object = {}, data: object = {}) => ({
		event_type: 'message.received',
		created_at: '2026-02-03T10:00:00.000Z',
		...members,
		data: {direction: 'inbound', service: 'iMessage', chat: {id: chatId, is_group: false}, ...data},
	});
	const receivedAt = Date.UTC(2026, 1, 3, 10);
	t.deepEqual(targetOf(event()), {chatId, isGroup: false, service: 'iMessage', receivedAt});
	// These pass through with a target that can't be seen.
	t.deepEqual(targetOf(event({}, {chat: {id: chatId, is_group: true}})), {chatId, isGroup: true, service: 'iMessage', receivedAt});
	t.deepEqual(targetOf(event({}, {service: 'SMS'})), {chatId, isGroup: false, service: 'SMS', receivedAt});
	// What is unknown is left out.
	t.deepEqual(targetOf(event({created_at: undefined}, {chat: {id: chatId, is_group: null}, service: null})), {chatId});
	t.deepEqual(targetOf(event({created_at: 'yesterday'})), {chatId, isGroup: false, service: 'iMessage'});
	// Nobody is waiting for an answer to these.
	for (const type of ['message.sent', 'message.delivered', 'message.read', 'message.failed', 'reaction.added', 'chat.created', undefined]) {
		t.is(targetOf(event({event_type: type})), undefined, type);
	}

	t.is(targetOf(event({}, {direction: 'outbound'})), undefined);
	t.is(targetOf(event({}, {direction: undefined})), undefined, 'the format of 2025-01-01');
	t.is(targetOf({event_type: 'chat.typing_indicator.started', data: {chat_id: chatId}}), undefined);
	for (const odd of [
		{},
		event({}, {chat: null}),
		event({}, {chat: {id: 7}}),
		event({}, {chat: {id: '7'}}),
		[],
		{event_type: 'message.received', data: null},
	]) {
		t.is(targetOf(odd), undefined, JSON.stringify(odd));
	}
});

test('a token or an address that can’t be one is a TypeError that doesn’t tell it', t => {
	for (const token of ['', 'se cret', 'secret\n', 'sécret', undefined, 7, {}]) {
		const error = t.throws(() => fromToken(token as string), {instanceOf: TypeError, message: /`token`/});
		t.notRegex(inspect(error), /s[eé] ?cret/);
	}

	for (const baseURL of ['', 'api.linqapp.com', 'ftp://example.com', 'https://me:secret@example.com', 7, null]) {
		const error = t.throws(() => fromToken('token', {baseURL: baseURL as string}), {instanceOf: TypeError, message: /`baseURL`/});
		t.notRegex(inspect(error), /secret/);
	}
});
