import type {IncomingMessage, ServerResponse} from 'node:http';
import {breakOff, statuses, type Breakage} from '../breakage.ts';
import {Faults} from '../faults.ts';
import {Log, type Draft} from '../log.ts';
import {wait} from '../wait.ts';
import type {LinqArrival} from './arrival.ts';
import type {LinqFault} from './fault.ts';
import {envelope, Refused, type LinqRefusal} from './refusal.ts';
import {routes, type Answer} from './routes.ts';
import type {LinqState} from './state.ts';

/** Where the API is, below the root of the server. */
export const basePath = '/api/partner';

/** Larger bodies are refused. Not documented. */
const largest = 1024 * 1024;

/** What may change while the service runs, asked for at every request. */
export interface LinqSettings {
	readonly token: string;
	/** One way over the network in milliseconds; `latency` is there and back, if a fault sets it for this request. */
	oneWay(latency?: number): number;
	/** Aborted when the service closes. */
	readonly closed: AbortSignal;
}

/** A request from its last byte on. */
interface Incoming {
	readonly request: IncomingMessage;
	readonly route: (typeof routes)[number] | undefined;
	readonly id: string | undefined;
	readonly payload: Readonly<Record<string, unknown>>;
	/** A body that could not be understood. */
	readonly unreadable: Refused | undefined;
	readonly fault: LinqFault | undefined;
}

/** Takes requests, lets them arrive after their time on the network, and answers as Linq would. */
export class LinqServer {
	readonly log: Log<LinqArrival, string> = new Log(({chatId}) => chatId);
	readonly faults: Faults<LinqFault> = new Faults();
	readonly #state: LinqState;
	readonly #settings: LinqSettings;

	constructor(state: LinqState, settings: LinqSettings) {
		this.#state = state;
		this.#settings = settings;
	}

	async handle(request: IncomingMessage, response: ServerResponse, hungUp: AbortSignal): Promise<void> {
		const incoming = await this.#read(request);
		if (!incoming) return;
		const {outcome} = incoming.fault ?? {};
		const special = typeof outcome === 'object' ? (outcome as {latency?: number; late?: number}) : {};
		// What was written can't be called back: it arrives although the client has hung up, which is on its way just as long.
		if (!(await wait(this.#settings.oneWay(special.latency) + (special.late ?? 0), this.#settings.closed))) return;
		const draft = this.#arrive(incoming);
		const answer = this.#answer(incoming, draft);
		this.log.announce(draft);
		if (await wait(this.#settings.oneWay(special.latency), hungUp)) write(response, answer);
	}

	/** @returns nothing if the client went away in the middle of its request */
	async #read(request: IncomingMessage): Promise<Incoming | undefined> {
		const [url = ''] = (request.url ?? '').split('?');
		const path = url.startsWith(basePath) ? url.slice(basePath.length) : undefined;
		const route = routes.find(({verb, path: pattern}) => verb === request.method && path !== undefined && pattern.test(path));
		const id = path === undefined ? undefined : route?.path.exec(path)?.[1]?.toLowerCase();
		let payload: Incoming['payload'] = {};
		let unreadable: Refused | undefined;
		try {
			payload = await readBody(request);
		} catch (error) {
			if (!(error instanceof Refused)) return undefined;
			unreadable = error;
		}

		const name = route?.name ?? 'unknown';
		const fault = this.faults.take(({method = name, chatId = id}) => method === name && chatId?.toLowerCase() === id);
		return {request, route, id, payload, unreadable, fault};
	}

	/** The moment a request is counted. */
	#arrive({request, route, id, payload}: Incoming): Draft<LinqArrival> {
		const {authorization: _secret, ...headers} = request.headers;
		const draft: Draft<LinqArrival> = {
			at: performance.now(),
			method: route?.name ?? 'unknown',
			payload,
			chatId: route?.path.source.includes('chats') ? id : undefined,
			outcome: 'pending',
			status: 0,
			refused: false,
			effect: false,
			error: undefined,
			headers: headers as Record<string, string>,
		};
		this.log.add(draft);
		return draft;
	}

	#answer(incoming: Incoming, draft: Draft<LinqArrival>): Answer | Breakage {
		const {outcome, effect = typeof outcome === 'object' && !('code' in outcome)} = incoming.fault ?? {};
		try {
			const answer: Answer = outcome && !effect ? {status: 0} : this.#run(incoming, draft);
			if (outcome && typeof outcome === 'object' && 'code' in outcome) return refuse(draft, outcome);
			draft.outcome = typeof outcome === 'string' ? outcome : 'ok';
			draft.status = typeof outcome === 'string' ? statuses[outcome] : answer.status;
			return typeof outcome === 'string' ? outcome : answer;
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			return refuse(draft, error.refusal);
		}
	}

	#run({request, route, id = '', payload, unreadable}: Incoming, draft: Draft<LinqArrival>): Answer {
		if (request.headers.authorization !== `Bearer ${this.#settings.token}`) throw new Refused(401, 2004);
		if (unreadable) throw unreadable;
		if (!route) throw new Refused(404, 2001);
		const answer = route.run({state: this.#state, payload, id});
		draft.effect = answer.visible ?? true;
		return answer;
	}
}

function refuse(draft: Draft<LinqArrival>, refusal: LinqRefusal): Answer {
	draft.outcome = 'refused';
	draft.refused = true;
	draft.status = refusal.status;
	draft.error = refusal;
	return {status: refusal.status, body: envelope(refusal)};
}

/** @throws {Refused} if it can't be understood */
async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		// Read on to the end all the same: a client that is still sending would take an early answer for a reset.
		if (size <= largest) chunks.push(chunk);
	}

	if (size > largest) throw new Refused(413, 1003);
	if (size === 0) return {};
	let body: unknown;
	try {
		body = JSON.parse(Buffer.concat(chunks).toString());
	} catch {
		throw new Refused(400, 1003);
	}

	if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Refused(400, 1003);
	return {...body, ...(text(body) !== undefined && {text: text(body)})};
}

/** What a chat view shows of a message. */
function text(body: {message?: {parts?: unknown}}): string | undefined {
	const parts = body.message?.parts;
	return Array.isArray(parts)
		? parts.map((part: {value?: unknown} | null) => (typeof part?.value === 'string' ? part.value : '')).join('\n')
		: undefined;
}

/** Sends the answer, or does whatever the fault does to the connection. */
function write(response: ServerResponse, answer: Answer | Breakage): void {
	if (typeof answer === 'string') return breakOff(response, answer, '<html><title>Bad Gateway</title></html>');
	const {status, body} = answer;
	const {error}: {error?: {retry_after?: number}} = body ?? {};
	const after = error?.retry_after;
	response.writeHead(status, {
		...(body && {'content-type': 'application/json'}),
		...(after !== undefined && {'retry-after': String(after)}),
	});
	response.end(body && JSON.stringify(body));
}
