import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {
	bitrix24,
	gated,
	parseEvent,
	targetOf,
	type Bitrix24Action,
	type Bitrix24Event,
	type Bitrix24Options,
	type Call,
	type DialogTarget,
} from '@auto-typing/bitrix24';
import {Indicator, type IndicatorOptions} from '@auto-typing/core';
import {autoTyping} from '@auto-typing/koa';
import type {Bitrix24, Bitrix24Options as PortalOptions} from '@auto-typing/simulator';
import {bodyParser} from '@koa/bodyparser';
import {Router} from '@koa/router';
import test, {type ExecutionContext} from 'ava';
import Koa from 'koa';
import {inFakedTime, wait as fakedWait} from '../core/harness.ts';
import {isTimeout, isTyping, openPortal, typingMethod, until, wait, ways} from './portal.ts';

interface Trip {
	readonly portal: Bitrix24;
	/** A call through which the bot's messages are seen. */
	readonly api: Call;
	/** The handlers that began, and those that ended. */
	readonly began: Bitrix24Event[];
	readonly ended: Bitrix24Event[];
	/** What Koa was told of. */
	readonly errors: unknown[];
	/** What the indicator was told of. */
	readonly refusals: unknown[];
	readonly url: string;
	readonly reply: (event: Bitrix24Event, text: string) => Promise<unknown>;
}

type Options = PortalOptions & {
	readonly way?: keyof typeof ways;
	readonly version?: 1 | 2;
	readonly platform?: Partial<Bitrix24Options>;
	readonly typing?: IndicatorOptions<DialogTarget, Bitrix24Action>;
};

