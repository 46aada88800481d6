import {createServer, type IncomingMessage} from 'node:http';
import {request as secureRequest} from 'node:https';
import {Bitrix24, type Bitrix24Options} from '@auto-typing/simulator';
import test, {type ExecutionContext} from 'ava';

interface Answer {
	readonly status: number;
	readonly result?: any;
	readonly error?: string;
	readonly error_description?: string;
	readonly time?: {readonly finish: number; readonly operating: number; readonly operating_reset_at: number};
}

/** A portal that ends with the test, and functions that call it through the ordinary `fetch`. */
async function serve(t: ExecutionContext, options?: Bitrix24Options) {
	const portal = await Bitrix24.start(options);
	t.teardown(async () => portal.close());
	const post = async (url: string, params: object | URLSearchParams, init: RequestInit = {}): Promise<Answer> => {
		const form = params instanceof URLSearchParams;
		const response = await fetch(url, {
			method: 'POST',
			body: form ? params : JSON.stringify(params),
			...(!form && {headers: {'content-type': 'application/json'}}),
			...init,
		});
		return {...((await response.json()) as object), status: response.status};
	};

	const {id, botToken, clientId} = portal.bot;
	return {
		portal,
		post,
		hook: async (method: string, params: object, init?: RequestInit) => post(`${portal.webhookUrl}${method}`, params, init),
		app: async (method: string, params: object) => post(`${portal.url}/rest/${method}`, {...params, auth: portal.oauth.access_token}),
		/** What a bot has to say of itself, by version. */
		v1: {BOT_ID: id, CLIENT_ID: clientId},
		v2: {botId: id, botToken},
	};
}

const notify = 'imbot.v2.Chat.InputAction.notify';
const sendTyping = 'imbot.chat.sendTyping';
type Served = Awaited<ReturnType<typeof serve>>;

test('version 1: typing shows for 25 s, and a message takes it down', async t => {
	const {portal, hook, v1} = await serve(t);
	t.like(await hook(sendTyping, {...v1, DIALOG_ID: 'chat5'}), {status: 200, result: true});
	const [span] = portal.dialog('chat5').spans;
	t.is(Math.round(span!.to - span!.from), 25_000);
	t.is(span!.action, 'typing');
	const {result} = await hook('imbot.message.add', {...v1, DIALOG_ID: 'chat5', MESSAGE: 'Hello'});
	t.is(typeof result, 'number');
	const view = portal.dialog('chat5');
	t.is(view.after(view.messages[0]!.at), 0);
	t.is(view.messages[0]!.text, 'Hello');
	t.deepEqual(portal.dialog('chat6').spans, []);
});

test('version 2: it shows for its duration, with its status, and a message takes it down', async t => {
	const {portal, app, v2} = await serve(t);
	const rows: Array<[object, action: string, ms: number]> = [
		[{}, 'typing', 30_000],
		[{duration: 600}, 'typing', 600_000],
		[{duration: 1, statusMessageCode: 'IMBOT_AGENT_ACTION_READING_DOCS'}, 'reading_docs', 1000],
		[{duration: '45', statusMessageCode: 'SOMETHING_NEW'}, 'typing', 45_000],
	];
	for (const [index, [params, action, ms]] of rows.entries()) {
		const dialogId = `chat${index + 1}`;
		t.like(await app(notify, {botId: v2.botId, dialogId, ...params}), {status: 200, result: {result: true}});
		t.deepEqual(
			portal.dialog(dialogId).spans.map(span => [span.action, Math.round(span.to - span.from)]),
			[[action, ms]],
		);
	}

	t.like(await app('imbot.v2.Chat.Message.send', {botId: v2.botId, dialogId: 'chat1', fields: {message: 'Hello'}}), {status: 200});
	const view = portal.dialog('chat1');
	t.is(view.after(view.messages[0]!.at), 0);
	t.is(view.messages[0]!.text, 'Hello');
});

test('a message that is changed or deleted takes it down too, in its own dialog', async t => {
	const {portal, app} = await serve(t);
	const first = await app('imbot.v2.Chat.Message.send', {botId: 567, dialogId: 'chat1', fields: {message: 'He'}});
	const second = await app('imbot.message.add', {DIALOG_ID: 'chat2', MESSAGE: 'He'});
	for (const [method, dialog, params] of [
		['imbot.v2.Chat.Message.update', 'chat1', {botId: 567, messageId: first.result.id}],
		['imbot.v2.Chat.Message.delete', 'chat1', {botId: 567, messageId: first.result.id}],
		['imbot.message.update', 'chat2', {MESSAGE_ID: second.result}],
		['imbot.message.delete', 'chat2', {MESSAGE_ID: second.result}],
	] as const) {
		for (const dialogId of ['chat1', 'chat2']) {
			await app(notify, {botId: 567, dialogId});
		}

		t.is((await app(method, params)).status, 200);
		const {at} = portal.log.at(-1)!;
		t.is(portal.dialog(dialog).after(at), 0, method);
		t.true(portal.dialog(dialog === 'chat1' ? 'chat2' : 'chat1').after(at) > 0, method);
	}

	t.is(portal.dialog('chat1').messages.length, 1, 'and is no other message');
});

