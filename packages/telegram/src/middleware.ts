import {checkOptions, Settings, Typing} from '@auto-typing/core';
import type {BotTyping, TelegramTypingOptions} from './bot-typing.ts';
import type {Bots} from './bots.ts';
import type {ChatAction} from './chat-action.ts';
import {ClientTarget} from './client-target.ts';
import {targetOf} from './target.ts';
import {telegram} from './telegram.ts';

/** What grammY and Telegraf call middleware. */
type MiddlewareFunction<Context> = (ctx: Context, next: () => Promise<void>) => unknown;

/** Middleware, or an object that has some, such as a composer. */
export type MiddlewareLike<Context> = MiddlewareFunction<Context> | {middleware(): MiddlewareFunction<Context>};

/** Middleware that can end what it started. */
export interface Steerable<Context, Client> {
	(ctx: Context, next: () => Promise<void>): Promise<unknown>;

	/** End all work in the chat `ctx` came from, that of `ctx` itself included, and abort its `ctx.typing.signal`. */
	cancel(ctx: Context, reason?: unknown): void;

	/** See the messages that go out through `client` as well, the bot's own, which no context has. */
	watch(client: Client): void;

	/** End all, in all chats: for the bot's shut-down. Handlers that start later show nothing, and their signal is aborted. */
	close(): Promise<void>;
}

/** The options of one hold, given the one around it, or before it on the same context. */
export type SettingsFor = (last: Typing<ChatAction> | undefined) => Settings<ChatAction>;

/**
The middleware of any framework: keeps the chat action up while `handler` runs, and puts the hold on `ctx.typing`.

@param settingsOf - Where the options of a hold depend on the one around it, or before it. Those of `options` by default.
@throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects.
*/
export function middlewareFor<
	Context extends {readonly update: object; typing?: Typing<ChatAction>},
	Client extends object,
	Options extends TelegramTypingOptions,
>(
	bots: Bots<Context, Client>,
	handler: MiddlewareLike<Context>,
	options: Options,
	settingsOf: (options: Options) => SettingsFor = always,
): Steerable<Context, Client> {
	checkOptions(options);
	checkKind(options);
	const settingsFor = settingsOf(options);
	const run = functionOf(handler);
	const used = new Set<BotTyping<Client>>();
	const clients = new Set<Client>();
	let isClosed = false;

	// oxlint-disable-next-line promise-function-async -- one frame less to keep in memory while a handler works
	const middleware = (ctx: Context, next: () => Promise<void>): Promise<unknown> => {
		const target = targetOf(ctx.update);
		const client = bots.framework.clientOf(ctx);
		const bot = target && client && bots.of(ctx, client, options);
		// One that another copy of this package has put there is nothing to be nested in: its private members are closed to us.
		const outer = ctx.typing instanceof Typing ? ctx.typing : undefined;
		if (bot) {
			bot.watch(client);
			if (!used.has(bot)) {
				used.add(bot);
				bot.indicator.observe(options);
				for (const client of clients) {
					watchIfOwn(bot, client);
				}
			}

			if (isClosed) {
				void bot.indicator.close();
			}
		}

		const isReplayed = bots.framework.isReplayed?.(ctx) === true;
		if (bot && isReplayed) {
			// The update has its hold outside of what is replayed.
			const hold = bot.indicator.current(new ClientTarget(target));
			if (hold) {
				ctx.typing = hold;
				return Promise.resolve(run(ctx, next));
			}
		}

		const settings = settingsFor(outer);
		const typing =
			bot && !isReplayed
				? bot.indicator.start(new ClientTarget(target, client), settings, outer)
				: new Typing(settings, undefined, undefined, outer);
		ctx.typing = typing;
		// oxlint-disable-next-line promise-function-async -- as above
		const work = () => typing.during(() => run(ctx, next));
		// The handlers of one context may run one after another, and side by side.
		return outer && !outer.ended ? nest(ctx, outer, typing, work) : work();
	};

	return Object.assign(middleware, {
		cancel(ctx: Context, reason?: unknown) {
			if (typeof ctx !== 'object' || ctx === null) {
				throw new TypeError(`Expected \`ctx\` to be the context of an update, got ${ctx === null ? 'null' : typeof ctx}`);
			}

			const target = targetOf(ctx.update);
			const client = bots.framework.clientOf(ctx);
			if (target && client) {
				bots.of(ctx, client, options).indicator.cancel(new ClientTarget(target), reason);
			}
		},
		watch(client: Client) {
			if (!bots.framework.isClient(client)) {
				const got = client === null ? 'null' : typeof client;
				throw new TypeError(`Expected \`client\` to be what the bot calls the Bot API by, its \`api\` or \`telegram\`, got ${got}`);
			}

			// Which bot it belongs to is known when that is met; before its first update nothing is shown.
			clients.add(client);
			for (const bot of used) {
				watchIfOwn(bot, client);
			}
		},
		async close() {
			isClosed = true;
			await Promise.all([...used].map(async ({indicator}) => indicator.close()));
		},
	});
}

function watchIfOwn<Client extends object>(bot: BotTyping<Client>, client: Client): void {
	if (bot.owns(client)) {
		bot.watch(client);
	}
}

/** @throws {TypeError} When it is something else that has no wrong option, because it has none. */
function checkKind(options: object): void {
	if ('update' in options) {
		// `bot.use(autoTyping)`: middleware that is made for each update and never runs. The bot would say nothing, ever.
		throw new TypeError('Expected `options` to be options, got a context: write `autoTyping()` with its parentheses');
	}

	if ('use' in options) {
		// `autoTyping(bot, options)`, as it is `autoTyping(client, options)` on MTProto: those behind it would be lost.
		throw new TypeError('Expected `options` to be options, got a bot: write `bot.use(autoTyping())`');
	}
}

function always(options: TelegramTypingOptions): SettingsFor {
	const settings = new Settings(telegramFacts, options);
	return () => settings;
}

/** @throws {TypeError} */
function functionOf<Context>(handler: MiddlewareLike<Context>): MiddlewareFunction<Context> {
	if (typeof handler === 'function') {
		return handler;
	}

	if (typeof handler?.middleware !== 'function') {
		throw new TypeError(`Expected \`handler\` to be middleware, got ${handler === null ? 'null' : typeof handler}`);
	}

	// Asked for anew every time: a composer may get more handlers later.
	return async (ctx, next) => handler.middleware()(ctx, next);
}

/** Of contexts with nested handlers all holds, in the order they began: the last one is `typing`. */
const stacks = new WeakMap<object, Array<Typing<ChatAction>>>();

/** Does the work of a nested handler, and puts back the hold around it, or of one that runs beside it: those of a fork end in any order. */
async function nest<Result>(
	ctx: {typing?: Typing<ChatAction>},
	outer: Typing<ChatAction>,
	typing: Typing<ChatAction>,
	work: () => Promise<Result>,
): Promise<Result> {
	const stack = stacks.get(ctx) ?? [outer];
	stack.push(typing);
	stacks.set(ctx, stack);
	try {
		return await work();
	} finally {
		stack.splice(stack.lastIndexOf(typing), 1);
		ctx.typing = stack.at(-1)!;
		if (stack.length === 1) {
			stacks.delete(ctx);
		}
	}
}

/** What options are checked against, before there is a bot. */
export const telegramFacts: ReturnType<typeof telegram> = telegram(async () => {});
