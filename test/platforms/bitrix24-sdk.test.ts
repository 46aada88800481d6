import {bitrix24, Bitrix24Error, fromSdk, fromWebhook, gated, type Call, type Sdk} from '@auto-typing/bitrix24';
import {Indicator} from '@auto-typing/core';
import type {RestFaultOutcome} from '@auto-typing/simulator';
import {AjaxResult, ApiVersion, type TypeHttp} from '@bitrix24/b24jssdk';
import test from 'ava';
import {assertNoSecret, hookOf, isTimeout, isTyping, oauthOf, openPortal, typingMethod, until, wait, ways} from './portal.ts';

/** Far enough from the 5 s that a call is visible here: a slow machine misses no renewal. A call has a second. */
const quick = {delay: 20, interval: 1500} as const;

for (const [way, {https, callOf}] of Object.entries(ways)) {
	for (const version of [1, 2] as const) {
		test(`${way}, version ${version}: seen all along, and nothing after the reply`, async t => {
			const portal = await openPortal(t, {https, latency: 20});
			const call = callOf(t, portal);
			const {id: botId, botToken, clientId} = portal.bot;
			const indicator = new Indicator(
				bitrix24(version === 1 ? {call, botId, clientId} : {call, botId, botToken, duration: 5000}),
				version === 1 ? quick : {...quick, action: 'thinking'},
			);
			const api = gated(indicator, call);
			const calls = () => portal.log.filter(arrival => isTyping(arrival)).length;
			await indicator.run({dialogId: 'chat5'}, async typing => {
				await until(() => calls() >= 2);
				if (version === 2) {
					typing.action = 'composing'; // Shows at once, so there are four in all.
				}

				await until(() => calls() >= 4);
				await (version === 1
					? api('imbot.message.add', {BOT_ID: botId, CLIENT_ID: clientId, DIALOG_ID: 'chat5', MESSAGE: 'Hello'})
					: api('imbot.v2.Chat.Message.send', {botId, botToken, dialogId: 'chat5', fields: {message: 'Hello'}}));
			});
			await wait(300);
			const view = portal.dialog('chat5');
			t.deepEqual(
				view.messages.map(({text}) => text),
				['Hello'],
			);
			const {at} = view.messages[0]!;
			t.deepEqual(view.dark(view.spans[0]!.from, at), []);
			t.is(view.after(at), 0);
			t.deepEqual(
				view.spans.map(({action}) => action),
				version === 1 ? ['typing'] : ['thinking', 'composing'],
			);
			t.deepEqual(view.refused, []);
		});
	}

	test(`${way}: a typing call is tried once, and fails with the vendor’s code and no secret`, async t => {
		const portal = await openPortal(t, {https});
		const call = callOf(t, portal);
		const rows: Array<[RestFaultOutcome, code: string | RegExp, status: number]> = [
			...['BOT_ID_ERROR', 'APP_ID_ERROR', 'DIALOG_ID_EMPTY', 'BOT_TOKEN_NOT_SPECIFIED', 'BOT_ID_REQUIRED', 'BOT_NOT_FOUND'].map(
				(code): [RestFaultOutcome, string, number] => [{code}, code, 400],
			),
			[{code: 'BOT_OWNERSHIP_ERROR'}, 'BOT_OWNERSHIP_ERROR', 403],
			[{code: 'ACCESS_DENIED'}, 'ACCESS_DENIED', 403],
			[{code: 'ACCESS_DENIED', status: 401}, 'ACCESS_DENIED', 401],
			[{code: 'QUERY_LIMIT_EXCEEDED'}, 'QUERY_LIMIT_EXCEEDED', 503],
			[{code: 'OPERATION_TIME_LIMIT'}, 'OPERATION_TIME_LIMIT', 429],
			...['NO_AUTH_FOUND', 'INVALID_CREDENTIALS', 'INVALID_REQUEST', 'insufficient_scope', 'user_access_error', 'OVERLOAD_LIMIT'].map(
				(code): [RestFaultOutcome, string, number] => [{code}, code, 401],
			),
			[{code: 'PORTAL_DELETED'}, 'PORTAL_DELETED', 403],
			[{code: 'ERROR_METHOD_NOT_FOUND'}, 'ERROR_METHOD_NOT_FOUND', 404],
			[{code: 'INTERNAL_SERVER_ERROR'}, 'INTERNAL_SERVER_ERROR', 500],
			[{code: 'ERROR_UNEXPECTED_ANSWER'}, 'ERROR_UNEXPECTED_ANSWER', 500],
			['html', 'HTTP_502', 502],
			['reset', /^(?:NETWORK_ERROR|ECONNRESET)$/, 0],
		];
		const params = {botId: portal.bot.id, botToken: portal.bot.botToken, dialogId: '27'};
		for (const [outcome, code, status] of rows) {
			const before = portal.log.length;
			portal.fail({outcome, times: 1});
			const error = await t.throwsAsync<Bitrix24Error>(call(typingMethod, params, AbortSignal.timeout(10_000)), {
				instanceOf: Bitrix24Error,
			});
			t[typeof code === 'string' ? 'is' : 'regex'](error.code, code as never, JSON.stringify(outcome));
			t.is(error.status, status, String(code));
			t.is(error.cause, undefined);
			assertNoSecret(t, portal, error);
			t.is(portal.log.length, before + 1, `${String(code)}: tried once`);
		}

		await t.notThrowsAsync(call(typingMethod, params), 'and none of that lasts');
	});

	test(`${way}: the time of a method that used up its own is told`, async t => {
		const portal = await openPortal(t, {https});
		const platform = bitrix24({call: callOf(t, portal), botId: portal.bot.id, botToken: portal.bot.botToken});
		portal.spend(typingMethod, 480_000);
		const error = await t.throwsAsync(platform.send({dialogId: '27'}, 'typing', AbortSignal.timeout(10_000)), {
			code: 'OPERATION_TIME_LIMIT',
		});
		const failure = platform.classify?.(error) as {after: number; scope: string};
		t.is(failure.scope, 'bot');
		t.true(failure.after > 590_000 && failure.after <= 600_000, `${failure.after}`);
	});

	test(`${way}: a call in flight is aborted with its signal, and arrives all the same`, async t => {
		const portal = await openPortal(t, {https});
		const call = callOf(t, portal);
		const params = {botId: portal.bot.id, botToken: portal.bot.botToken, dialogId: '27'};
		await call(typingMethod, params); // So that the connection is there.
		portal.latency = 4000;
		const controller = new AbortController();
		const start = performance.now();
		const sent = call(typingMethod, params, controller.signal);
		setTimeout(() => controller.abort(new Error('the work is over')), 200);
		await t.throwsAsync(sent, {message: 'the work is over'});
		t.true(performance.now() - start < 3000);
		t.is(portal.log.length, 1);
		await until(() => portal.log.length === 2);
		await t.throwsAsync(call(typingMethod, params, AbortSignal.abort(new Error('too late'))), {message: 'too late'});
	});
}