test('two bots in a dialog are two indicators', async t => {
	const {portal, app} = await serve(t, {bots: [{id: 7}]});
	await app(notify, {botId: 7, dialogId: '27'});
	t.is(portal.dialog('27', 7).spans.length, 1);
	t.is(portal.dialog('27').spans.length, 0);
});

test('a form will do as well as JSON, any case as well as the vendor’s, and a slash too many does no harm', async t => {
	const {portal, hook, post, v2} = await serve(t);
	const form = new URLSearchParams({botId: String(v2.botId), botToken: v2.botToken, dialogId: '27', duration: '5'});
	t.is((await hook(notify, form)).status, 200);
	t.is((await hook('IMBOT.V2.chat.inputaction.NOTIFY.json', form)).status, 200);
	t.is((await post(`${portal.url}/rest//${notify}?auth=${portal.oauth.access_token}`, {botId: 567, dialogId: '27'})).status, 200);
	t.deepEqual(
		portal.log.map(({method, dialogId, botId}) => [method, dialogId, botId]),
		[
			[notify, '27', 567],
			[notify, '27', 567],
			[notify, '27', 567],
		],
	);
	const message = new URLSearchParams({...Object.fromEntries(form), 'fields[message]': 'Hello'});
	await hook('imbot.v2.Chat.Message.send', message);
	t.is(portal.dialog('27').messages[0]?.text, 'Hello');
});

/** A call, what has to happen before it, and how it is turned down. */
const refusals: ReadonlyArray<
	[title: string, status: number, code: string, run: (served: Served) => Promise<Answer>, prepare?: (served: Served) => unknown]
> = [
	['an unknown bot', 400, 'BOT_ID_ERROR', async ({hook, v1}) => hook(sendTyping, {...v1, BOT_ID: 1, DIALOG_ID: '27'})],
	['another client', 400, 'APP_ID_ERROR', async ({hook, v1}) => hook(sendTyping, {...v1, CLIENT_ID: 'x', DIALOG_ID: '27'})],
	['no client', 400, 'APP_ID_ERROR', async ({hook, v1}) => hook(sendTyping, {BOT_ID: v1.BOT_ID, DIALOG_ID: '27'})],
	['no dialog', 400, 'DIALOG_ID_EMPTY', async ({hook, v1}) => hook(sendTyping, v1)],
	['no dialog for a message', 400, 'DIALOG_ID_EMPTY', async ({app}) => app('imbot.message.add', {MESSAGE: 'x'})],
	['no text', 400, 'MESSAGE_EMPTY', async ({app}) => app('imbot.message.add', {DIALOG_ID: '27'})],
	['no bot token', 400, 'BOT_TOKEN_NOT_SPECIFIED', async ({hook}) => hook(notify, {botId: 567, dialogId: '27'})],
	['no bot', 400, 'BOT_ID_REQUIRED', async ({app}) => app(notify, {dialogId: '27'})],
	['an unknown bot', 400, 'BOT_NOT_FOUND', async ({hook, v2}) => hook(notify, {...v2, botId: 1, dialogId: '27'})],
	['another token', 403, 'BOT_OWNERSHIP_ERROR', async ({hook, v2}) => hook(notify, {...v2, botToken: 'x', dialogId: '27'})],
	[
		'a dialog of others',
		403,
		'ACCESS_DENIED',
		async ({app}) => app(notify, {botId: 567, dialogId: 'chat5'}),
		({portal}) => portal.expel('chat5'),
	],
	['no dialog', 403, 'ACCESS_DENIED', async ({app}) => app(notify, {botId: 567})],
	[
		'a chat of others',
		400,
		'ACCESS_ERROR',
		async ({app}) => app('imbot.message.add', {DIALOG_ID: '5', MESSAGE: 'x'}),
		({portal}) => portal.expel('5'),
	],
	['an unknown method', 404, 'ERROR_METHOD_NOT_FOUND', async ({app}) => app('imbot.v3.Typing.start', {})],
	['no token', 401, 'NO_AUTH_FOUND', async ({post, portal}) => post(`${portal.url}/rest/${notify}`, {botId: 567, dialogId: '27'})],
	['a wrong token', 401, 'NO_AUTH_FOUND', async ({post, portal}) => post(`${portal.url}/rest/${notify}`, {auth: 'x'})],
	['a wrong webhook', 401, 'INVALID_CREDENTIALS', async ({post, portal}) => post(`${portal.url}/rest/1/wrong/${notify}`, {})],
	[
		'too small a scope',
		401,
		'insufficient_scope',
		async ({hook, v2}) => hook(notify, {...v2, dialogId: '27'}),
		({portal}) => portal.allow('crm'),
	],
	['an old token', 401, 'expired_token', async ({app}) => app(notify, {botId: 567, dialogId: '27'}), ({portal}) => portal.expireToken()],
	[
		'a method that used up its time',
		429,
		'OPERATION_TIME_LIMIT',
		async ({app}) => app(notify, {botId: 567, dialogId: '27'}),
		({portal}) => portal.spend(notify, 480_000),
	],
	[
		'too many calls',
		503,
		'QUERY_LIMIT_EXCEEDED',
		async ({app}) => app(notify, {botId: 567, dialogId: '27'}),
		({portal}) => {
			portal.bucket = {size: 0, drain: 1};
		},
	],
	...[
		['INTERNAL_SERVER_ERROR', 500],
		['ERROR_UNEXPECTED_ANSWER', 500],
		['INVALID_REQUEST', 401],
		['OVERLOAD_LIMIT', 401],
		['user_access_error', 401],
		['PORTAL_DELETED', 403],
	].map(([code, status]): (typeof refusals)[number] => [
		'whenever the test says so',
		status as number,
		code as string,
		async ({app}) => app(notify, {botId: 567, dialogId: '27'}),
		({portal}) => portal.fail({outcome: {code: code as string}}),
	]),
];

