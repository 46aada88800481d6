import {createReadStream} from 'node:fs';
import {Readable} from 'node:stream';
import {BotApi, type BotApiOptions} from '@auto-typing/simulator';
import {autoTyping, withTyping, type AutoTypingOptions, type TypingContext, type TypingMiddleware} from '@auto-typing/telegraf';
import type {ExecutionContext} from 'ava';
import {Composer, Context, Input, Telegraf, Telegram, type Middleware, type TelegramError} from 'telegraf';
import type {InputMedia, Update} from 'telegraf/types';
import {until} from './observing.ts';
import {serve, type Hook} from './serving.ts';
import {keeping, type File, type Framework, type World as AnyWorld} from './telegram-framework.ts';

export * from './observing.ts';

export type Ctx = TypingContext;

type BotOptions = Partial<Telegraf.Options<Ctx>>;

export type World = AnyWorld<Telegraf<Ctx>, Ctx>;

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
export function install(w: World, options: AutoTypingOptions = {}): TypingMiddleware<Ctx> {
	const typing = autoTyping<Ctx>({...keeping(w), ...options});
	w.bot.use(typing);
	return typing;
}

type Kinds = NonNullable<Telegraf.LaunchOptions['allowedUpdates']>;

/** Polls as `bot.launch` does, until the test is over: the updates of one batch side by side, and then the next batch. */
export async function poll(t: ExecutionContext, bot: Telegraf<Ctx>, allowed?: readonly string[]): Promise<() => Promise<void>> {
	let done: Promise<void> | undefined;
	await new Promise<void>((resolve, reject) => {
		done = bot.launch({...(allowed && {allowedUpdates: allowed as Kinds})}, () => resolve());
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
function runAtOnce(t: ExecutionContext, {bot, server}: World): void {
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

/** A real HTTP server with `bot.webhookCallback`, which the service delivers to. */
export async function hook(t: ExecutionContext, {bot}: Pick<World, 'bot'>): Promise<Hook> {
	// The types of `@koa/bodyparser`, which these tests load as well, know every body as `unknown`.
	const {url, ...heard} = await serve(t, bot.webhookCallback('/hook') as Parameters<typeof serve>[1]);
	await bot.telegram.setWebhook(url);
	return heard;
}

const file = (content: object | string) => content as unknown as File;

/** What the suites of Telegram frameworks run on. */
export const telegraf: Framework<Telegraf<Ctx>, Ctx> = {
	name: 'telegraf',
	autoTyping: autoTyping<Ctx>,
	withTyping: (handler, options) => withTyping<Ctx>(handler as Middleware<Ctx>, options),
	world,
	makeBot,
	install,
	poll,
	runAtOnce,
	hook,
	hangingBot: `
		import {autoTyping} from '@auto-typing/telegraf';
		import {Telegraf} from 'telegraf';
		// Telegraf's own timer would keep the process alive for that long.
		const bot = new Telegraf(process.env.TOKEN, {telegram: {apiRoot: process.env.ROOT}, handlerTimeout: Infinity});
		bot.use(autoTyping({delay: 20, interval: 150, handlerTimeout: Infinity}));
		bot.on('message', () => {
			setTimeout(() => {
				bot.stop();
				console.log('stopped');
			}, 500);
			return new Promise(() => {});
		});
		bot.launch();
	`,
	Composer: Composer as unknown as Framework['Composer'],
	useIn: (bot, chat, middleware) => void bot.use(Telegraf.optional<Ctx>(ctx => ctx.chat?.id === chat, middleware)),
	cutOff: bot =>
		// Each context has a client of its own.
		bot.use(async (ctx, next) => {
			ctx.telegram.callApi = async () => true as never;
			await next();
		}),
	strayContext: ({telegram: {token, options}}, update) =>
		new Context(update as Update, new Telegram(token, options), undefined as never) as unknown as Ctx,
	clientName: 'telegram',
	client: ({telegram}) => telegram as unknown as ReturnType<Framework['client']>,
	answerQuery: async ctx => ctx.answerCbQuery(),
	rollDice: async ctx => ctx.replyWithDice({emoji: '🎲'}),
	editText: async (ctx, chat, id, text) => ctx.telegram.editMessageText(chat, id, undefined, text),
	editMedia: async (ctx, chat, id, media) => ctx.telegram.editMessageMedia(chat, id, undefined, media as unknown as InputMedia),
	editInlineMedia: async (ctx, id, media) => ctx.telegram.editMessageMedia(undefined, undefined, id, media as unknown as InputMedia),
	// Telegraf knows nothing of business accounts: its users call the Bot API by hand.
	replyInBusiness: async (ctx, connection, chat, text) =>
		ctx.telegram.callApi('sendMessage', {chat_id: chat, text, business_connection_id: connection} as {chat_id: number; text: string}),
	file: (content, filename) =>
		file({source: content instanceof Uint8Array ? Buffer.from(content) : Readable.from(content, {objectMode: false}), filename}),
	fileAt: place => file('path' in place ? {source: place.path} : place),
	files: (content, path, url) => [
		file({source: Buffer.from(content)}),
		file(Input.fromBuffer(Buffer.from(content), 'named.jpg')),
		file(Input.fromLocalFile(path)),
		file(Input.fromReadableStream(createReadStream(path))),
		file({source: Readable.from([Buffer.from(content)])}),
		file(Input.fromURLStream(url)),
		file({source: Buffer.alloc(content.length)}),
	],
	refusal: error => ({code: (error as TelegramError).code, method: (error as TelegramError & {on: {method: string}}).on.method}),
	unreachable: {any: true, name: 'FetchError'},
	unreadable: {any: true, code: 'ENOENT'},
};