test('the SDK’s own repetitions are for all else: a message that is refused once gets through', async t => {
	const portal = await openPortal(t, {https: true});
	const {id: botId, botToken} = portal.bot;
	const call = fromSdk(hookOf(t, portal));
	const indicator = new Indicator(bitrix24({call, botId, botToken, duration: 5000}), {...quick});
	portal.fail({method: 'imbot.v2.Chat.Message.send', times: 1, outcome: {code: 'QUERY_LIMIT_EXCEEDED'}});
	const answer = await gated(indicator, call)('imbot.v2.Chat.Message.send', {botId, botToken, dialogId: '27', fields: {message: 'Hello'}});
	t.true(answer instanceof AjaxResult && answer.isSuccess);
	t.is(portal.dialog('27').messages.length, 1);
	t.is(portal.log.length, 2);
});

test('a token that has expired is renewed by the SDK, once, and typing goes on', async t => {
	const portal = await openPortal(t);
	const {id: botId} = portal.bot;
	const b24 = oauthOf(portal);
	const errors: unknown[] = [];
	const indicator = new Indicator(bitrix24({call: fromSdk(b24), botId, duration: 5000}), {
		delay: 20,
		onError: error => void (isTimeout(error) || errors.push(error)),
	});
	portal.expireToken();
	const before = portal.oauth.access_token;
	// Two chats and a call of the application's own find out at the same time.
	await Promise.all([
		indicator.run({dialogId: '27'}, async () => until(() => portal.dialog('27').spans.length > 0)),
		indicator.run({dialogId: 'chat5'}, async () => until(() => portal.dialog('chat5').spans.length > 0)),
		wait(20).then(async () =>
			b24.actions.v2.call.make({method: 'imbot.v2.Chat.Message.send', params: {botId, dialogId: 'chat9', fields: {message: 'hi'}}}),
		),
	]);
	t.not(portal.oauth.access_token, before);
	t.is(portal.dialog('27').spans.length, 1);
	t.is(portal.dialog('chat5').spans.length, 1);
	t.is(portal.dialog('chat9').messages.length, 1);
	t.deepEqual(errors, []);
	t.true(portal.log.filter(({error}) => error?.code === 'expired_token').length >= 1);
});

