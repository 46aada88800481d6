import type {AutoTypingOptions, TypingFlavor} from '@auto-typing/grammy';
import type {BotApi, BotApiOptions} from '@auto-typing/simulator';
import type {ExecutionContext} from 'ava';
import {quick} from './observing.ts';
import type {Hook} from './serving.ts';

// What the suites of grammY and Telegraf (`telegram-*.ts`) use of a framework. Most of a bot is spelled the same in both: that is `Bot` and `Ctx`.
// What is not is a function of `Framework`, which `harness.ts` and `telegraf-harness.ts` fill in.

export type Heard = Parameters<NonNullable<AutoTypingOptions['onEvent']>>[0];

type Next = () => Promise<void>;
type Handler<C> = (ctx: C, next: Next) => unknown;
type Sent = Promise<{readonly message_id: number}>;

/** A file to upload, made by the functions of `Framework`, or the id or the address of one. */
export type File = string | {readonly isFile: true};

interface Media {
	readonly type: 'photo' | 'video' | 'document';
	readonly media: File;
	readonly caption?: string;
}

/** The context of any update. */
export interface Ctx extends TypingFlavor {
	readonly update: {readonly update_id: number};
	readonly chat?: {readonly id: number} | undefined;
	reply(text: string, extra?: object): Sent;
	react(emoji: '👍'): Promise<unknown>;
	copyMessage(chat: number): Promise<unknown>;
	forwardMessage(chat: number): Promise<unknown>;
	replyWithAnimation(file: File): Promise<unknown>;
	replyWithAudio(file: File): Promise<unknown>;
	replyWithChatAction(action: 'typing'): Promise<unknown>;
	replyWithContact(phone: string, name: string): Promise<unknown>;
	replyWithDocument(file: File): Promise<unknown>;
	replyWithLocation(latitude: number, longitude: number): Promise<unknown>;
	replyWithMediaGroup(media: readonly Media[]): Promise<unknown>;
	replyWithPhoto(
		file: File,
		extra?: object,
	): Promise<{readonly message_id: number; readonly photo: ReadonlyArray<{readonly file_id: string}>}>;
	replyWithPoll(question: string, options: readonly string[]): Promise<unknown>;
	replyWithSticker(file: File): Promise<unknown>;
	replyWithVenue(latitude: number, longitude: number, title: string, address: string): Promise<unknown>;
	replyWithVideo(file: File, extra?: object): Promise<unknown>;
	replyWithVideoNote(file: File): Promise<unknown>;
	replyWithVoice(file: File): Promise<unknown>;
}

export interface MessageCtx extends Ctx {
	readonly chat: {readonly id: number};
	readonly msg: {readonly message_id: number; readonly message_thread_id?: number; readonly text?: string};
}

/** `ctx.api` and `bot.api` of grammY, `ctx.telegram` and `bot.telegram` of Telegraf. */
interface Client {
	copyMessages(chat: number, from: number, ids: number[]): Promise<unknown>;
	deleteMessage(chat: number, id: number): Promise<unknown>;
	forwardMessages(chat: number, from: number, ids: number[]): Promise<unknown>;
	getMe(): Promise<unknown>;
	sendMessage(chat: number | string, text: string, extra?: object): Sent;
	sendPhoto(chat: number, file: File): Sent;
}

interface TypingMiddleware<C = Ctx> {
	(ctx: C, next: Next): Promise<unknown>;
	cancel(ctx: C, reason?: unknown): void;
	close(): Promise<void>;
	watch(client: object): void;
}

interface Composer<C = Ctx, M = MessageCtx> {
	command(name: string, handler: Handler<M>): unknown;
	on(kind: 'message', handler: Handler<M>): unknown;
	on(kind: 'callback_query' | 'inline_query', handler: Handler<C>): unknown;
	use(...middleware: Array<Handler<C> | {middleware(): Handler<C>}>): unknown;
	middleware(): Handler<C>;
}

