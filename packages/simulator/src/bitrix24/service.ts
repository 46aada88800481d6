import type {IncomingMessage, ServerResponse} from 'node:http';
import {breakOff, statuses, type Breakage} from '../breakage.ts';
import {Faults} from '../faults.ts';
import {Log, type Draft} from '../log.ts';
import {wait} from '../wait.ts';
import type {RestArrival} from './arrival.ts';
import type {Auth} from './auth.ts';
import {Bucket, type BucketOptions} from './bucket.ts';
import type {RestFault} from './fault.ts';
import {dialogOf, messageOf, methods, textOf} from './methods.ts';
import {Operating, type OperatingOptions} from './operating.ts';
import type {Bitrix24Bot} from './options.ts';
import {described, refusal, RestRefusal, type RestError} from './refusal.ts';
import {readRequest, type RestRequest} from './request.ts';

/** What may change while the portal runs, asked for at every call. */
export interface RestSettings {
	latency(): number;
	/** Aborted when the portal closes. */
	readonly closed: AbortSignal;
	bucket(): BucketOptions | undefined;
	operating(): OperatingOptions;
}

type Answer = {readonly result: unknown} | {readonly error: RestError} | {readonly broken: Breakage};

/** How much of its time one call takes, in milliseconds. */
const effort = 10;

/** Takes calls, lets them arrive after their time on the network, and answers as a portal would. */
export class RestService {
	readonly log: Log<RestArrival, string> = new Log(({dialogId}) => dialogId);
	readonly faults: Faults<RestFault> = new Faults();
	readonly bots: Map<number, Bitrix24Bot> = new Map();
	/** The dialogs the bots are no members of. */
	readonly closed: Set<string> = new Set();
	readonly #auth: Auth;
	readonly #settings: RestSettings;
	readonly #bucket = new Bucket();
	readonly #operating = new Map<string, Operating>();
	/** The dialogs of the messages that were sent. */
	readonly #dialogs = new Map<number, string | undefined>();
	#messages = 1000;

	constructor(auth: Auth, settings: RestSettings) {
		this.#auth = auth;
		this.#settings = settings;
	}

	/** How much time a method has taken of late. */
	operatingOf(method: string): Operating {
		const name = method.toLowerCase();
		const operating = this.#operating.get(name) ?? new Operating();
		this.#operating.set(name, operating);
		return operating;
	}

	nextId(): number {
		return this.#messages++;
	}

