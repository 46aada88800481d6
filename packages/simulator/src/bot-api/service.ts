import type {IncomingMessage, ServerResponse} from 'node:http';
import {Faults} from '../faults.ts';
import {Log, type Draft} from '../log.ts';
import {wait} from '../wait.ts';
import {faulty, page, statusOf, write, type Answer} from './answer.ts';
import type {Arrival} from './arrival.ts';
import type {Fault} from './fault.ts';
import {RateLimits, type Limits} from './limits.ts';
import {methods} from './methods.ts';
import {integer, readParameters, text, type Payload} from './parameters.ts';
import {Refusal, tooManyRequests} from './refusal.ts';
import type {Method, State} from './state.ts';

/** What may change while the service runs, asked for at every request. */
export interface Settings {
	readonly token: string;
	/** One way over the network in milliseconds; `latency` is there and back, if a fault sets it for this request. */
	oneWay(latency?: number): number;
	limits(): {bot: Limits | undefined; chat: Limits | undefined};
	/** Aborted when the service closes. */
	readonly closed: AbortSignal;
}

/** A request from its last byte on. */
interface Incoming {
	readonly name: string;
	readonly method: Method | undefined;
	readonly payload: Payload;
	/** A body that could not be understood. */
	readonly unreadable?: Refusal;
	readonly authorized: boolean;
	readonly fault: Fault | undefined;
	readonly signal: AbortSignal;
	readonly webhookReply?: boolean;
}

/** Takes requests, lets them arrive after their time on the network, and answers as Telegram would. */
export class Service {
	readonly log: Log<Arrival, number> = new Log(({chatId}) => chatId);
	readonly faults: Faults<Fault> = new Faults();
	readonly #state: State;
	readonly #settings: Settings;
	readonly #limits = new RateLimits();

	constructor(state: State, settings: Settings) {
		this.#state = state;
		this.#settings = settings;
	}

	async handle(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
		const [path = '', query] = (request.url ?? '').split('?');
		const [, token, name] = /^\/bot(\d+:[\w-]+)\/(\w+)$/.exec(path.replace(/%3a/i, ':')) ?? [];
		let payload: Payload = {};
		let unreadable: Refusal | undefined;
		try {
			payload = await readParameters(request, new URLSearchParams(query));
		} catch (error) {
			// Anything but a refusal means that the client went away in the middle of its request.
			if (!(error instanceof Refusal)) return;
			unreadable = error;
		}

		if (path === '/moved') return void response.writeHead(200, {'content-type': 'text/html'}).end(page('Moved'));
		if (name === undefined) return write(response, {error: new Refusal(404, 'Not Found')});
		const method = methods.get(name.toLowerCase());
		const fault = this.#faultOf(method?.name ?? name, payload);
		const authorized = token === this.#settings.token;
		const latency = typeof fault?.outcome === 'object' && 'latency' in fault.outcome ? fault.outcome.latency : undefined;
		// What was written can't be called back: it arrives although the client has hung up, which is on its way just as long.
		if (!(await wait(this.#settings.oneWay(latency), this.#settings.closed))) return;
		const incoming = {name, method, payload, authorized, fault, signal, ...(unreadable && {unreadable})};
		const draft = this.#arrive(incoming);
		const settle = () => {
			draft.settledAt ??= performance.now();
		};

		signal.addEventListener('abort', settle);
		const answer = await this.#answer(incoming, draft);
		if (!(await wait(this.#settings.oneWay(latency), signal))) return;
		write(response, answer);
		if (draft.outcome !== 'hang') settle();
	}

	/** Carries out a method call that came as the answer to a webhook delivery; nobody hears how it went. */
	async reply(name: string, payload: Payload, signal: AbortSignal): Promise<void> {
		const method = methods.get(name.toLowerCase());
		const fault = this.#faultOf(method?.name ?? name, payload);
		if (!(await wait(this.#settings.oneWay(), signal))) return;
		const incoming = {name, method, payload, authorized: true, fault, signal, webhookReply: true};
		const draft = this.#arrive(incoming);
		await this.#answer(incoming, draft);
		draft.settledAt = performance.now();
	}

	/** The fault that hits a request, used up by one. */
	#faultOf(name: string, payload: Payload): Fault | undefined {
		const chat = this.#state.chats.idOf(payload);
		return this.faults.take(({method = name, chatId = chat}) => method.toLowerCase() === name.toLowerCase() && chatId === chat);
	}

	/** The moment a request is counted. */
	#arrive({name, method, payload, webhookReply = false}: Incoming): Draft<Arrival> {
		const chatId = this.#state.chats.idOf(payload);
		const threadId = integer(payload, 'message_thread_id');
		const forum = chatId !== undefined && this.#state.chats.isForum(chatId);
		const draft: Draft<Arrival> = {
			at: performance.now(),
			method: method?.name ?? name,
			payload,
			chatId,
			threadId,
			topic: threadId ?? (forum ? 1 : undefined),
			businessConnectionId: text(payload, 'business_connection_id'),
			webhookReply,
			outcome: 'pending',
			status: 0,
			refused: false,
			effect: false,
			error: undefined,
			settledAt: undefined,
		};
		this.log.add(draft);
		return draft;
	}

	async #answer(incoming: Incoming, draft: Draft<Arrival>): Promise<Answer> {
		const answer = await this.#outcome(incoming, draft);
		const answered = 'broken' in answer ? answer.broken : 'ok';
		draft.outcome = 'error' in answer ? 'refused' : answered;
		draft.status = statusOf(answer);
		draft.refused = draft.outcome === 'refused';
		if ('error' in answer) draft.error = answer.error;
		this.log.announce(draft);
		return answer;
	}

	async #outcome(incoming: Incoming, draft: Draft<Arrival>): Promise<Answer> {
		const {outcome, effect = typeof outcome === 'object' ? 'latency' in outcome : outcome === 'malformed'} = incoming.fault ?? {};
		if (outcome && !effect) return faulty(outcome, undefined);
		try {
			const result = await this.#run(incoming, draft);
			return outcome ? faulty(outcome, result) : {result};
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			draft.effect = false;
			return {error};
		}
	}

	/** Not async up to the method's own work: a request takes effect in the very moment it is counted. */
	#run({method, payload, unreadable, authorized, signal}: Incoming, draft: Draft<Arrival>): unknown {
		const state = this.#state;
		if (!authorized) throw new Refusal(401, 'Unauthorized');
		if (state.loggedOut) throw new Refusal(400, 'Logged out');
		if (unreadable) throw unreadable;
		if (!method) throw new Refusal(404, 'Not Found: method not found');
		if (method.chat) {
			const seconds = this.#limits.admit(method.name, draft.chatId ?? 0, this.#settings.limits(), draft.at);
			if (seconds > 0) throw tooManyRequests(seconds);
		}

		const place = method.chat && state.chats.place(payload, method.chat);
		const result = method.run({payload, place, signal, state});
		draft.effect = place?.visible ?? true;
		return result;
	}
}
