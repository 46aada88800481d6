import {
	bitrix24,
	Bitrix24Error,
	bitrix24Actions,
	gated,
	messageTarget,
	type Bitrix24Options,
	type DialogTarget,
} from '@auto-typing/bitrix24';
import {Indicator} from '@auto-typing/core';
import test from 'ava';
import {conformance} from '../core/conformance.ts';
import {inFakedTime, wait} from '../core/harness.ts';

/** As `call` rejects; the SDK's errors have the same two members. */
function refusal(code: string, status: number, time?: object): Error {
	return Object.assign(new Error('Refused'), {code, status, ...(time && {time})});
}

const soon = {after: 1000, scope: 'bot', doubling: true} as const;
const reset = {finish: 1_700_000_000.5, operating_reset_at: 1_700_000_090};

/** Every code of the vendor's tables, for either method. */
const errors = [
	// imbot.chat.sendTyping
	[refusal('BOT_ID_ERROR', 400), 'revoked'],
	[refusal('APP_ID_ERROR', 400), 'revoked'],
	[refusal('DIALOG_ID_EMPTY', 400), 'give-up'],
	// imbot.v2.Chat.InputAction.notify
	[refusal('BOT_TOKEN_NOT_SPECIFIED', 400), 'revoked'],
	[refusal('BOT_ID_REQUIRED', 400), 'revoked'],
	[refusal('BOT_NOT_FOUND', 400), 'revoked'],
	[refusal('BOT_OWNERSHIP_ERROR', 403), 'revoked'],
	[refusal('ACCESS_DENIED', 403), 'give-up'],
	// Any method.
	[refusal('QUERY_LIMIT_EXCEEDED', 503), soon],
	[refusal('OPERATION_TIME_LIMIT', 429, reset), {after: 89_500, scope: 'bot'}],
	[refusal('OPERATION_TIME_LIMIT', 429, {finish: 1_700_000_000, operating_reset_at: 1_699_999_000}), {after: 1000, scope: 'bot'}],
	[refusal('OPERATION_TIME_LIMIT', 429, {finish: 1, operating_reset_at: 1_700_000_000}), {after: 600_000, scope: 'bot'}],
	[refusal('OPERATION_TIME_LIMIT', 429, {finish: 1, operating_reset_at: 'soon'}), {after: 10_000, scope: 'bot', doubling: true}],
	[refusal('OPERATION_TIME_LIMIT', 429), {after: 10_000, scope: 'bot', doubling: true}],
	[refusal('expired_token', 401), 'retry'],
	[refusal('invalid_token', 401), 'revoked'],
	[refusal('invalid_grant', 400), 'revoked'],
	[refusal('invalid_client', 401), 'revoked'],
	[refusal('NO_AUTH_FOUND', 401), 'revoked'],
	[refusal('INVALID_CREDENTIALS', 401), 'revoked'],
	[refusal('INVALID_REQUEST', 401), 'revoked'],
	[refusal('insufficient_scope', 401), 'revoked'],
	[refusal('user_access_error', 401), 'revoked'],
	[refusal('ACCESS_DENIED', 401), 'revoked'], // The plan of the portal has no REST API.
	[refusal('PORTAL_DELETED', 403), 'revoked'],
	[refusal('OVERLOAD_LIMIT', 401), 'revoked'],
	[refusal('ERROR_METHOD_NOT_FOUND', 404), 'revoked'],
	[refusal('INTERNAL_SERVER_ERROR', 500), 'retry'],
	[refusal('ERROR_UNEXPECTED_ANSWER', 500), 'retry'],
	// No code that is known.
	[refusal('HTTP_429', 429), soon],
	[refusal('HTTP_503', 503), soon],
	[refusal('HTTP_502', 502), 'retry'],
	[refusal('SOMETHING_NEW', 400), 'retry'],
	[refusal('constructor', 400), 'retry'],
	[new TypeError('fetch failed'), 'retry'],
	[new Error('QUERY_LIMIT_EXCEEDED'), 'retry'], // By structured code, never by prose.
	// Other forms: a body that was thrown, an error of axios, one of version 3 of the API.
	[{error: 'BOT_NOT_FOUND', error_description: 'Bot not found'}, 'revoked'],
	[Object.assign(new Error('503'), {code: 'ERR_BAD_RESPONSE', response: {status: 503, data: {error: 'QUERY_LIMIT_EXCEEDED'}}}), soon],
	[
		Object.assign(new Error('429'), {response: {status: 429, data: {error: 'OPERATION_TIME_LIMIT', time: reset}}}),
		{after: 89_500, scope: 'bot'},
	],
	[{error: {code: 'ACCESS_DENIED', message: 'no'}}, 'give-up'],
] as const;

