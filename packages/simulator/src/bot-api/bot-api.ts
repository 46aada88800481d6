import type {Message, Update, UserFromGetMe} from '@grammyjs/types';
import {ChatView} from '../chat-view.ts';
import {Loopback} from '../loopback.ts';
import {random} from '../random.ts';
import type {Arrival} from './arrival.ts';
import type {Block, ChatOptions} from './chats.ts';
import type {Fault} from './fault.ts';
import {createBotInfo, current, type BotApiOptions} from './options.ts';
import {botApiRules} from './rules.ts';
import {Service} from './service.ts';
import {createState, type State} from './state.ts';
import {compose, type Writing} from './writing.ts';

/** Which part of a chat to look at. */
export interface Part {
	/** A topic of a forum; 1 is General. @default General in a forum, the chat itself elsewhere */
	readonly thread?: number | undefined;
	/** The chat of a business account the bot acts for, rather than its own chat with that person. */
	readonly businessConnection?: string | undefined;
}

/**
The Telegram Bot API on this machine: a real HTTP server, as strict as the vendor's, which remembers what reached it.

@see https://core.telegram.org/bots/api

@example
```ts
const server = await BotApi.start({latency: 60});
const bot = new Bot(server.token, {client: {apiRoot: server.url}});
server.write({chat: 7, text: 'hello'});
// …
server.chat(7).spans; // when the person saw which indicator
await server.close();
```
*/
export class BotApi {
	/** Where it listens: grammY's `apiRoot`. */
	readonly url: string;
	readonly token: string;
	readonly botInfo: UserFromGetMe;
	latency: number | (() => number);
	jitter: number | (() => number);
	limit: BotApiOptions['limit'];
	chatLimit: BotApiOptions['chatLimit'];
	webhookTimeout: number;
	webhookRetry: number;
	readonly #loopback: Loopback;
	readonly #service: Service;
	readonly #state: State;

	/** Starts a server on a free port of the loopback interface. */
	static async start(options: BotApiOptions = {}): Promise<BotApi> {
		return new BotApi(await Loopback.start(), options);
	}

	private constructor(loopback: Loopback, options: BotApiOptions) {
		const {latency = 0, jitter = 0, seed = 1, limit, chatLimit, webhookTimeout = 60_000, webhookRetry = 1000} = options;
		const {token, botInfo, knownChats} = options;
		this.#loopback = loopback;
		this.url = loopback.url;
		this.latency = latency;
		this.jitter = jitter;
		this.limit = limit;
		this.chatLimit = chatLimit;
		this.webhookTimeout = webhookTimeout;
		this.webhookRetry = webhookRetry;
		const id = botInfo?.id ?? Number(token?.split(':')[0] ?? 123_456);
		this.token = token ?? `${id}:AAF-simulated_token_of_a_simulated_bot`;
		this.botInfo = createBotInfo(id, botInfo);
		this.#state = createState(this.botInfo, () => ({
			timeout: this.webhookTimeout,
			retry: this.webhookRetry,
			onReply: async (method, payload) => this.#service.reply(method, payload, loopback.closed),
		}));
		const draw = random(seed);
		this.#service = new Service(this.#state, {
			token: this.token,
			oneWay: (fixed?: number) => (fixed ?? current(this.latency)) / 2 + (draw() * 2 - 1) * current(this.jitter),
			limits: () => ({bot: current(this.limit), chat: current(this.chatLimit)}),
			closed: loopback.closed,
		});
		loopback.serve(async (...request) => this.#service.handle(...request));
		if (knownChats) {
			this.#state.chats.strict = true;
			for (const chat of knownChats) this.addChat(typeof chat === 'number' ? {id: chat} : chat);
		}
	}

	/** Every request that arrived, in order. */
	get log(): readonly Arrival[] {
		return this.#service.log.all;
	}

	/** How many updates the bot has not confirmed yet. */
	get pending(): number {
		return this.#state.updates.pending.length;
	}

	/** The person writes to the bot. */
	write(writing: Writing): Update {
		return this.push(compose(writing, this.#state.chats, this.#state.messages));
	}

	/**
	Queues any update for `getUpdates`, or posts it to the webhook. As on Telegram, it is dropped if the bot has not asked for
	its kind by then: reactions and `chat_member` need `allowed_updates` first.
	*/
	push(update: Omit<Update, 'update_id'> & {update_id?: number}): Update {
		for (const content of Object.values(update) as Array<Partial<Message> & {message?: Message}>) {
			const message = content?.message ?? content;
			if (message?.message_id !== undefined && message.chat && message.date) this.#state.messages.add(message as Message);
		}

		if (update.callback_query) this.#state.callbackQueries.add(update.callback_query.id);
		return this.#state.updates.push(update);
	}

	/** Makes requests go wrong. @returns a function that ends it */
	fail(fault: Fault): () => void {
		return this.#service.faults.add(fault);
	}

	/** What the person saw in that chat and topic; in a forum without `thread`, in General. */
	chat(chatId: number, {thread, businessConnection}: Part = {}): ChatView<Arrival> {
		const topic = thread ?? (this.#state.chats.isForum(chatId) ? 1 : undefined);
		const isHere = (arrival: Arrival) => arrival.topic === topic && arrival.businessConnectionId === businessConnection;
		return new ChatView(() => this.#service.log.of(chatId).filter(arrival => isHere(arrival)), botApiRules);
	}

	/** Calls the listener with every request once its outcome is known. @returns a function that ends it */
	listen(listener: (arrival: Arrival) => void): () => void {
		return this.#service.log.listen(listener);
	}

	/** The next arrival that matches, once its outcome is known: what a test waits for instead of sleeping. */
	async next(match: string | ((arrival: Arrival) => boolean)): Promise<Arrival> {
		return this.#service.log.next(match);
	}

	/** Describes a chat: its type, its topics. */
	addChat(chat: ChatOptions): void {
		this.#state.chats.add(chat);
	}

	/** From now on there is no such chat: 400 "chat not found". */
	forget(chatId: number): void {
		this.#state.chats.forget(chatId);
	}

	/** From now on the chat refuses the bot. @param reason - by default a person blocks it, a group kicks it */
	block(chatId: number, reason?: Block): void {
		this.#state.chats.block(chatId, reason);
	}

	unblock(chatId: number): void {
		this.#state.chats.unblock(chatId);
	}

	/** The group becomes a supergroup: its old id is answered with 400 and `migrate_to_chat_id`. */
	migrate(from: number, to: number): void {
		this.#state.chats.migrate(from, to);
	}

	/** Lets the bot act for a business account in the chat. Call it again for further chats of one connection. */
	addBusinessConnection(id: string, chatId: number): void {
		this.#state.chats.connect(id, chatId);
	}

	removeBusinessConnection(id: string): void {
		this.#state.chats.disconnect(id);
	}

	/** Ends every connection and stops delivering. */
	async close(): Promise<void> {
		this.#state.webhook?.close();
		await this.#loopback.close();
	}
}