test('a token that can’t be renewed is the end of it', async t => {
	const portal = await openPortal(t);
	const {id: botId} = portal.bot;
	const [call, other] = [fromSdk(oauthOf(portal)), fromSdk(oauthOf(portal))];
	portal.expireToken();
	await other(typingMethod, {botId, dialogId: '27'}); // It has used up the refresh token of both.
	const error = await t.throwsAsync<Bitrix24Error>(call(typingMethod, {botId, dialogId: '27'}), {instanceOf: Bitrix24Error});
	t.is(error.code, 'invalid_grant');
	t.is(bitrix24({call, botId}).classify?.(error), 'revoked');
	assertNoSecret(t, portal, error);
});

test('while the SDK’s own bucket is nearly empty typing is left out, and the reply waits behind nothing', async t => {
	const portal = await openPortal(t);
	const {id: botId} = portal.bot;
	// A token in twenty seconds: what is left after a burst of something else is one for the reply.
	const b24 = oauthOf(portal, {rateLimit: {burstLimit: 20, drainRate: 0.05, adaptiveEnabled: false}});
	await Promise.all(
		Array.from({length: 19}, async (_, index) =>
			b24.actions.v2.call.make({method: 'imbot.v2.Chat.Message.update', params: {botId, messageId: index}}),
		),
	);
	const errors: Bitrix24Error[] = [];
	const call = fromSdk(b24);
	const indicator = new Indicator(bitrix24({call, botId, duration: 5000}), {
		...quick,
		onError: error => errors.push(error as Bitrix24Error),
	});
	const start = performance.now();
	await indicator.run({dialogId: '27'}, async () => {
		await until(() => errors.length > 0);
		await gated(indicator, call)('imbot.v2.Chat.Message.send', {botId, dialogId: '27', fields: {message: 'Hello'}});
	});
	t.true(performance.now() - start < 10_000, 'the message took what was left');
	t.is(portal.log.filter(arrival => isTyping(arrival)).length, 0, 'nothing else went out');
	t.deepEqual(new Set(errors.map(({code, status}) => `${code} ${status}`)), new Set(['QUERY_LIMIT_EXCEEDED 0']));
	t.is(portal.dialog('27').messages.length, 1);
	// Later there is room.
	const client = b24.getHttpClient(ApiVersion.v2);
	await client.setRestrictionManagerParams({
		...client.getRestrictionManagerParams(),
		rateLimit: {burstLimit: 20, drainRate: 100, adaptiveEnabled: false},
	});
	await indicator.run({dialogId: '27'}, async () => until(() => portal.log.some(arrival => isTyping(arrival))));
	t.true(portal.dialog('27').spans.length > 0);
});

test('typing counts in the SDK’s bucket, so that it doesn’t overrate what is left', async t => {
	const portal = await openPortal(t);
	const b24 = oauthOf(portal, {rateLimit: {burstLimit: 50, drainRate: 0.001, adaptiveEnabled: false}});
	const call = fromSdk(b24);
	for (let count = 0; count < 5; count++) {
		await call(typingMethod, {botId: portal.bot.id, dialogId: '27'});
	}

	const {tokens} = b24.getHttpClient(ApiVersion.v2).getStats() as unknown as {tokens: number};
	t.true(tokens < 45.5, `${tokens}`);
});

