import {createServer, type IncomingMessage} from 'node:http';
import type {AddressInfo} from 'node:net';
import {BotApi, type BotApiOptions} from '@auto-typing/simulator';
import {autoTyping, type AutoTypingOptions, type TypingContext, type TypingMiddleware} from '@auto-typing/telegraf';
import type {ExecutionContext} from 'ava';
import {Telegraf, type Telegram} from 'telegraf';
import type {Update} from 'telegraf/types';
import {quick, until} from './observing.ts';

export * from './observing.ts';

export type Ctx = TypingContext;

export type Heard = Parameters<NonNullable<AutoTypingOptions['onEvent']>>[0];

type BotOptions = Partial<Telegraf.Options<Ctx>>;

export interface World {
	readonly server: BotApi;
	readonly bot: Telegraf<Ctx>;
	/** What reached `bot.catch`. */
	readonly caught: Array<{readonly error: unknown; readonly ctx: Ctx}>;
	/** What `onError` and `onEvent` of `world.typing` heard. */
	readonly errors: unknown[];
	/** Apart from those that only tell of a busy machine: a call has two thirds of the interval. */
	readonly timeouts: unknown[];
	readonly events: Heard[];
}

/** A service and a bot that polls it. The middleware is up to the test. */
export async function world(
	t: ExecutionContext,
	{client, handlerTimeout, ...options}: BotApiOptions & {client?: Partial<Telegram['options']>; handlerTimeout?: number} = {},
): Promise<World> {
	const server = await BotApi.start(options);
	t.teardown(async () => server.close());
	const bot = makeBot(server, client, {...(handlerTimeout !== undefined && {handlerTimeout})});
	const caught: World['caught'] = [];
	bot.catch((error, ctx) => void caught.push({error, ctx}));
	return {server, bot, caught, errors: [], timeouts: [], events: []};
}

export function makeBot(server: BotApi, client?: Partial<Telegram['options']>, options: BotOptions = {}): Telegraf<Ctx> {
	const bot = new Telegraf<Ctx>(server.token, {...options, telegram: {apiRoot: server.url, ...client}});
	bot.botInfo = {...server.botInfo};
	return bot;
}

/** `autoTyping` in front of everything, with short times, everything it says kept. */
export function install({bot, errors, timeouts, events}: World, options: AutoTypingOptions = {}): TypingMiddleware<Ctx> {
	const typing = autoTyping<Ctx>({
		...quick,
		onError: error => void ((error as Error).name === 'TimeoutError' ? timeouts : errors).push(error),
		onEvent: event => void events.push(event),
		...options,
	});
	bot.use(typing);
	return typing;
}

type Kinds = Telegraf.LaunchOptions['allowedUpdates'];

/** Polls as `bot.launch` does, until the test is over: the updates of one batch side by side, and then the next batch. */
export async function poll(t: ExecutionContext, bot: Telegraf<Ctx>, allowedUpdates?: Kinds): Promise<() => Promise<void>> {
	let done: Promise<void> | undefined;
	await new Promise<void>((resolve, reject) => {
		done = bot.launch({...(allowedUpdates && {allowedUpdates})}, () => resolve());
		done.catch(reject);
	});
	const stop = async () => {
		await until(() => 'polling' in bot); // It deletes the webhook first.
		bot.stop();
		await done;
	};

	t.teardown(async () => {
		await stop().catch(() => {});
	});
	return stop;
}

/** Polls without waiting for the handlers: many updates of one chat at a time, which Telegraf itself never has. */
export function runAtOnce(t: ExecutionContext, {bot, server}: World): void {
	const stopped = new AbortController();
	t.teardown(() => stopped.abort());
	const loop = async (offset: number): Promise<void> => {
		const response = await fetch(`${server.url}/bot${server.token}/getUpdates?timeout=20&offset=${offset}`, {signal: stopped.signal});
		const {result} = (await response.json()) as {result: Update[]};
		for (const update of result) {
			void bot.handleUpdate(update);
		}

		return loop((result.at(-1)?.update_id ?? offset - 1) + 1);
	};

	loop(0).catch(() => {}); // The test is over.
}

export interface Hook {
	/** What the service was answered, in order. */
	readonly answers: Array<{readonly status: number; readonly body: string; readonly at: number}>;

	/** What the callback rejected with. */
	readonly failed: unknown[];
}

/** A real HTTP server with `bot.webhookCallback`, which the service delivers to. */
export async function hook(t: ExecutionContext, {bot}: Pick<World, 'bot'>): Promise<Hook> {
	const handle = bot.webhookCallback('/hook');
	const answers: Hook['answers'] = [];
	const failed: unknown[] = [];
	const http = createServer((request, response) => {
		let body = '';
		const end = response.end.bind(response) as (...args: unknown[]) => typeof response;
		response.end = ((...args: unknown[]) => {
			body += typeof args[0] === 'string' ? args[0] : '';
			answers.push({status: response.statusCode, body, at: performance.now()});
			return end(...args);
		}) as typeof response.end;
		// The types of `@koa/bodyparser`, which these tests load as well, know every body as `unknown`.
		handle(request as IncomingMessage & {body?: Update}, response).catch((error: unknown) => {
			failed.push(error);
			if (!response.writableEnded) response.writeHead(500).end();
		});
	});
	await new Promise<void>(resolve => {
		http.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => {
		http.closeAllConnections();
		http.close();
	});
	await bot.telegram.setWebhook(`http://127.0.0.1:${(http.address() as AddressInfo).port}/hook`);
	return {answers, failed};
}