for (const [title, status, code, run, prepare] of refusals) {
	test(`${status} ${code}: ${title}`, async t => {
		const served = await serve(t);
		await prepare?.(served);
		const answer = await run(served);
		t.is(answer.status, status);
		t.is(answer.error, code);
		t.is(typeof answer.error_description, 'string');
		t.is('time' in answer, code === 'OPERATION_TIME_LIMIT');
		const arrival = served.portal.log.at(-1);
		t.is(arrival?.outcome, 'refused');
		t.is(arrival?.status, status);
		t.is(arrival?.error?.code, code);
		t.false(arrival?.effect);
		t.deepEqual(served.portal.dialog(arrival?.dialogId ?? '27').spans, []);
	});
}

test('version 1 takes the first bot of the application, and doesn’t look whether anybody sees it', async t => {
	const {portal, app} = await serve(t);
	t.is((await app(sendTyping, {DIALOG_ID: '27'})).status, 200);
	t.is(portal.log[0]?.botId, 567);
	portal.expel('28');
	t.is((await app(sendTyping, {DIALOG_ID: '28'})).status, 200);
	t.deepEqual(portal.dialog('28').spans, []);
});

test('the bucket holds fifty, and leaks', async t => {
	const {portal, app} = await serve(t);
	const call = async () => (await app(notify, {botId: 567, dialogId: '27'})).status;
	portal.bucket = {size: 50, drain: 0.001};
	const statuses = await Promise.all(Array.from({length: 60}, call));
	t.is(statuses.filter(status => status === 200).length, 50);
	t.is(statuses.filter(status => status === 503).length, 10);
	t.is(await call(), 503);
	portal.bucket = {size: 50, drain: 1000};
	await new Promise(resolve => {
		setTimeout(resolve, 20);
	});
	t.is(await call(), 200);
	portal.bucket = undefined;
	t.deepEqual(new Set(await Promise.all(Array.from({length: 60}, call))), new Set([200]));
});

test('every answer tells what its method has taken, and when that is free again', async t => {
	const {portal, app} = await serve(t);
	portal.spend(sendTyping, 1000);
	const {time} = await app(sendTyping, {DIALOG_ID: '27'});
	t.true(time!.operating >= 1 && time!.operating < 2);
	t.true(Math.abs(time!.operating_reset_at - time!.finish - 600) < 2);
	portal.spend(sendTyping, 479_000);
	const refused = await app(sendTyping, {DIALOG_ID: '27'});
	t.is(refused.error, 'OPERATION_TIME_LIMIT');
	t.true(refused.time!.operating_reset_at > refused.time!.finish);
	t.is((await app(notify, {botId: 567, dialogId: '27'})).status, 200, 'all other methods continue to operate');
	portal.operating = {limit: 480_000, window: 1};
	t.is((await app(sendTyping, {DIALOG_ID: '27'})).status, 200, 'the window has passed');
});