	async handle(message: IncomingMessage, response: ServerResponse, hungUp: AbortSignal): Promise<void> {
		let request: RestRequest;
		try {
			request = await readRequest(message);
		} catch {
			return void response.writeHead(400).end(); // Or the client went away.
		}

		if (request.method === '/oauth/token/') return this.#grant(request, response);
		const name = methods.get(request.method?.toLowerCase() ?? '')?.name ?? request.method ?? '';
		const dialog = dialogOf(request.params);
		const fault = this.faults.take(
			({method = name, dialogId = dialog}) => method.toLowerCase() === name.toLowerCase() && dialogId === dialog,
		);
		const latency = typeof fault?.outcome === 'object' && 'latency' in fault.outcome ? fault.outcome.latency : this.#settings.latency();
		// What was written can't be called back: it arrives although the client has hung up, which is on its way just as long.
		if (!(await wait(latency / 2, this.#settings.closed))) return;
		const draft = this.#arrive(name, request);
		hungUp.addEventListener('abort', () => {
			draft.settledAt ??= performance.now();
		});
		const answer = this.#answer(name, request, draft, fault);
		this.log.announce(draft);
		if (!(await wait(latency / 2, hungUp))) return;
		this.#write(response, name, answer);
		if (draft.outcome !== 'hang') draft.settledAt = performance.now();
	}

	#grant({params}: RestRequest, response: ServerResponse): void {
		try {
			writeJson(response, 200, this.#auth.refresh(params));
		} catch (error) {
			const {status, code, description} = error as RestRefusal;
			writeJson(response, status, {error: code, error_description: description});
		}
	}

	/** The moment a call is counted. */
	#arrive(method: string, {params}: RestRequest): Draft<RestArrival> {
		const text = textOf(params);
		const draft: Draft<RestArrival> = {
			at: performance.now(),
			method,
			payload: {...params, ...(text !== undefined && {text})},
			dialogId: dialogOf(params) ?? this.#dialogs.get(messageOf(params)),
			botId: undefined,
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

	/** Not async: a call takes effect in the very moment it is counted. */
	#answer(name: string, request: RestRequest, draft: Draft<RestArrival>, fault: RestFault | undefined): Answer {
		const answer = this.#outcome(name, request, draft, fault);
		if ('error' in answer) {
			draft.error = answer.error;
			draft.refused = true;
			draft.effect = false;
		}

		draft.outcome = 'error' in answer ? 'refused' : 'broken' in answer ? answer.broken : 'ok';
		draft.status = 'error' in answer ? answer.error.status : 'broken' in answer ? statuses[answer.broken] : 200;
		return answer;
	}

	#outcome(name: string, request: RestRequest, draft: Draft<RestArrival>, fault: RestFault | undefined): Answer {
		const outcome = fault?.outcome;
		const instead = faulty(outcome);
		if (instead && !fault?.effect) return instead;
		try {
			const result = this.#run(name, request, draft);
			return instead ?? {result};
		} catch (error) {
			if (!(error instanceof RestRefusal)) throw error;
			return {error: described(error.code, error.status)};
		}
	}

	#run(name: string, {params, ...credentials}: RestRequest, draft: Draft<RestArrival>): unknown {
		const bucket = this.#settings.bucket();
		if (bucket && !this.#bucket.admit(bucket, draft.at)) throw refusal('QUERY_LIMIT_EXCEEDED');
		const by = this.#auth.check(credentials);
		const method = methods.get(name.toLowerCase());
		if (!method) throw refusal('ERROR_METHOD_NOT_FOUND');
		const operating = this.operatingOf(name);
		const limits = this.#settings.operating();
		if (operating.state(limits, Date.now()).taken >= limits.limit) throw refusal('OPERATION_TIME_LIMIT');
		operating.spend(effort, Date.now());
		const done = method.run({params, by, bots: this.bots, closed: this.closed, nextId: () => this.nextId()});
		draft.botId = done.bot.id;
		draft.effect = done.effect;
		if (done.messageId !== undefined) this.#dialogs.set(done.messageId, draft.dialogId);
		return done.result;
	}

	#write(response: ServerResponse, name: string, answer: Answer): void {
		if ('broken' in answer) return breakOff(response, answer.broken, '<html><h1>502 Bad Gateway</h1></html>');
		if ('result' in answer) return writeJson(response, 200, {result: answer.result, time: this.#time(name)});
		const {status, code, description} = answer.error;
		const time = code === 'OPERATION_TIME_LIMIT' && {time: this.#time(name)};
		writeJson(response, status, {error: code, error_description: description, ...time});
	}

	/** By the wall clock, in seconds since 1970. */
	#time(name: string): object {
		const finish = Date.now() / 1000;
		const {taken, resetAt} = this.operatingOf(name).state(this.#settings.operating(), Date.now());
		const date = new Date().toISOString();
		return {
			start: finish - effort / 1000,
			finish,
			duration: effort / 1000,
			processing: effort / 1000,
			date_start: date,
			date_finish: date,
			operating_reset_at: Math.ceil(resetAt / 1000),
			operating: taken / 1000,
		};
	}
}

/** The answer a fault gives in place of the true one. */
function faulty(outcome: RestFault['outcome'] | undefined): Answer | undefined {
	if (typeof outcome === 'string') return {broken: outcome};
	return outcome && 'code' in outcome ? {error: described(outcome.code, outcome.status)} : undefined;
}

function writeJson(response: ServerResponse, status: number, body: object): void {
	response.writeHead(status, {'content-type': 'application/json; charset=utf-8'}).end(JSON.stringify(body));
}
