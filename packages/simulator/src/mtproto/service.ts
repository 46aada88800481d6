import {ChatView} from '../chat-view.ts';
import {Faults} from '../faults.ts';
import {Log, type Draft} from '../log.ts';
import {wait} from '../wait.ts';
import type {MtprotoCall, Payload} from './call.ts';
import type {MtprotoFault} from './fault.ts';
import {methods} from './methods.ts';
import {entities, type Peer} from './peers.ts';
import {peerIn, placeOf, topicOf} from './place.ts';
import {RpcError} from './rpc-error.ts';
import {mtprotoRules} from './rules.ts';
import {createState, type Call, type State} from './state.ts';
import type {TlObject} from './tl-object.ts';
import {date, type Caller, type Pushed} from './updates.ts';
import {write, type MtprotoWriting} from './writing.ts';

/** A call of a method, from whichever wire. */
export interface Request {
	readonly caller: Caller;
	/** With its namespace: `messages.setTyping`. */
	readonly method: string;
	/** In the schema's spelling. A peer may be an `InputPeer`, an id with its sign, a `@username` or `'me'`. */
	readonly payload: Payload;
	/** Aborted when the client hangs up. */
	readonly signal?: AbortSignal;
}

/** How a call ends: with a result, an error, no answer at all, or the end of its connection. */
export type Answer = {readonly result: unknown} | {readonly error: RpcError} | {readonly broken: 'hang' | 'drop'};

/** Who is there in the beginning. */
export interface MtprotoServiceOptions {
	/** The account that calls. @default a person; with `{bot: true}` a bot */
	readonly account?: Partial<Peer>;
	readonly peers?: readonly Peer[];
}

/**
Telegram behind its wire: accounts, chats, messages and who is typing. Plain objects go in and come out.

@example
```ts
const service = new MtprotoService({peers: [{id: 555, username: 'alice'}]});
const caller = {account: service.account};
const payload = {peer: '@alice', action: {_: 'sendMessageTypingAction'}};
await service.call({caller, method: 'messages.setTyping', payload}); // {result: true}
service.chat(555).spans; // sendMessageTypingAction for 6 s
```
*/
export class MtprotoService {
	readonly account: Peer;
	readonly #state: State = createState();
	readonly #faults = new Faults<MtprotoFault>();
	readonly #calls: Log<MtprotoCall, number> = new Log(({peer}) => peer);

	constructor({account = {}, peers = []}: MtprotoServiceOptions = {}) {
		const {
			id = 777_000_111,
			bot = false,
			first_name = bot ? 'Typing Bot' : 'Typing Person',
			username = bot ? 'typing_bot' : 'typist',
		} = account;
		this.account = this.addAccount({...account, id, bot, first_name, username});
		for (const peer of peers) this.addPeer(peer);
	}

	/** Every call that arrived, in order. */
	get log(): readonly MtprotoCall[] {
		return this.#calls.all;
	}

	/** What a bot logs in with. */
	tokenOf({id}: Peer = this.account): string {
		return `${id}:AAF-simulated_token_of_a_simulated_bot`;
	}

	/** Adds an account that can log in. */
	addAccount(account: Peer): Peer {
		this.addPeer(account);
		if (account.bot) this.#state.tokens.set(this.tokenOf(account), account);
		return account;
	}

	/** Adds somebody, or says more about them. */
	addPeer(peer: Peer): Peer {
		this.#state.messages.skip(peer.topics ?? []);
		return this.#state.peers.add(peer);
	}

