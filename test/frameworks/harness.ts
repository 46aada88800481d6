import {inspect} from 'node:util';
import {BotApi, type Arrival, type BotApiOptions} from '@auto-typing/simulator';
import {autoTyping, type AutoTypingOptions, type TypingFlavor, type TypingMiddleware} from '@auto-typing/grammy';
import type {ExecutionContext} from 'ava';
import {Bot, type ApiClientOptions, type BotError, type Context} from 'grammy';

export type Ctx = Context & TypingFlavor;

/** Short enough for handlers of milliseconds; the person still sees each call for five seconds. */
export const quick = {delay: 20, interval: 600} as const satisfies AutoTypingOptions;

type Events = NonNullable<AutoTypingOptions['onEvent']>;
export type Heard = Parameters<Events>[0];

export interface World {
	readonly server: BotApi;
	readonly bot: Bot<Ctx>;
	/** What reached `bot.catch`. */
	readonly caught: Array<BotError<Ctx>>;
	/** What `onError` and `onEvent` of `world.typing` heard. */
	readonly errors: unknown[];
	/** Apart from those that only tell of a busy machine: a call has two thirds of the interval. */
	readonly timeouts: unknown[];
	readonly events: Heard[];
}

/** A service and a bot that polls it. The middleware is up to the test. */
export async function world(t: ExecutionContext, {client, ...options}: BotApiOptions & {client?: ApiClientOptions} = {}): Promise<World> {
	const server = await BotApi.start(options);
	t.teardown(async () => server.close());
	const bot = makeBot(server, client);
	const caught: Array<BotError<Ctx>> = [];
	bot.catch(error => void caught.push(error));
	return {server, bot, caught, errors: [], timeouts: [], events: []};
}

export function makeBot(server: BotApi, client?: ApiClientOptions): Bot<Ctx> {
	return new Bot<Ctx>(server.token, {client: {apiRoot: server.url, ...client}, botInfo: {...server.botInfo}});
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

/** Polls until the test is over. */
export async function poll(
	t: ExecutionContext,
	bot: Bot<Ctx>,
	allowed?: NonNullable<Parameters<Bot['start']>[0]>['allowed_updates'],
): Promise<() => Promise<void>> {
	let done: Promise<void> | undefined;
	await new Promise<void>((resolve, reject) => {
		done = bot.start({onStart: () => resolve(), ...(allowed && {allowed_updates: allowed})});
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

export const isAction = ({method}: Arrival): boolean => method === 'sendChatAction';

/** Whatever puts a message into a chat. */
export const isMessage = ({method}: Arrival): boolean => method !== 'sendChatAction' && /^(?:send|copy|forward)/.test(method);

/** Resolves once `count` requests that match have been answered, those of the past included. */
export async function seen(server: BotApi, match: string | ((arrival: Arrival) => boolean), count = 1): Promise<void> {
	const matches = typeof match === 'string' ? ({method}: Arrival) => method === match : match;
	const enough = () => server.log.filter(arrival => arrival.outcome !== 'pending' && matches(arrival)).length >= count;
	if (enough()) {
		return;
	}

	await new Promise<void>((resolve, reject) => {
		const timer = setTimeout(() => {
			end();
			reject(
				new Error(
					`Waited in vain for ${count} × ${String(match)}; got ${server.log.map(({method, payload}) => `${method} ${JSON.stringify(payload['action'])}`).join(', ')}`,
				),
			);
		}, 15_000);
		const end = server.listen(() => {
			if (enough()) {
				clearTimeout(timer);
				end();
				resolve();
			}
		});
	});
}

export function here(chat: number): (arrival: Arrival) => boolean {
	return arrival => isAction(arrival) && arrival.chatId === chat;
}

export async function wait(ms: number): Promise<void> {
	return new Promise(resolve => {
		setTimeout(resolve, ms);
	});
}

/** Polls `condition`; for what no request tells. */
export async function until(condition: () => boolean, what = String(condition)): Promise<void> {
	const end = performance.now() + 15_000;
	while (!condition()) {
		if (performance.now() > end) {
			throw new Error(`Waited in vain for ${what}`);
		}

		await wait(5);
	}
}

/** What happened in a chat, in order: `typing`, `sendMessage`… */
export function story(server: BotApi, chat: number): string[] {
	return server.log
		.filter(({chatId}) => chatId === chat)
		.map(({method, payload}) => (method === 'sendChatAction' ? String(payload['action']) : method));
}

/** Consecutive repetitions are one. */
export function acts(list: readonly string[]): string[] {
	return list.filter((item, index) => item !== list[index - 1]);
}

/** Nothing shown once the last message has landed, even some time later. */
export async function assertQuiet(
	t: ExecutionContext,
	server: BotApi,
	chat: number,
	part: {thread?: number; businessConnection?: string} = {},
): Promise<void> {
	await wait(250);
	const view = server.chat(chat, part);
	const last = view.messages.at(-1);
	t.truthy(last, 'a message has landed');
	t.is(view.after(last!.at), 0, `nothing is shown after the reply: ${story(server, chat).join(', ')}`);
	const here = server.log.filter(arrival => arrival.chatId === chat);
	t.false(isAction(here.at(-1)!), `the reply is the last call: ${story(server, chat).join(', ')}`);
}

/** Searches everything in sight. */
export function assertNoToken(t: ExecutionContext, server: BotApi, ...heard: unknown[]): void {
	const secret = server.token.split(':')[1]!;
	for (const value of heard.flat()) {
		const text =
			inspect(value, {depth: 10, showHidden: true}) +
			inspect(value, {depth: 10, showHidden: true, getters: true, showProxy: true}) +
			json(value);
		t.false(text.includes(secret), `the token is in ${text}`);
	}
}

function json(value: unknown): string {
	try {
		const own =
			typeof value === 'object' && value !== null
				? Object.fromEntries(Object.getOwnPropertyNames(value).map(name => [name, (value as Record<string, unknown>)[name]]))
				: {};
		return `${JSON.stringify(value)}${JSON.stringify(own)}${String(value)}`;
	} catch {
		return '';
	}
}
