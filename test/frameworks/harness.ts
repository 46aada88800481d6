import {BotApi, type BotApiOptions} from '@auto-typing/simulator';
import {autoTyping, type AutoTypingOptions, type TypingFlavor, type TypingMiddleware} from '@auto-typing/grammy';
import type {ExecutionContext} from 'ava';
import {Bot, type ApiClientOptions, type BotError, type Context} from 'grammy';
import {quick} from './observing.ts';

export * from './observing.ts';

export type Ctx = Context & TypingFlavor;

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