test('all other calls of the SDK pass untouched, beside typing and after it', async t => {
	const portal = await openPortal(t);
	const {id: botId} = portal.bot;
	const b24 = oauthOf(portal);
	const call = fromSdk(b24);
	fromSdk(b24);
	await call(typingMethod, {botId, dialogId: '27'});
	const make = async (params: object) => b24.actions.v2.call.make({method: 'imbot.v2.Chat.Message.update', params, requestId: 'mine'});
	portal.latency = 50;
	const [refused, answer] = await Promise.allSettled([make({botId: 1}), make({botId}), call(typingMethod, {botId, dialogId: '27'})]);
	t.is(refused.status === 'rejected' && (refused.reason as {code: string}).code, 'BOT_NOT_FOUND');
	t.true(answer.status === 'fulfilled' && answer.value.isSuccess);
});

test('a result that is no success is a refusal of the message too: it clears nothing, and is answered', async t => {
	const portal = await openPortal(t);
	const {id: botId} = portal.bot;
	const b24 = oauthOf(portal, {softErrorCodes: ['BOT_NOT_FOUND']});
	const call = fromSdk(b24);
	const indicator = new Indicator(bitrix24({call, botId, duration: 5000}), {...quick});
	const api = gated(indicator, call);
	let answer: unknown;
	let thrown: unknown;
	await indicator.run({dialogId: '27'}, async () => {
		await until(() => portal.dialog('27').spans.length > 0);
		portal.fail({method: 'imbot.v2.Chat.Message.send', times: 1, outcome: {code: 'BOT_NOT_FOUND'}});
		answer = await api('imbot.v2.Chat.Message.send', {botId, dialogId: '27', fields: {message: 'Hello'}});
		portal.fail({method: 'imbot.v2.Chat.Message.send', times: 1, outcome: {code: 'ACCESS_DENIED'}});
		thrown = await api('imbot.v2.Chat.Message.send', {botId, dialogId: '27', fields: {message: 'Hello'}}).catch((error: unknown) => error);
		t.is(portal.dialog('27').visible(performance.now()), 'typing', 'it is up still');
	});
	t.false((answer as AjaxResult).isSuccess);
	t.is((thrown as {code: string}).code, 'ACCESS_DENIED');
});

for (const [way, {https, callOf}] of Object.entries(ways)) {
	for (const version of [1, 2] as const) {
		test(`${way}, version ${version}: an answer that is written bit by bit in one message`, async t => {
			const portal = await openPortal(t, {https, latency: 20});
			const {id: botId, botToken, clientId} = portal.bot;
			const call = callOf(t, portal);
			const indicator = new Indicator(bitrix24(version === 1 ? {call, botId, clientId} : {call, botId, botToken, duration: 5000}), quick);
			const api = gated(indicator, call);
			const isUp = () => portal.dialog('27').visible(performance.now()) !== undefined;
			await indicator.run({dialogId: '27'}, async () => {
				await until(isUp);
				const answer = await (version === 1
					? api('imbot.message.add', {BOT_ID: botId, CLIENT_ID: clientId, DIALOG_ID: '27', MESSAGE: 'He'})
					: api('imbot.v2.Chat.Message.send', {botId, botToken, dialogId: '27', fields: {message: 'He'}}));
				const {result} = (answer instanceof AjaxResult ? answer.getData() : answer) as {result: number | {id: number}};
				const id = typeof result === 'object' ? result.id : result;
				for (const text of ['Hell', 'Hello']) {
					await until(isUp, 'it is back while the work goes on');
					await (version === 1
						? api('imbot.message.update', {BOT_ID: botId, CLIENT_ID: clientId, MESSAGE_ID: id, MESSAGE: text})
						: api('imbot.v2.Chat.Message.update', {botId, botToken, messageId: id, fields: {message: text}}));
				}
			});
			await wait(400);
			const changes = portal.log.filter(({method}) => method.toLowerCase().endsWith('update'));
			t.is(changes.length, 2);
			t.is(portal.dialog('27').after(changes[1]!.at), 0, 'nothing is seen after the last bit');
			t.deepEqual(portal.dialog('27').refused, []);
		});
	}
}