conformance({
	name: 'bitrix24',
	platform: request =>
		bitrix24({call: async (_method, _params, signal) => request('send', signal!), botId: 567, botToken: 'token', duration: 10_000}),
	target: {dialogId: '27'},
	otherTarget: {dialogId: 'chat27'},
	actions: bitrix24Actions,
	errors,
});

conformance({
	name: 'bitrix24, version 1',
	platform: request => bitrix24({call: async (_method, _params, signal) => request('send', signal!), version: 1}),
	target: {dialogId: 'chat27', botId: 7},
	otherTarget: {dialogId: 'chat27', botId: 8},
	errors: [],
});

/** What is called while one handler works for `ms`. */
async function callsOf(options: Omit<Bitrix24Options, 'call'>, target: DialogTarget, ms = 1000, action?: (typeof bitrix24Actions)[number]) {
	return inFakedTime(async clock => {
		const calls: Array<{method: string; params: object; at: number}> = [];
		const start = performance.now();
		const indicator = new Indicator(
			bitrix24({
				...options,
				call: async (method, params) => {
					calls.push({method, params, at: performance.now() - start});
					await wait(50);
				},
			}),
			{delay: 0, ...(action && {action})},
		);
		const typing = indicator.start(target);
		await clock.tickAsync(ms);
		typing.stop();
		await clock.tickAsync(10_000);
		return calls;
	});
}

test.serial('version 2: the parameters are the vendor’s, with nothing that is not needed', async t => {
	const rows: Array<[Omit<Bitrix24Options, 'call'>, DialogTarget, (typeof bitrix24Actions)[number] | undefined, object]> = [
		[{botId: 567}, {dialogId: '27'}, undefined, {botId: 567, dialogId: '27', duration: 30}],
		[{botId: 567}, {dialogId: 27}, 'typing', {botId: 567, dialogId: '27', duration: 30}],
		[
			{botId: 567, botToken: 'token', duration: 600_000},
			{dialogId: 'chat5'},
			'thinking',
			{botId: 567, botToken: 'token', dialogId: 'chat5', statusMessageCode: 'IMBOT_AGENT_ACTION_THINKING', duration: 600},
		],
		[{version: 2}, {dialogId: '27', botId: 7}, undefined, {botId: 7, dialogId: '27', duration: 30}],
		[{botToken: 'token'}, {dialogId: '27', botId: 7}, undefined, {botId: 7, botToken: 'token', dialogId: '27', duration: 30}],
		[
			{duration: 1000},
			{dialogId: 'chat5', botId: 7},
			'reading_docs',
			{botId: 7, dialogId: 'chat5', statusMessageCode: 'IMBOT_AGENT_ACTION_READING_DOCS', duration: 1},
		],
	];
	for (const [options, target, action, params] of rows) {
		const calls = await callsOf(options, target, 500, action);
		t.deepEqual(calls, [{method: 'imbot.v2.Chat.InputAction.notify', params, at: 0}]);
	}
});

test.serial('version 1: the parameters are the vendor’s, with nothing that is not needed', async t => {
	const rows: Array<[Omit<Bitrix24Options, 'call'>, DialogTarget, object]> = [
		[{version: 1}, {dialogId: '27'}, {DIALOG_ID: '27'}],
		[{}, {dialogId: '27'}, {DIALOG_ID: '27'}], // Version 2 can't be meant: it needs a bot.
		[{}, {dialogId: '27', botId: 7}, {BOT_ID: 7, DIALOG_ID: '27'}],
		[{clientId: 'client'}, {dialogId: 'chat5'}, {DIALOG_ID: 'chat5', CLIENT_ID: 'client'}],
		[{botId: 39, clientId: 'client'}, {dialogId: 'chat5'}, {BOT_ID: 39, DIALOG_ID: 'chat5', CLIENT_ID: 'client'}],
		[
			{botId: 39, version: 1},
			{dialogId: 'chat5', botId: 7},
			{BOT_ID: 7, DIALOG_ID: 'chat5'},
		],
	];
	for (const [options, target, params] of rows) {
		const calls = await callsOf(options, target, 500);
		t.deepEqual(calls, [{method: 'imbot.chat.sendTyping', params, at: 0}]);
	}
});

