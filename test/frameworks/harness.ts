import {createReadStream} from 'node:fs';
import {Readable} from 'node:stream';
import {BotApi, type BotApiOptions} from '@auto-typing/simulator';
import {autoTyping, withTyping, type AutoTypingOptions, type TypingFlavor, type TypingMiddleware} from '@auto-typing/grammy';
import {run, type RunnerHandle} from '@grammyjs/runner';
import type {ExecutionContext} from 'ava';
import {Bot, Composer, Context, InputFile, webhookCallback, type ApiClientOptions, type GrammyError} from 'grammy';
import type {InputMedia, Update} from 'grammy/types';
import {serve, type Hook} from './serving.ts';
import {keeping, type File, type Framework, type World as AnyWorld} from './telegram-framework.ts';

export * from './observing.ts';

export type Ctx = Context & TypingFlavor;

export type World = AnyWorld<Bot<Ctx>, Ctx>;

/** A service and a bot that polls it. The middleware is up to the test. */
export async function world(t: ExecutionContext, {client, ...options}: BotApiOptions & {client?: ApiClientOptions} = {}): Promise<World> {
	const server = await BotApi.start(options);
	t.teardown(async () => server.close());
	const bot = makeBot(server, client);
	const caught: World['caught'] = [];
	bot.catch(error => void caught.push(error));
	return {server, bot, caught, errors: [], timeouts: [], events: []};
}

export function makeBot(server: BotApi, client?: ApiClientOptions): Bot<Ctx> {
	return new Bot<Ctx>(server.token, {client: {apiRoot: server.url, ...client}, botInfo: {...server.botInfo}});
}

/** `autoTyping` in front of everything, with short times, everything it says kept. */
export function install(w: World, options: AutoTypingOptions = {}): TypingMiddleware<Ctx> {
	const typing = autoTyping<Ctx>({...keeping(w), ...options});
	w.bot.use(typing);
	return typing;
}

/** Polls until the test is over. */
export async function poll(t: ExecutionContext, bot: Bot<Ctx>, allowed?: readonly string[]): Promise<() => Promise<void>> {
	let done: Promise<void> | undefined;
	await new Promise<void>((resolve, reject) => {
		done = bot.start({onStart: () => resolve(), ...(allowed && {allowed_updates: allowed as readonly 'message'[]})});
		done.catch(reject);
	});
	const stop = async () => {
		await bot.stop().catch(() => {});
		await done;
	};

	t.teardown(async () => {
		await bot.stop().catch(() => {});
	});
	return stop;
}

/** The runner: many updates of one chat at a time. */
export function runAtOnce(t: ExecutionContext, {bot}: World): RunnerHandle {
	const runner = run(bot, {runner: {fetch: {timeout: 5}, silent: true}});
	t.teardown(async () => {
		if (runner.isRunning()) await runner.stop();
	});
	return runner;
}

interface HookOptions {
	readonly onTimeout?: 'throw' | 'return';
	readonly timeoutMilliseconds?: number;
}

/** A real HTTP server with `webhookCallback`, which the service delivers to. */
export async function hook(t: ExecutionContext, {bot}: Pick<World, 'bot'>, options: HookOptions = {}): Promise<Hook> {
	const {url, ...heard} = await serve(t, webhookCallback(bot, 'http', options));
	await bot.api.setWebhook(url);
	return heard;
}

const file = (...parameters: ConstructorParameters<typeof InputFile>) => new InputFile(...parameters) as unknown as File;

/** What the suites of Telegram frameworks run on. */
export const grammy: Framework<Bot<Ctx>, Ctx> = {
	name: 'grammy',
	autoTyping: autoTyping<Ctx>,
	withTyping: withTyping<Ctx>,
	world,
	makeBot,
	install,
	poll,
	runAtOnce,
	hook,
	hangingBot: `
		import {autoTyping} from '@auto-typing/grammy';
		import {Bot} from 'grammy';
		const bot = new Bot(process.env.TOKEN, {client: {apiRoot: process.env.ROOT}});
		bot.use(autoTyping({delay: 20, interval: 150}));
		bot.on('message', () => {
			setTimeout(() => bot.stop().then(() => console.log('stopped')), 500);
			return new Promise(() => {});
		});
		bot.start();
	`,
	Composer: Composer as unknown as Framework['Composer'],
	useIn: (bot, chat, middleware) => void bot.filter(ctx => ctx.chat?.id === chat).use(middleware),
	cutOff: bot => bot.api.config.use(async () => ({ok: true, result: true as never})),
	strayContext: (bot, update) => new Context(update as Update, bot.api, undefined as never) as Ctx,
	clientName: 'api',
	client: ({api}) => api as unknown as ReturnType<Framework['client']>,
	answerQuery: async ctx => ctx.answerCallbackQuery(),
	rollDice: async ctx => ctx.replyWithDice('🎲'),
	editText: async (ctx, chat, id, text) => ctx.api.editMessageText(chat, id, text),
	editMedia: async (ctx, chat, id, media) => ctx.api.editMessageMedia(chat, id, media as InputMedia),
	editInlineMedia: async (ctx, id, media) => ctx.api.editMessageMediaInline(id, media as InputMedia),
	replyInBusiness: async (ctx, _connection, _chat, text) => ctx.reply(text), // grammY knows them from the update.
	file: (content, name) => file(content, name),
	fileAt: place => file('path' in place ? place.path : place),
	files: (content, path, url) => [
		file(content),
		file(Buffer.from(content), 'named.jpg'),
		file(path),
		file(createReadStream(path)),
		file(Readable.from([content])),
		file(async () => content),
		file(new URL(url)),
		file({url}),
		file(new Uint8Array(content.length)),
		file([content]),
	],
	refusal: error => ({code: (error as GrammyError).error_code, method: (error as GrammyError).method}),
	unreachable: {any: true, name: 'HttpError'},
	unreadable: {any: true, name: 'HttpError'},
};