test('tokens are renewed with the refresh token, once', async t => {
	const {portal, app, post} = await serve(t);
	const {client_id, client_secret, refresh_token, access_token} = portal.oauth;
	const grant = {grant_type: 'refresh_token', client_id, client_secret, refresh_token};
	const refresh = async (form: object) => post(`${portal.url}/oauth/token/`, new URLSearchParams(form as Record<string, string>));
	portal.expireToken();
	t.is((await app(notify, {botId: 567, dialogId: '27'})).error, 'expired_token');
	t.is((await refresh({...grant, client_secret: 'x'})).error, 'invalid_client');
	t.is((await refresh({...grant, refresh_token: 'x'})).error, 'invalid_grant');
	t.is((await refresh({...grant, grant_type: 'authorization_code'})).error, 'invalid_grant');
	const renewed = await refresh(grant);
	const {access_token: fresh, refresh_token: next, client_endpoint} = portal.oauth;
	t.like(renewed, {status: 200, access_token: fresh, refresh_token: next, client_endpoint});
	t.not(portal.oauth.access_token, access_token);
	t.is((await refresh(grant)).error, 'invalid_grant');
	t.is((await app(notify, {botId: 567, dialogId: '27'})).status, 200);
	t.is((await post(`${portal.url}/rest/${notify}`, {auth: access_token})).error, 'expired_token', 'the old one is known, and old');
});

test('faults: they hit what they name, as often as they say', async t => {
	const {portal, app} = await serve(t);
	const call = async (method: string, dialogId: string) => (await app(method, {botId: 567, DIALOG_ID: dialogId})).status;
	const end = portal.fail({method: notify.toUpperCase(), dialogId: '27', outcome: {code: 'SOMETHING_NEW', status: 418}});
	t.is(await call(notify, '27'), 418);
	t.is(await call(notify, '28'), 200);
	t.is(await call(sendTyping, '27'), 200);
	end();
	portal.fail({times: 2, outcome: {code: 'OVERLOAD_LIMIT'}});
	t.deepEqual([await call(notify, '27'), await call(notify, '27'), await call(notify, '27')], [401, 401, 200]);
	const before = portal.dialog('29').spans.length;
	portal.fail({times: 1, effect: true, outcome: 'reset'});
	await t.throwsAsync(call(notify, '29'));
	t.is(portal.dialog('29').spans.length, before + 1, 'it took effect, only its answer was lost');
});

test('faults: a page, a cut connection, silence', async t => {
	const {portal, hook, v2} = await serve(t);
	const params = {...v2, dialogId: '27'};
	portal.fail({times: 1, outcome: 'html'});
	await t.throwsAsync(hook(notify, params), {instanceOf: SyntaxError});
	portal.fail({times: 1, outcome: 'reset'});
	await t.throwsAsync(hook(notify, params), {instanceOf: TypeError});
	portal.fail({times: 1, outcome: 'hang'});
	await t.throwsAsync(hook(notify, params, {signal: AbortSignal.timeout(300)}), {any: true, name: 'TimeoutError'});
	t.deepEqual(
		portal.log.map(({outcome, status, effect}) => [outcome, status, effect]),
		[
			['html', 502, false],
			['reset', 0, false],
			['hang', 0, false],
		],
	);
	t.deepEqual(portal.dialog('27').spans, []);
	portal.fail({times: 1, outcome: {latency: 40}});
	const start = performance.now();
	await hook(notify, params);
	const {at, settledAt} = portal.log.at(-1)!;
	t.true(at - start >= 18 && settledAt! - at >= 18);
});

test('what is no call of the API is a 404, what is no JSON a 400', async t => {
	const {portal, hook, post, v2} = await serve(t);
	t.is((await hook('', {})).status, 401, 'the secret is taken for a method');
	t.is((await post(`${portal.url}/elsewhere`, {auth: portal.oauth.access_token})).error, 'ERROR_METHOD_NOT_FOUND');
	const response = await fetch(`${portal.webhookUrl}${notify}`, {method: 'POST', body: '{', headers: {'content-type': 'application/json'}});
	t.is(response.status, 400);
	t.is((await hook(notify, {...v2, dialogId: '27'})).status, 200);
});