test('a change of a message that nobody knows passes', async t => {
	const portal = await openPortal(t);
	const {id: botId} = portal.bot;
	const call = fromSdk(oauthOf(portal));
	const api = gated(new Indicator(bitrix24({call, botId})), call);
	const answer = await api('imbot.v2.Chat.Message.update', {botId, messageId: 5, fields: {message: 'Hello'}});
	t.true((answer as AjaxResult).isSuccess);
});

test('a shape is enough: another client, without the SDK’s own', async t => {
	const calls: object[] = [];
	const b24: Sdk = {
		actions: {
			v2: {
				call: {
					async make(options) {
						calls.push(options);
						return {isSuccess: false, getErrors: () => [{code: 'BOT_NOT_FOUND', status: 400}]};
					},
				},
			},
		},
	};
	await t.throwsAsync(fromSdk(b24)(typingMethod, {botId: 7}), {instanceOf: Bitrix24Error, message: /BOT_NOT_FOUND \(400\)/});
	t.deepEqual(calls, [{method: typingMethod, params: {botId: 7}}]);
	const other = {...b24, getHttpClient: () => ({...({} as TypeHttp), ...fakeClient()})} as unknown as Sdk;
	await t.throwsAsync(fromSdk(other)(typingMethod, {botId: 7}), {instanceOf: Bitrix24Error, message: /BOT_NOT_FOUND \(400\)/});
	for (const wrong of [undefined, null, {}, 'https://secret', {actions: {}}, {actions: {v2: {call: {}}}}]) {
		const error = t.throws(() => fromSdk(wrong as Sdk), {instanceOf: TypeError, message: /`b24`/});
		t.false(error?.message.includes('secret'));
	}
});

/** A later SDK that tells nothing of its bucket. */
function fakeClient() {
	const interceptors = {request: {use() {}}, response: {use() {}}};
	return {ajaxClient: {interceptors}, getStats: () => ({})};
}

test('the address of a webhook is checked at once, and never named', async t => {
	const secret = 'abcdef0123456789';
	const rows: Array<[unknown, RegExp]> = [
		[undefined, /got undefined/],
		['', /got a string that is none/],
		[`portal.bitrix24.com/rest/1/${secret}/`, /got a string that is none/],
		[`http://portal.bitrix24.com/rest/1/${secret}/`, /begin with https:, got http:/],
		[`ftp://127.0.0.1/rest/1/${secret}/`, /begin with https:, got ftp:/],
		[`https://portal.bitrix24.com/${secret}`, /end with \/rest\//],
		[`https://portal.bitrix24.com/rest/x/${secret}`, /end with \/rest\//],
		[`https://portal.bitrix24.com/rest/1/${secret}/profile`, /end with \/rest\//],
		['https://portal.bitrix24.com/rest/1/', /end with \/rest\//],
	];
	for (const [url, message] of rows) {
		const error = t.throws(() => fromWebhook(url as string), {instanceOf: TypeError, message});
		t.false(error.message.includes(secret) || (error.stack ?? '').includes(secret));
	}

	for (const url of [
		`https://portal.bitrix24.com/rest/1/${secret}/`,
		`https://portal.bitrix24.com/rest/1/${secret}`,
		`http://localhost:80/rest/1/${secret}`,
	]) {
		t.is(typeof fromWebhook(url), 'function');
	}

	const portal = await openPortal(t);
	const call: Call = fromWebhook(portal.webhookUrl.slice(0, -1));
	const {id: botId, botToken} = portal.bot;
	t.like(await call(typingMethod, {botId, botToken, dialogId: '27'}), {result: {result: true}});
	assertNoSecret(t, portal, call, bitrix24({call, botId, botToken}), new Indicator(bitrix24({call, botId, botToken})));
});

test('a webhook that is moved elsewhere is not followed: its address is the secret', async t => {
	const {createServer} = await import('node:http');
	let followed = false;
	const server = createServer((request, response) => {
		if (request.url?.startsWith('/rest/')) {
			response.writeHead(302, {location: '/elsewhere'}).end();
		} else {
			followed = true;
			response.end('{}');
		}
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => server.close());
	const {port} = server.address() as {port: number};
	await t.throwsAsync(fromWebhook(`http://127.0.0.1:${port}/rest/1/secret/`)(typingMethod, {}), {instanceOf: Bitrix24Error});
	t.false(followed);
});
