import {ChatView} from '../chat-view.ts';
import {Loopback} from '../loopback.ts';
import type {RestArrival} from './arrival.ts';
import {Auth, type Grant} from './auth.ts';
import {usualBucket, type BucketOptions} from './bucket.ts';
import {makeCertificate} from './certificate.ts';
import {compose, encodeForm, type DialogMessage} from './event.ts';
import type {RestFault} from './fault.ts';
import {usualOperating, type OperatingOptions} from './operating.ts';
import {createBot, type Bitrix24Bot, type Bitrix24Options} from './options.ts';
import {bitrix24Rules} from './rules.ts';
import {RestService} from './service.ts';

/** An event on its way to the bot. */
export interface Delivery {
	/** The form it was sent as: to be sent once more, or spoilt. */
	readonly body: string;
	/** The status of the bot's answer, and how long it took, in milliseconds. Rejects if there was none. */
	readonly answered: Promise<{readonly status: number; readonly took: number}>;
}

/**
A Bitrix24 portal on this machine: its REST API by HTTP or HTTPS, and the events that it sends to a bot.

@see https://apidocs.bitrix24.com

@example
```ts
const portal = await Bitrix24.start({https: true, latency: 60});
portal.handler = 'http://127.0.0.1:3000/bitrix24';
await portal.write({dialogId: '27', text: 'hello'}).answered;
// …
portal.dialog('27').spans; // when the person saw which indicator
await portal.close();
```
*/
export class Bitrix24 {
	readonly url: string;
	/** What a client has to trust, in PEM; `undefined` without https. */
	readonly certificate: string | undefined;
	/** The first of its bots. */
	readonly bot: Bitrix24Bot;
	latency: number;
	bucket: BucketOptions | undefined;
	operating: OperatingOptions;
	handler: string | undefined;
	readonly #loopback: Loopback;
	readonly #auth: Auth;
	readonly #service: RestService;

	/** Starts a portal on a free port of the loopback interface. */
	static async start(options: Bitrix24Options = {}): Promise<Bitrix24> {
		const certificate = options.https ? await makeCertificate() : undefined;
		return new Bitrix24(await Loopback.start(0, certificate), certificate?.cert, options);
	}

	private constructor(loopback: Loopback, certificate: string | undefined, options: Bitrix24Options) {
		const {botId = 567, bots = [], latency = 0, operating = usualOperating, handler} = options;
		this.#loopback = loopback;
		this.url = loopback.url;
		this.certificate = certificate;
		this.latency = latency;
		this.bucket = 'bucket' in options ? options.bucket : usualBucket;
		this.operating = operating;
		this.handler = handler;
		this.#auth = new Auth(this.url);
		this.#service = new RestService(this.#auth, {
			latency: () => this.latency,
			closed: loopback.closed,
			bucket: () => this.bucket,
			operating: () => this.operating,
		});
		this.bot = createBot({id: botId});
		for (const bot of [this.bot, ...bots.map(one => createBot(one))]) this.#service.bots.set(bot.id, bot);
		loopback.serve(async (...request) => this.#service.handle(...request));
	}

	/** The address of an inbound webhook, secret included. */
	get webhookUrl(): string {
		return `${this.url}/rest/1/${this.#auth.webhookSecret}/`;
	}

	/** What its events carry. */
	get applicationToken(): string {
		return this.#auth.applicationToken;
	}

	/** The tokens of an application, as the portal has them now, and what it renews them with. */
	get oauth(): Grant & {readonly client_id: string; readonly client_secret: string} {
		return {...this.#auth.grant, client_id: this.#auth.clientId, client_secret: this.#auth.clientSecret};
	}

	/** Every call that arrived, in order. */
	get log(): readonly RestArrival[] {
		return this.#service.log.all;
	}

	/** What the person saw of the first bot, or of another one, in that dialog. */
	dialog(dialogId: string, botId: number = this.bot.id): ChatView<RestArrival> {
		const isHere = (arrival: RestArrival) => (arrival.botId ?? botId) === botId;
		return new ChatView(() => this.#service.log.of(dialogId).filter(arrival => isHere(arrival)), bitrix24Rules);
	}

	/** The person writes to the bot: the event goes to the `handler`. */
	write(message: DialogMessage): Delivery {
		const bot = this.#service.bots.get(message.botId ?? this.bot.id);
		if (!bot) throw new RangeError(`Expected \`botId\` to be one of the portal's bots, got ${message.botId}`);
		return this.deliver(encodeForm(compose(message, bot, this.#auth, this.#service.nextId())));
	}

	/** Sends any form to the `handler`, such as that of an event once more. Like the vendor, it tries once. */
	deliver(body: string): Delivery {
		if (this.handler === undefined) throw new TypeError('Expected `handler` to be the address of the bot, got none');
		const start = performance.now();
		const answered = fetch(this.handler, {
			method: 'POST',
			headers: {'content-type': 'application/x-www-form-urlencoded'},
			body,
			signal: this.#loopback.closed,
		}).then(async response => {
			await response.arrayBuffer();
			return {status: response.status, took: performance.now() - start};
		});
		answered.catch(() => {}); // For whoever waits for it.
		return {body, answered};
	}

	/** Makes calls go wrong. @returns a function that ends it */
	fail(fault: RestFault): () => void {
		return this.#service.faults.add(fault);
	}

	/** Somebody else's calls of a method take so many milliseconds of its time. */
	spend(method: string, ms: number): void {
		this.#service.operatingOf(method).spend(ms, Date.now());
	}

	/** From now on the access token has expired, before its time. */
	expireToken(): void {
		this.#auth.expire();
	}

	/** From now on the webhook and the application may do nothing else. @param scope - such as `im,imbot` */
	allow(scope: string): void {
		this.#auth.scope = scope;
	}

	/** From now on the bots are no members of that dialog. */
	expel(dialogId: string): void {
		this.#service.closed.add(dialogId);
	}

	/** Calls the listener with every call once its outcome is known. @returns a function that ends it */
	listen(listener: (arrival: RestArrival) => void): () => void {
		return this.#service.log.listen(listener);
	}

	/** Ends every connection, those to the bot included. */
	async close(): Promise<void> {
		await this.#loopback.close();
	}
}