test('https: a client that trusts the certificate gets through, another one doesn’t', async t => {
	const {portal} = await serve(t, {https: true});
	t.regex(portal.url, /^https:/);
	const {webhookUrl, bot, certificate} = portal;
	await t.throwsAsync(fetch(`${webhookUrl}${notify}`));
	const answer = await new Promise<IncomingMessage>((resolve, reject) => {
		secureRequest(`${webhookUrl}${notify}`, {method: 'POST', ca: certificate!, agent: false, headers: {'content-type': 'application/json'}})
			.on('response', resolve)
			.on('error', reject)
			.end(JSON.stringify({botId: bot.id, botToken: bot.botToken, dialogId: '27'}));
	});
	t.is(answer.statusCode, 200);
	answer.resume();
	t.is(portal.dialog('27').spans.length, 1);
});

/** A bot's own server: what it is sent. */
async function listen(t: ExecutionContext, status = 200) {
	const bodies: string[] = [];
	const types: unknown[] = [];
	const server = createServer((request, response) => {
		let body = '';
		request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
		request.on('end', () => {
			bodies.push(body);
			types.push(request.headers['content-type']);
			response.writeHead(status).end('OK');
		});
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => server.close());
	return {url: `http://127.0.0.1:${(server.address() as {port: number}).port}/bitrix24`, bodies, types};
}

test('an event is delivered as a form of PHP', async t => {
	const bot = await listen(t);
	const {portal} = await serve(t, {handler: bot.url, botId: 7});
	const v1 = portal.write({dialogId: 'chat5', userId: 3, text: "Hi & 'bye' ~ (1+1)*2", version: 1});
	t.is((await v1.answered).status, 200);
	t.deepEqual(bot.bodies, [v1.body]);
	t.deepEqual(bot.types, ['application/x-www-form-urlencoded']);
	const has = (body: string, pair: string) => t.true(`&${body}&`.includes(`&${pair}&`), `${pair} in ${body}`);
	has(v1.body, 'event=ONIMBOTMESSAGEADD');
	has(v1.body, 'data%5BBOT%5D%5B7%5D%5BBOT_ID%5D=7');
	has(v1.body, `data%5BBOT%5D%5B7%5D%5BAUTH%5D%5Baccess_token%5D=${portal.oauth.access_token}`);
	has(v1.body, 'data%5BPARAMS%5D%5BDIALOG_ID%5D=chat5');
	has(v1.body, 'data%5BPARAMS%5D%5BFROM_USER_ID%5D=3');
	// What PHP's urlencode makes of it.
	has(v1.body, 'data%5BPARAMS%5D%5BMESSAGE%5D=Hi+%26+%27bye%27+%7E+%281%2B1%29%2A2');
	has(v1.body, `auth%5Bapplication_token%5D=${portal.applicationToken}`);
	const v2 = portal.write({text: 'Hello', extra: {params: {files: [{id: 12}]}}});
	t.is((await v2.answered).status, 200);
	has(v2.body, 'event=ONIMBOTV2MESSAGEADD');
	has(v2.body, 'data%5Bbot%5D%5Bid%5D=7');
	has(v2.body, 'data%5Bchat%5D%5BdialogId%5D=27');
	has(v2.body, 'data%5Bmessage%5D%5Btext%5D=Hello');
	has(v2.body, 'data%5Bmessage%5D%5Bparams%5D%5Bfiles%5D%5B0%5D%5Bid%5D=12');
	has(v2.body, `data%5Bbot%5D%5Bauth%5D%5Bapplication_token%5D=${portal.applicationToken}`);
});

test('an event is delivered once, and again only when the test says so', async t => {
	const bot = await listen(t, 500);
	const {portal} = await serve(t, {handler: bot.url});
	const {body, answered} = portal.write({text: 'Hello'});
	const {status, took} = await answered;
	t.is(status, 500);
	t.true(took >= 0);
	t.is((await portal.deliver(body).answered).status, 500);
	t.is(bot.bodies.length, 2);
	t.throws(() => portal.write({text: 'Hello', botId: 1}), {instanceOf: RangeError});
	portal.handler = 'http://127.0.0.1:1/';
	await t.throwsAsync(portal.write({text: 'Hello'}).answered);
	portal.handler = undefined;
	t.throws(() => portal.write({text: 'Hello'}), {instanceOf: TypeError});
});

test('an event that is under way ends with the portal', async t => {
	const portal = await Bitrix24.start();
	const silent = createServer();
	await new Promise<void>(resolve => {
		silent.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => silent.close());
	portal.handler = `http://127.0.0.1:${(silent.address() as {port: number}).port}/bitrix24`;
	const {answered} = portal.write({text: 'Hello'});
	await new Promise(resolve => {
		silent.once('request', resolve);
	});
	await Promise.all([portal.close(), t.throwsAsync(answered, {any: true, name: 'AbortError'})]);
});