/** A portal, and a bot on Koa as the README sets it up. */
async function trip(
	t: ExecutionContext,
	work: (trip: Trip, event: Bitrix24Event, signal: AbortSignal) => Promise<unknown>,
	{way = 'fetch alone', version = 2, platform, typing, ...portalOptions}: Options = {},
): Promise<Trip> {
	const portal = await openPortal(t, {latency: 20, ...portalOptions, https: ways[way].https});
	const {id: botId, botToken, clientId} = portal.bot;
	const call = ways[way].callOf(t, portal);
	const refusals: unknown[] = [];
	const indicator = new Indicator(
		bitrix24(version === 1 ? {call, botId, clientId, ...platform} : {call, botId, botToken, duration: 5000, ...platform}),
		{...typing, onError: error => void (isTimeout(error) || refusals.push(error))},
	);
	const api = gated(indicator, call);
	const router = new Router();
	router.post(
		'/bitrix24',
		async (ctx, next) => {
			ctx.state['event'] = parseEvent(ctx.request.rawBody, portal.applicationToken);
			return next();
		},
		autoTyping(indicator, ctx => targetOf(ctx.state.event), {respond: 200, once: ctx => ctx.state.event.id}),
		async ctx => {
			const {event, typing: hold} = ctx.state;
			began.push(event);
			await work(self, event, hold.signal);
			ended.push(event);
		},
	);
	const app = new Koa();
	const errors: unknown[] = [];
	app.on('error', (error: {expose?: boolean}) => error.expose || errors.push(error)); // As Koa's own listener.
	app.use(bodyParser({enableTypes: ['form'], formLimit: '1mb'})).use(router.routes());
	const server = createServer((request, response) => void app.callback()(request, response));
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(async () => {
		server.closeAllConnections();
		server.close();
		await indicator.close();
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bitrix24`;
	portal.handler = url;
	const [began, ended]: [Bitrix24Event[], Bitrix24Event[]] = [[], []];
	const self: Trip = {
		portal,
		api,
		began,
		ended,
		errors,
		refusals,
		url,
		reply: async ({dialogId}, text) =>
			version === 1
				? api('imbot.message.add', {BOT_ID: botId, CLIENT_ID: clientId, DIALOG_ID: dialogId, MESSAGE: text})
				: api('imbot.v2.Chat.Message.send', {botId, botToken, dialogId, fields: {message: text}}),
	};
	return self;
}

/** Seen all along from its first call to the reply, and nothing after that. */
async function assertSeen(t: ExecutionContext, {portal}: Trip, dialogId: string, writtenAt: number, botId?: number): Promise<void> {
	await wait(300);
	const view = portal.dialog(dialogId, botId);
	const {at} = view.messages.at(-1)!;
	t.true(view.spans.length > 0);
	t.true(view.spans[0]!.from - writtenAt < 5000, `lit after ${view.spans[0]!.from - writtenAt} ms`);
	t.deepEqual(view.dark(view.spans[0]!.from, at), []);
	t.is(view.after(at), 0, 'nothing is seen after the reply');
	t.false(isTyping(portal.log.filter(arrival => arrival.dialogId === dialogId).at(-1)!), 'the reply is the last call');
}

for (const way of Object.keys(ways) as Array<keyof typeof ways>) {
	for (const version of [1, 2] as const) {
		test(`${way}, version ${version}: delivered, answered at once, worked on for twelve seconds in full view, replied to`, async t => {
			const run = await trip(
				t,
				async ({reply}, event) => {
					await wait(12_000);
					await reply(event, `You said: ${event.text}`);
				},
				{way, version, typing: version === 1 ? {interval: 4000} : {}},
			);
			const {portal, began, ended, errors, refusals} = run;
			const dialogId = version === 1 ? '27' : 'chat5';
			const writtenAt = performance.now();
			const {status, took} = await portal.write({dialogId, text: 'Hello & goodbye', version}).answered;
			t.is(status, 200);
			t.true(took < 3000, `answered after ${took} ms`);
			t.is(ended.length, 0, 'before the work is done');
			await until(() => ended.length > 0);
			t.is(began.length, 1);
			t.deepEqual(
				portal.dialog(dialogId).messages.map(({text}) => text),
				['You said: Hello & goodbye'],
			);
			await assertSeen(t, run, dialogId, writtenAt);
			t.deepEqual([...errors, ...refusals], []);
			t.deepEqual(portal.dialog(dialogId).refused, []);
		});
	}
}

for (const version of [1, 2] as const) {
	for (const botId of [3, 20]) {
		test(`version ${version}: bot ${botId}, whose number the usual parser loses`, async t => {
			const run = await trip(
				t,
				async ({reply}, event) => {
					t.is(event.botId, botId);
					await wait(600);
					await reply(event, 'Hello');
				},
				{version, botId},
			);
			const writtenAt = performance.now();
			t.is((await run.portal.write({text: 'Hello', version}).answered).status, 200);
			await until(() => run.ended.length > 0);
			await assertSeen(t, run, '27', writtenAt, botId);
		});
	}
}

test('a forged event is refused with 403, before anything is shown or done', async t => {
	const {portal, began, errors} = await trip(t, async () => {});
	const {body, answered} = portal.write({text: 'Hello'});
	await answered;
	await until(() => began.length === 1);
	const token = portal.applicationToken;
	// All but the last place where it stands is the bot's.
	const forged = body.replace(new RegExp(`(&auth%5Bapplication_token%5D=)${token}`), '$1forged');
	t.not(forged, body);
	t.is((await portal.deliver(forged).answered).status, 403);
	t.is((await portal.deliver(body.replaceAll(token, '')).answered).status, 403);
	await wait(300);
	t.is(began.length, 1);
	t.deepEqual(errors, [], 'and Koa logs nothing of what strangers send');
});

test('what is malformed is refused with 400, what is huge with 413', async t => {
	const {portal, url, began} = await trip(t, async () => {});
	const {body, answered} = portal.write({text: 'Hello'});
	await answered;
	await until(() => began.length === 1);
	const post = async (type: string, text: string) =>
		(await fetch(url, {method: 'POST', headers: {'content-type': type}, body: text})).status;
	const form = 'application/x-www-form-urlencoded';
	for (const malformed of ['', 'hello', '%', 'event=', 'event%5B%5D=x', '&&&', '{"event":"ONIMBOTV2MESSAGEADD"}']) {
		t.is(await post(form, malformed), 400, malformed);
	}

	t.is(await post('application/json', '{"event":"ONIMBOTV2MESSAGEADD"}'), 400);
	t.is(await post('text/plain', body), 400);
	t.is(await post(form, `${body}&x=${'a'.repeat(2_000_000)}`), 413);
	t.is(await post(form, `${Array.from({length: 6000}, (_, index) => `x${index}=1`).join('&')}&${body}`), 413);
	await wait(100);
	t.is(began.length, 1);
	// A long one is as good as any.
	const long = portal.write({text: 'я'.repeat(20_000)});
	t.is((await long.answered).status, 200);
	await until(() => began.length === 2);
	t.is(began[1]?.text?.length, 20_000);
});

test('what is delivered twice is done once', async t => {
	const run = await trip(t, async ({reply}, event) => {
		await wait(1000);
		await reply(event, 'Hello');
	});
	const {portal, began, ended} = run;
	const writtenAt = performance.now();
	const {body, answered} = portal.write({text: 'Hello'});
	await answered;
	t.is((await portal.deliver(body).answered).status, 200, 'while it is worked on');
	await until(() => ended.length > 0);
	t.is((await portal.deliver(body).answered).status, 200, 'and when it is done');
	await wait(500);
	t.is(began.length, 1);
	t.is(portal.dialog('27').messages.length, 1);
	await assertSeen(t, run, '27', writtenAt);
	t.is((await portal.write({text: 'Hello'}).answered).status, 200);
	await until(() => began.length === 2, 'another message that says the same is another one');
});

test('a quick handler shows nothing', async t => {
	const {portal, ended} = await trip(t, async ({reply}, event) => reply(event, 'Hello'), {typing: {delay: 3000}});
	await portal.write({text: 'Hello'}).answered;
	await until(() => ended.length > 0);
	t.deepEqual(portal.dialog('27').spans, []);
	t.is(portal.dialog('27').messages.length, 1);
});

test('two bots of a portal in one dialog are two indicators, by what the event says', async t => {
	const run = await trip(t, async ({portal}, {botId}) => until(() => portal.dialog('27', botId).spans.length > 0), {
		bots: [{id: 7, botToken: 'simulated_bot_token_of_567'}],
	});
	const {portal, ended} = run;
	await Promise.all([portal.write({text: 'Hello'}).answered, portal.write({text: 'Hello', botId: 7}).answered]);
	await until(() => ended.length === 2);
	t.is(portal.dialog('27').spans.length, 1);
	t.is(portal.dialog('27', 7).spans.length, 1);
});

test('a portal that refuses typing for seconds: fewer and fewer calls, the replies untouched, and back when it is over', async t => {
	const run = await trip(t, async ({reply}, event) => {
		await (event.text === 'quick' ? wait(3500) : until(() => portal.dialog('27').spans.length > 0));
		await reply(event, 'Hello');
	});
	const {portal, ended, refusals} = run;
	const end = portal.fail({method: typingMethod, outcome: {code: 'QUERY_LIMIT_EXCEEDED'}});
	await portal.write({text: 'slow'}).answered;
	await portal.write({dialogId: 'chat5', text: 'quick'}).answered;
	await until(() => ended.length === 1);
	t.is(portal.dialog('chat5').messages.length, 1, 'the reply is there');
	await wait(2500);
	end();
	await until(() => ended.length === 2); // It is back: the other handler waits for that.
	const calls = portal.dialog('27').refused.length + portal.dialog('chat5').refused.length;
	t.true(calls >= 2 && calls <= 8, `${calls} calls for both chats`);
	t.is(refusals.length, calls);
	t.deepEqual(
		portal.log.filter(({refused}) => refused).map(({method}) => method),
		Array.from({length: calls}, () => typingMethod),
		'no message was among them',
	);
	const {at} = portal.dialog('27').messages[0]!;
	await wait(300);
	t.is(portal.dialog('27').after(at), 0);
});

test('a chat the bot is no member of: one call, and the handler goes on', async t => {
	const {portal, ended, refusals} = await trip(
		t,
		async () => {
			await until(() => refusals.length > 0);
			await wait(1000); // Long enough to try again.
		},
		{typing: {delay: 0}},
	);
	portal.expel('chat5');
	for (let count = 1; count <= 2; count++) {
		await portal.write({dialogId: 'chat5', text: 'Hello'}).answered;
		await until(() => ended.length === count);
	}

	t.is(portal.log.length, 1);
	t.is(refusals.length, 1);
});

/** A minute in which every call is refused, in faked time; `refuse` makes the errors. */
async function refusedForAMinute(t: ExecutionContext, chats: number, code: string, status: number, time?: (now: number) => object) {
	return inFakedTime(async clock => {
		const start = performance.now();
		const calls: number[] = [];
		const indicator = new Indicator(
			bitrix24({
				botId: 567,
				async call() {
					const at = performance.now() - start;
					calls.push(at);
					await fakedWait(50);
					if (at < 60_000) {
						throw Object.assign(new Error('Refused'), {code, status, ...(time && {time: time(at)})});
					}
				},
			}),
		);
		const holds = Array.from({length: chats}, (_, index) => indicator.start({dialogId: `chat${index + 1}`}));
		await clock.tickAsync(180_000);
		t.false(holds.some(({signal}) => signal.aborted));
		for (const hold of holds) {
			hold.stop();
		}

		await clock.tickAsync(40_000);
		return {during: calls.filter(at => at < 60_000), after: calls.filter(at => at >= 60_000)};
	});
}

test.serial('a portal that refuses for a minute is asked after 1, 2, 4, 8, 16 and 32 s', async t => {
	const {during, after} = await refusedForAMinute(t, 1, 'QUERY_LIMIT_EXCEEDED', 503);
	t.is(during.length, 6);
	t.true(
		during.every((at, index) => index === 0 || at - during[index - 1]! >= 1000 * 2 ** (index - 1)),
		during.join(' '),
	);
	t.true(after[0]! < 70_000, `${after[0]}`);
});

test.serial('ten chats at a portal that refuses for a minute keep to their share, and are lit again in the next one', async t => {
	const {during, after} = await refusedForAMinute(t, 10, 'QUERY_LIMIT_EXCEEDED', 503);
	t.true(during.length <= 50, `${during.length}`);
	t.true(after[9]! < 125_000, `${after[9]}`);
});

test.serial('a method that used up its time: silence until the portal says', async t => {
	const {during, after} = await refusedForAMinute(t, 10, 'OPERATION_TIME_LIMIT', 429, at => ({
		finish: 1_700_000_000 + at / 1000,
		operating_reset_at: 1_700_000_060,
	}));
	t.true(during.length <= 10, `${during.length}`);
	t.true(after.length >= 10);
	t.true(after[9]! < 66_000, `${after[9]}`);
});

test.serial('a block by hand: a single call asks after five minutes', async t => {
	const {during, after} = await refusedForAMinute(t, 10, 'OVERLOAD_LIMIT', 401);
	t.true(during.length <= 10, `${during.length}`);
	t.deepEqual(after, []);
});