	/** Somebody writes to the account, in private or in a group it is in. @returns the `message` */
	write(writing: MtprotoWriting, account: Peer = this.account): TlObject {
		return write(writing, account, this.#state);
	}

	/** Pushes any `Update` to the account, with the peers it speaks of. */
	push(update: TlObject, peers: readonly number[] = [], account: Peer = this.account): void {
		const about = entities(
			peers.map(id => this.#state.peers.get(id)),
			account,
		);
		const updates = {_: 'updates', updates: [update], ...about, date: date(), seq: 0};
		this.#state.updates.push({account, updates, origin: undefined});
	}

	/** Makes calls go wrong. @returns a function that ends it */
	fail(fault: MtprotoFault): () => void {
		return this.#faults.add(fault);
	}

	/** What a person saw of the account in that chat and topic; in a forum without `topic`, in General. */
	chat(peer: number, {topic, account = this.account}: {topic?: number; account?: Peer} = {}): ChatView<MtprotoCall> {
		const here = () => topic ?? (this.#state.peers.get(peer)?.topics ? 1 : undefined);
		const isHere = (call: MtprotoCall) => call.topic === here() && call.account?.id === account.id;
		return new ChatView(() => this.#calls.of(peer).filter(call => isHere(call)), mtprotoRules);
	}

	/** Calls the listener with every call once its outcome is known. @returns a function that ends it */
	listen(listener: (call: MtprotoCall) => void): () => void {
		return this.#calls.listen(listener);
	}

	/** Calls the listener with everything an account is told unasked. @returns a function that ends it */
	onPush(listener: (pushed: Pushed) => void): () => void {
		return this.#state.updates.listen(listener);
	}

	/** The next call that matches, once its outcome is known: what a test waits for instead of sleeping. */
	async next(match: string | ((call: MtprotoCall) => boolean)): Promise<MtprotoCall> {
		return this.#calls.next(match);
	}

	/** Carries out a call. It takes effect before this returns; only the answer may take time. */
	async call(request: Request): Promise<Answer> {
		const {outcome, effect = typeof outcome === 'object' && 'latency' in outcome} = this.#faultOf(request) ?? {};
		const draft = this.#arrive(request);
		let answer: Answer;
		if (outcome !== undefined && !effect) answer = faulty(outcome, undefined);
		else {
			answer = this.#run(request, draft);
			if (outcome !== undefined && 'result' in answer) answer = faulty(outcome, answer.result);
		}

		draft.outcome = 'broken' in answer ? answer.broken : 'error' in answer ? 'refused' : 'ok';
		draft.error = 'error' in answer ? answer.error : undefined;
		draft.refused = draft.outcome === 'refused';
		this.#calls.announce(draft);
		if (typeof outcome === 'object' && 'latency' in outcome) await wait(outcome.latency, request.signal ?? new AbortController().signal);
		return answer;
	}

	#faultOf({caller, method, payload}: Request): MtprotoFault | undefined {
		const peer = peerIn(payload, caller.account, this.#state)?.id;
		return this.#faults.take(fault => (fault.method ?? method) === method && (fault.peer === undefined || fault.peer === peer));
	}

	/** The moment a call is counted. */
	#arrive({caller: {account}, method, payload}: Request): Draft<MtprotoCall> {
		const peer = peerIn(payload, account, this.#state);
		const {bytes} = payload;
		const draft: Draft<MtprotoCall> = {
			at: performance.now(),
			method,
			payload: bytes instanceof Uint8Array ? {...payload, bytes: bytes.length} : payload,
			account,
			peer: peer?.id,
			topic: peer && topicOf(payload, peer, this.#state),
			outcome: 'pending',
			refused: false,
			effect: false,
			error: undefined,
		};
		this.#calls.add(draft);
		return draft;
	}

	#run({caller, method: name, payload}: Request, draft: Draft<MtprotoCall>): Answer {
		try {
			const result = this.#result({caller, payload, state: this.#state}, name);
			draft.effect = true;
			return {result};
		} catch (error) {
			if (error instanceof RpcError) return {error};
			throw error;
		}
	}

	#result(call: Omit<Call, 'account'>, name: string): unknown {
		const method = methods.get(name);
		if (!method) throw new RpcError('INPUT_METHOD_INVALID');
		if (method.kind === 'open') return method.run(call);
		const {account} = call.caller;
		if (!account) throw new RpcError('AUTH_KEY_UNREGISTERED');
		if (method.kind === 'any' || method.kind === 'people') {
			if (method.kind === 'people' && account.bot) throw new RpcError('BOT_METHOD_INVALID');
			return method.run({...call, account});
		}

		return method.run({...call, account, place: placeOf(call.payload, account, this.#state, method.kind)});
	}
}

/** The answer a fault gives in place of the true one. */
function faulty(outcome: MtprotoFault['outcome'], result: unknown): Answer {
	if (typeof outcome === 'string') return {broken: outcome};
	return 'latency' in outcome ? {result} : {error: new RpcError(outcome.message, outcome.code)};
}