interface Bot extends Composer {
	botInfo: object;
	handleUpdate(update: object): Promise<unknown>;
}

export interface World<B = Bot, C = Ctx> {
	readonly server: BotApi;
	readonly bot: B;
	/** What reached `bot.catch`. */
	readonly caught: Array<{readonly error: unknown; readonly ctx: C}>;
	/** What `onError` and `onEvent` of the installed middleware heard. */
	readonly errors: unknown[];
	/** Apart from those that only tell of a busy machine: a call has two thirds of the interval. */
	readonly timeouts: unknown[];
	readonly events: Heard[];
}

export interface Framework<B = Bot, C = Ctx> {
	readonly name: string;

	// The package.
	readonly autoTyping: (options?: AutoTypingOptions) => TypingMiddleware<C>;
	readonly withTyping: (handler: Handler<C> | {middleware(): Handler<C>}, options?: AutoTypingOptions) => TypingMiddleware<C>;

	// A bot, and its ways to get updates.
	readonly world: (t: ExecutionContext, options?: BotApiOptions) => Promise<World<B, C>>;
	readonly makeBot: (server: BotApi, client?: {readonly apiRoot?: string}) => B;
	readonly install: (w: World<B, C>, options?: AutoTypingOptions) => TypingMiddleware<C>;
	readonly poll: (t: ExecutionContext, bot: B, allowed?: readonly string[]) => Promise<() => Promise<void>>;
	readonly runAtOnce: (t: ExecutionContext, w: World<B, C>) => void;
	readonly hook: (t: ExecutionContext, w: World<B, C>) => Promise<Hook>;
	/** A process whose handler hangs for ever, and whose bot is stopped meanwhile. */
	readonly hangingBot: string;

	// What else is spelled differently.
	readonly Composer: new () => Composer;
	/** Installs `middleware` for one chat. */
	readonly useIn: (bot: B, chat: number, middleware: TypingMiddleware<C>) => void;
	/** Gives every call an answer without the network. */
	readonly cutOff: (bot: B) => void;
	/** A context that does not know its bot. */
	readonly strayContext: (bot: B, update: object) => C;
	/** The property of a context, and of a bot, that has the client. */
	readonly clientName: string;
	readonly client: (owner: B | C) => Client;
	readonly answerQuery: (ctx: C) => Promise<unknown>;
	readonly rollDice: (ctx: C) => Promise<unknown>;
	readonly editText: (ctx: C, chat: number, id: number, text: string) => Promise<unknown>;
	readonly editMedia: (ctx: C, chat: number, id: number, media: Media) => Promise<unknown>;
	readonly editInlineMedia: (ctx: C, id: string, media: Media) => Promise<unknown>;
	/** Replies through the business connection the update came from. */
	readonly replyInBusiness: (ctx: C, connection: string, chat: number, text: string) => Promise<unknown>;

	// Files.
	readonly file: (content: Uint8Array | AsyncIterable<Uint8Array>, name?: string) => File;
	readonly fileAt: (place: {readonly path: string} | {readonly url: string}) => File;
	/** All ways there are to name a file of `content`, which is at `path` and at `url` too. */
	readonly files: (content: Uint8Array, path: string, url: string) => File[];

	// Its errors.
	/** What the service refused: the code, and the method of the call. */
	readonly refusal: (error: unknown) => {readonly code: number; readonly method: string};
	/** What a handler gets where the service cannot be reached, and where a file cannot be read. */
	readonly unreachable: {readonly any: true; readonly name: string};
	readonly unreadable: {readonly any: true; readonly name?: string; readonly code?: string};
}

/** Short times, and everything that is said kept. */
export function keeping<B, C>({errors, timeouts, events}: World<B, C>): AutoTypingOptions {
	return {
		...quick,
		onError: error => void ((error as Error).name === 'TimeoutError' ? timeouts : errors).push(error),
		onEvent: event => void events.push(event),
	};
}
