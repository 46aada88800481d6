import type {Limit} from '../budget.ts';
import {ChatView} from '../chat-view.ts';
import {Loopback} from '../loopback.ts';
import type {LinqArrival, LinqMethod} from './arrival.ts';
import type {LinqChatOptions} from './chats.ts';
import {deliver, usualSchedule, type LinqDelivery} from './delivery.ts';
import {messageEvent, type LinqEvent, type LinqWriting} from './events.ts';
import type {LinqFault} from './fault.ts';
import {linqRules} from './rules.ts';
import {basePath, LinqServer} from './service.ts';
import {LinqState} from './state.ts';

/** How the service behaves. The starred ones can be changed while it runs, as properties of the server. */
export interface LinqApiOptions {
	/** *How long a request takes there and back, in milliseconds. @default 0 */
	readonly latency?: number;
	/** The only token that is accepted. @default a made-up one */
	readonly token?: string;
	/** What time it is, in milliseconds since 1970: typing shows until five minutes after a chat's last message. @default Date.now */
	readonly now?: () => number;
	/** *How many messages a chat may get. @default 30 a minute, as Linq says */
	readonly limit?: Limit | undefined;
	/** *How long a webhook may take to answer, in milliseconds. Not documented. @default 10_000 */
	readonly webhookTimeout?: number;
	/** *When a failed delivery is repeated: milliseconds after each failure. @default ten times within 25 minutes, as Linq says */
	readonly redelivery?: readonly number[];
}

/**
Linq's API v3 on this machine: a real HTTP server, as strict as the vendor's, which remembers what reached it.

@see https://docs.linqapp.com/api/

@example
```ts
const server = await LinqApi.start({latency: 60});
const client = new LinqAPIV3({baseURL: server.url, apiKey: server.token});
const {id} = server.addChat();
await server.write({chat: id, text: 'hello'});
// …
server.chat(id).spans; // when the person saw the three dots
await server.close();
```
*/
export class LinqApi {
	/** Where the API is: the SDK's `baseURL`. */
	readonly url: string;
	readonly token: string;
	latency: number;
	limit: Limit | undefined;
	webhookTimeout: number;
	redelivery: readonly number[];
	/** Every attempt to deliver an event, as they ended. */
	readonly deliveries: LinqDelivery[] = [];
	readonly #loopback: Loopback;
	readonly #service: LinqServer;
	readonly #state: LinqState;

	/** Starts a server on a free port of the loopback interface. */
	static async start(options: LinqApiOptions = {}): Promise<LinqApi> {
		return new LinqApi(await Loopback.start(), options);
	}

	private constructor(loopback: Loopback, options: LinqApiOptions) {
		const {latency = 0, token = 'simulated-token-of-linq', now = Date.now, webhookTimeout = 10_000, redelivery = usualSchedule} = options;
		this.#loopback = loopback;
		this.url = `${loopback.url}${basePath}`;
		this.token = token;
		this.latency = latency;
		this.limit = 'limit' in options ? options.limit : {limit: 30, interval: 60_000};
		this.webhookTimeout = webhookTimeout;
		this.redelivery = redelivery;
		this.#state = new LinqState(
			now,
			() => this.limit,
			event => void this.deliver(event),
		);
		this.#service = new LinqServer(this.#state, {
			token,
			oneWay: (fixed?: number) => (fixed ?? this.latency) / 2,
			closed: loopback.closed,
		});
		loopback.serve(async (...request) => this.#service.handle(...request));
	}

	/** Every request that arrived, in order. */
	get log(): readonly LinqArrival[] {
		return this.#service.log.all;
	}

	/** A conversation with somebody. */
	addChat(chat: LinqChatOptions = {}): {readonly id: string} {
		return this.#state.chats.add(chat);
	}

	/** From now on there is no such chat: 404/2001. */
	forget(chatId: string): void {
		this.#state.chats.forget(chatId);
	}

	/** The person writes: the webhooks hear of it. @returns the event, once every webhook has taken it, or refused it for good */
	async write({chat, text, at = this.#state.now()}: LinqWriting): Promise<LinqEvent> {
		const known = this.#state.chats.get(chat.toLowerCase());
		known.lastMessageAt = Math.max(known.lastMessageAt, at);
		const event = messageEvent('message.received', known, text, at);
		await this.deliver(event);
		return event;
	}

	/** Delivers an event to the webhooks, once more if they had it: Linq may do so. */
	async deliver(event: LinqEvent): Promise<readonly LinqDelivery[]> {
		const interested = [...this.#state.subscriptions.values()].filter(({events}) => events.includes(event.event_type));
		const options = {
			timeout: this.webhookTimeout,
			schedule: this.redelivery,
			onAttempt: (delivery: LinqDelivery) => void this.deliveries.push(delivery),
			signal: this.#loopback.closed,
		};
		return Promise.all(interested.map(async subscription => deliver(event, subscription, options)));
	}

	/** Makes requests go wrong. @returns a function that ends it */
	fail(fault: LinqFault): () => void {
		return this.#service.faults.add(fault);
	}

	/** What the person saw in that chat. @param ttl - how long typing shows, in milliseconds: 90 s, unless you look for gaps */
	chat(chatId: string, ttl?: number): ChatView<LinqArrival> {
		return new ChatView(() => this.#service.log.of(chatId.toLowerCase()), linqRules(ttl));
	}

	/** Calls the listener with every request once its outcome is known. @returns a function that ends it */
	listen(listener: (arrival: LinqArrival) => void): () => void {
		return this.#service.log.listen(listener);
	}

	/** The next arrival of that kind, once its outcome is known: what a test waits for instead of sleeping. */
	async next(method: LinqMethod, chatId?: string): Promise<LinqArrival> {
		const id = chatId?.toLowerCase();
		return this.#service.log.next(arrival => arrival.method === method && (id === undefined || arrival.chatId === id));
	}

	/** Ends every connection and stops delivering. */
	async close(): Promise<void> {
		await this.#loopback.close();
	}
}