test.serial('a call goes out every 24 s, in version 1 every 15 s, and at 0.8 of any other duration', async t => {
	const at = async (options: Omit<Bitrix24Options, 'call'>) =>
		(await callsOf(options, {dialogId: '27'}, 50_000)).map(call => Math.round(call.at));
	t.deepEqual(await at({botId: 567}), [0, 24_000, 48_000]);
	t.deepEqual(await at({version: 1}), [0, 15_000, 30_000, 45_000]);
	t.deepEqual(await at({botId: 567, duration: 20_000}), [0, 16_000, 32_000, 48_000]);
	t.deepEqual(await at({botId: 567, duration: 600_000}), [0]);
});

test('the eleven statuses of the vendor, and typing', t => {
	t.is(bitrix24Actions.length, 12);
	t.is(new Set(bitrix24Actions).size, 12);
	const call = async () => {};
	t.deepEqual(bitrix24({call, version: 1}).actions, ['typing']);
	t.throws(() => new Indicator(bitrix24({call, version: 1}), {action: 'thinking'}), {
		instanceOf: TypeError,
		message: /one of typing, got "thinking"/,
	});
	t.throws(() => new Indicator(bitrix24({call, botId: 7}), {action: 'IMBOT_AGENT_ACTION_THINKING' as 'thinking'}), {instanceOf: TypeError});
});

test('a wrong option throws at once, and says which', t => {
	const call = async () => {};
	const rows: Array<[unknown, RegExp, Function?]> = [
		[{}, /`call` to be a function, such as `fromWebhook\(url\)`, got undefined/],
		[call, /`options` to be an object with a `call`, got function/], // Every function has a `call`.
		[{call: 'https://secret'}, /`call` to be a function.*got string/],
		[{call: null}, /got null/],
		[{call, botId: '567'}, /`botId` to be a positive integer, got "567"/],
		[{call, botId: 0}, /`botId` to be a positive integer, got 0/],
		[{call, botId: 1.5}, /`botId` to be a positive integer, got 1.5/],
		[{call, botId: {}}, /`botId` to be a positive integer, got object/],
		[{call, version: 3}, /`version` to be 1 or 2, got 3/, RangeError],
		[{call, botToken: ''}, /`botToken` to be a string that is not empty, got an empty one/],
		[{call, botToken: 5}, /`botToken` to be a string that is not empty, got number/],
		[{call, clientId: []}, /`clientId` to be a string that is not empty, got object/],
		[{call, botToken: 'secret', clientId: 'secret'}, /`botToken` for version 2 or a `clientId` for version 1/],
		[{call, version: 2, clientId: 'secret'}, /`botToken` for version 2 or a `clientId` for version 1/],
		[{call, version: 1, botToken: 'secret'}, /for version 2 only/],
		[{call, version: 1, duration: 5000}, /for version 2 only/],
		[{call, clientId: 'secret', duration: 5000}, /for version 2 only/],
		[undefined, /`call` to be a function.*got undefined/],
		[null, /`call` to be a function.*got undefined/],
		// The vendor counts in seconds.
		[{call, duration: 30}, /`duration` to be whole seconds in milliseconds, from 1000 to 600000, got 30$/, RangeError],
		[{call, duration: '30000'}, /`duration`.*got "30000"/, RangeError],
		[{call, duration: null}, /`duration`.*got null/, RangeError],
		[{call, duration: 0}, /`duration`.*got 0/, RangeError],
		[{call, duration: Infinity}, /`duration`.*got Infinity/, RangeError],
		[{call, duration: 30_000n}, /`duration`/, RangeError],
		[{call, duration: {}}, /`duration`.*got object/, RangeError],
		[{call, duration: 601_000}, /got 601000/, RangeError],
		[{call, duration: 1500}, /got 1500/, RangeError],
		[{call, duration: Number.NaN}, /got NaN/, RangeError],
	];
	for (const [options, message, instanceOf = TypeError] of rows) {
		const error = t.throws(() => bitrix24(options as Bitrix24Options), {instanceOf: instanceOf as ErrorConstructor, message});
		t.false(error?.message.includes('secret'));
	}
});

