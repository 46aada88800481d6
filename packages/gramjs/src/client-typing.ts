import {Indicator, type IndicatorOptions} from '@auto-typing/core';
import {mtproto, peerKey, type MessageTarget, type MtprotoAction, type MtprotoTarget, type SetTyping} from '@auto-typing/mtproto';
import {impatient, type GramjsClient} from './client.ts';
import {originOf, topicOf, type EventLike} from './event.ts';
import {Handlers} from './handlers.ts';
import {override} from './override.ts';
import {messageOf, setTyping, type RequestLike} from './request.ts';
import {follow} from './sender.ts';
import {Finder, Target} from './target.ts';
import {Topics} from './topics.ts';
import {uploadOf, type FileParameters} from './upload.ts';

export type ClientTypingOptions = IndicatorOptions<MtprotoTarget<string>, MtprotoAction>;

/**
A message without an answer after this many milliseconds may never have one: the person should see again that somebody is working.
*/
const patience = 10_000;

/** The indicator of one client, and how it sees the client's messages. */
export class ClientTyping {
	readonly indicator: Indicator<Target, MtprotoAction>;
	readonly handlers: Handlers;
	readonly #client: GramjsClient;
	readonly #impatient: GramjsClient;
	readonly #topics = new Topics();

	constructor(client: GramjsClient, options: ClientTypingOptions) {
		this.#client = client;
		this.handlers = new Handlers(client);
		this.#impatient = impatient(client);
		const platform = mtproto<Target>(async (payload, signal, target) => this.#show(payload, signal, target));
		this.indicator = new Indicator(
			{
				...platform,
				fallback(target, error) {
					const elsewhere = platform.fallback?.(target, error);
					return elsewhere && Target.elsewhere(target, elsewhere);
				},
			},
			options,
		);
		// Whatever GramJS sends, be it a message, a reply, a forward or an album, goes through here in the end.
		// oxlint-disable-next-line promise-function-async -- what is no message passes as it is
		override(client, 'invoke', (invoke, request: RequestLike, ...rest) => {
			const message = messageOf(request);
			const send = async () => invoke(request, ...rest);
			return message ? this.#message(message, request, send) : send();
		});
		override(client, 'sendFile', async (send, entity, parameters: FileParameters) => this.#upload(entity, parameters, send));
	}

	/** Where the handler of an event works; `undefined` where there is no chat. */
	targetOf(event: EventLike): Target | undefined {
		const origin = safely(() => originOf(event));
		if (!origin) {
			return undefined;
		}

		const {chat, peer = chat, source, message, pressed} = origin;
		const topic = topicOf(message) ?? this.#topics.of(chat, pressed);
		if (message && topic !== undefined) {
			this.#topics.remember(chat, message.id, topic);
		}

		return new Target(chat, topic, new Finder(this.#client, source, peer), message?.post);
	}

	async #show(payload: SetTyping, signal: AbortSignal, target: Target): Promise<unknown> {
		const request = setTyping(await Target.inputPeerOf(target), payload, signal);
		return new Promise((resolve, reject) => {
			follow(this.#client, request, {
				signal,
				attempt(send, answer) {
					send();
					answer.catch(reject); // GramJS tells of any trouble of the service 2 s later: it has slept on it, even if it won't try again.
				},
			});
			this.#impatient.invoke(request).then(resolve, reject);
		});
	}

	async #message({peer, topMsgId, replyToMsgId}: MessageTarget, request: object, send: () => Promise<unknown>): Promise<unknown> {
		const known = this.#chatOf(peer);
		const chat = typeof known === 'string' ? known : await known; // No wait where none is needed: messages keep their order.
		if (chat === undefined) {
			return send();
		}

		const topic = topMsgId ?? this.#topics.of(chat, replyToMsgId);
		return this.indicator.message(new Target(chat, topic), async gate => {
			let timer: ReturnType<typeof setTimeout> | undefined;
			const beImpatient = () => {
				clearTimeout(timer);
				timer = setTimeout(() => gate.open(), patience);
				(timer as {unref?(): void}).unref?.();
			};
			beImpatient();
			// While GramJS sleeps on a refusal the message is not on its way.
			follow(this.#client, request, {
				attempt(send, answer) {
					answer.catch(() => gate.open());
					void gate.close().then(() => {
						beImpatient();
						send();
					});
				},
			});
			try {
				const answer = await send();
				safely(() => this.#topics.learn(answer));
				return answer;
			} finally {
				clearTimeout(timer);
			}
		});
	}

	/** While somebody works in the chat, show its files on their way. The message at the end is seen by itself. */
	async #upload(entity: unknown, parameters: FileParameters, send: SendFile): Promise<unknown> {
		const upload = this.indicator.size > 0 ? uploadOf(parameters) : undefined;
		const peer = upload && (await this.#inputPeerOf(entity));
		const chat = peer === undefined ? undefined : await this.#chatOf(peer);
		const target = chat === undefined ? undefined : new Target(chat, this.#topicFor(chat, parameters));
		const outer = target && this.indicator.current(target);
		if (!upload || !outer) {
			return send(entity, parameters);
		}

		const {interval, maxDuration} = outer.settings;
		return this.indicator
			.start(target, {action: upload.action, interval, maxDuration}, outer)
			.during(async () => send(peer, upload.parameters));
	}

	/** The topic that a file is for. */
	#topicFor(chat: string, {replyTo, topMsgId}: FileParameters): number | undefined {
		return idOf(topMsgId) ?? this.#topics.of(chat, idOf(replyTo));
	}

	/** One text for a chat, at once where GramJS need not be asked; `undefined` for what is no chat: GramJS will say so. */
	#chatOf(peer: unknown): string | Promise<string | undefined> {
		const key = safely(() => peerKey(peer));
		return key !== undefined && /^-?\d+$/.test(key) ? key : this.#find(peer, key);
	}

	async #find(peer: unknown, key: string | undefined): Promise<string | undefined> {
		const found: unknown = key === 'me' ? await this.#client.getMe(true).catch(() => {}) : key && (await this.#inputPeerOf(peer));
		return found ? this.#chatOf(found) : undefined;
	}

	async #inputPeerOf(entity: unknown): Promise<unknown> {
		return this.#client.getInputEntity(entity).catch(() => {});
	}
}

type SendFile = (entity: unknown, parameters: FileParameters) => Promise<unknown>;

/** GramJS takes the number of a message, or the message. */
function idOf(message: unknown): number | undefined {
	return typeof message === 'number' ? message : (message as {id?: number} | undefined)?.id;
}

/** What this package can't read must not fail the handler. */
function safely<Result>(read: () => Result): Result | undefined {
	try {
		return read();
	} catch {
		return undefined;
	}
}

/** By client, so that any number of installations find the same indicator and share one budget. */
const clients = new WeakMap<GramjsClient, ClientTyping>();

/** The one of a client. The first installation that meets it decides its options. */
export function clientTyping(client: GramjsClient, options: ClientTypingOptions): ClientTyping {
	let typing = clients.get(client);
	if (!typing) {
		typing = new ClientTyping(client, options);
		clients.set(client, typing);
	}

	return typing;
}