test('a dialog is checked before any call', t => {
	let calls = 0;
	const indicator = new Indicator(
		bitrix24({
			call: async () => {
				calls++;
			},
			botId: 567,
		}),
		{delay: 0},
	);
	for (const dialogId of [
		'',
		'0',
		'-1',
		'27 ',
		'chat',
		'chat0',
		'chat-5',
		'Chat5',
		'chat5/x',
		'5e3',
		'user27',
		1.5,
		-1,
		0,
		Number.NaN,
		null,
		undefined,
		{},
		[],
		Object.create(null),
	]) {
		t.throws(() => indicator.start({dialogId: dialogId as string}), {
			instanceOf: TypeError,
			message: /`dialogId` to be the id of a user, such as '27', or of a chat, such as 'chat27', got/,
		});
	}

	for (const botId of [0, -7, '7', 1.5, Number.NaN, null]) {
		t.throws(() => indicator.start({dialogId: '27', botId: botId as number}), {instanceOf: TypeError, message: /`botId`/});
	}

	t.throws(() => new Indicator(bitrix24({call: async () => {}, version: 2})).start({dialogId: '27'}), {
		instanceOf: TypeError,
		message: /version 2 needs it/,
	});
	t.is(calls, 0);
	t.is(indicator.size, 0);
});

test('the key tells apart dialogs and bots, and nothing else', t => {
	const platform = bitrix24({call: async () => {}, botId: 567});
	const key = (target: DialogTarget) => platform.key(target);
	const same: Array<[DialogTarget, DialogTarget]> = [
		[{dialogId: 27}, {dialogId: '27'}], // Ids come from databases and from events.
		[{dialogId: '27'}, {dialogId: '27', botId: 567}],
		[{dialogId: '27'}, {dialogId: '27', botId: undefined}],
	];
	for (const [one, other] of same) {
		t.is(key(one), key(other));
	}

	const different: DialogTarget[] = [
		{dialogId: '27'},
		{dialogId: 'chat27'},
		{dialogId: '2'},
		{dialogId: '27', botId: 7},
		{dialogId: '7', botId: 27},
	];
	t.is(new Set(different.map(target => key(target))).size, different.length);
});

test.serial('an answer that is an error is one, whatever the client thinks', async t => {
	const answers: Array<[unknown, string | undefined]> = [
		[{result: true}, undefined],
		[{result: {result: true}, time: {}}, undefined],
		[undefined, undefined],
		['ok', undefined],
		[{isSuccess: true, getErrors: () => []}, undefined],
		[{error: 'BOT_NOT_FOUND', error_description: 'no'}, 'BOT_NOT_FOUND'],
		[{error: {code: 'ACCESS_DENIED'}}, 'ACCESS_DENIED'],
		[{isSuccess: false, getErrors: () => [{code: 'BOT_ID_REQUIRED', status: 400}].values()}, 'BOT_ID_REQUIRED'],
		[{isSuccess: false, getErrors: () => []}, 'NETWORK_ERROR'],
	];
	for (const [answer, code] of answers) {
		const platform = bitrix24({call: async () => answer, botId: 567});
		const send = platform.send({dialogId: '27'}, 'typing', new AbortController().signal);
		if (code === undefined) {
			await t.notThrowsAsync(send);
		} else {
			const error = await t.throwsAsync(send, {instanceOf: Bitrix24Error, code});
			t.regex(error?.message ?? '', /^Call to 'imbot\.v2\.Chat\.InputAction\.notify' failed: /);
		}
	}
});

test('`gated`: what is no indicator, or no call, is a TypeError at once', t => {
	const call = async () => {};
	const indicator = new Indicator(bitrix24({call, botId: 567}));
	const rows: Array<[unknown, unknown, RegExp]> = [
		[undefined, call, /`indicator` to be an Indicator.*got undefined/],
		[call, indicator, /`indicator` to be an Indicator.*got function/], // The other way round.
		[bitrix24({call, botId: 567}), call, /`indicator` to be an Indicator.*got object/],
		[indicator, undefined, /`call` to be a function.*got undefined/],
		[indicator, {}, /`call` to be a function.*got object/],
	];
	for (const [first, second, message] of rows) {
		t.throws(() => gated(first as never, second as never), {instanceOf: TypeError, message});
	}
});

test('a method that puts a message into a dialog has the target of that', t => {
	for (const method of [
		'imbot.v2.Chat.Message.send',
		'imbot.v2.Command.answer',
		'imbot.v2.File.upload',
		'IMBOT.V2.CHAT.MESSAGE.SEND.json',
	]) {
		t.deepEqual(messageTarget(method, {botId: 567, dialogId: 'chat5', fields: {}}), {dialogId: 'chat5', botId: 567}, method);
	}

	t.deepEqual(messageTarget('imbot.message.add', {BOT_ID: 7, DIALOG_ID: '27', MESSAGE: 'hi'}), {dialogId: '27', botId: 7});
	t.deepEqual(messageTarget('imbot.message.add', {DIALOG_ID: 27}), {dialogId: 27});
	t.deepEqual(messageTarget('imbot.message.add', {BOT_ID: '7', DIALOG_ID: 27}), {dialogId: 27, botId: 7});
	for (const [method, params] of [
		['imbot.v2.Chat.Message.update', {botId: 567, messageId: 1}],
		['imbot.v2.Chat.Message.delete', {botId: 567, dialogId: '27'}],
		['imbot.v2.Chat.InputAction.notify', {botId: 567, dialogId: '27'}],
		['imbot.chat.sendTyping', {DIALOG_ID: '27'}],
		['im.message.add', {DIALOG_ID: '27'}], // Of a user, not of the bot.
		['imbot.message.add', {}],
		['imbot.message.add', {DIALOG_ID: 'sg5'}],
		['imbot.message.add', null],
		['crm.item.get', {id: 5}],
	] as Array<[string, object]>) {
		t.is(messageTarget(method, params), undefined, method);
	}
});

/** Chats that work for a minute, and how long each is dark between its first call and the end. */
async function darkness(count: number, options: Omit<Bitrix24Options, 'call'>, replyAt?: number) {
	return inFakedTime(async clock => {
		const {ttl} = bitrix24({...options, call: async () => {}});
		const shown = new Map<string, number[]>();
		const start = performance.now();
		const indicator = new Indicator(
			bitrix24({
				...options,
				call: async (_method, params) => {
					const {dialogId, DIALOG_ID: id = dialogId} = params as {dialogId: string; DIALOG_ID?: string};
					shown.set(id, [...(shown.get(id) ?? []), performance.now() - start]);
					await wait(100);
				},
			}),
		);
		const holds = Array.from({length: count}, (_, index) => indicator.start({dialogId: `chat${index + 1}`}));
		if (replyAt !== undefined) {
			await clock.tickAsync(replyAt);
			await Promise.all([...shown.keys()].map(async dialogId => indicator.message({dialogId}, async () => {})));
		}

		await clock.tickAsync(60_000 - (replyAt ?? 0));
		for (const hold of holds) {
			hold.stop();
		}

		await clock.tickAsync(10_000);
		const dark = [...shown.values()].map(times =>
			times.reduce((sum, at, index) => sum + Math.max(0, (times[index + 1] ?? 60_000) - at - ttl), 0),
		);
		const all = [...shown.values()].flat().toSorted((a, b) => a - b);
		const mostIn = (ms: number) =>
			Math.max(...all.map((at, index) => all.filter((other, place) => place >= index && other < at + ms).length));
		return {chats: shown.size, latest: Math.max(...[...shown.values()].map(([first]) => first!)), dark: Math.max(...dark), mostIn};
	});
}

for (const [options, most] of [
	[{botId: 567}, 20],
	[{version: 1}, 14],
] as const) {
	for (const count of [1, 5, most]) {
		test.serial(`${JSON.stringify(options)}: ${count} chats at work stay lit within the default share of the budget`, async t => {
			const {chats, latest, dark} = await darkness(count, options);
			t.is(chats, count);
			t.true(latest < 500, `the last one is lit after ${latest} ms`);
			t.is(dark, 0);
		});
	}

	test.serial(`${JSON.stringify(options)}: 200 chats take no more than half of what the portal lets in`, async t => {
		const {mostIn} = await darkness(200, options);
		t.true(mostIn(1000) <= 25, 'half of the bucket');
		// Two requests a second leak out of it: what begins with a burst is made up for.
		t.true(mostIn(30_000) <= 30 + 15, `${mostIn(30_000)} in half a minute`);
		t.true(mostIn(60_000) <= 60 + 15, `${mostIn(60_000)} in a minute`);
	});
}
