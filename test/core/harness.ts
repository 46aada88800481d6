import FakeTimers, {type Clock} from '@sinonjs/fake-timers';
import {Indicator, type Failure, type IndicatorOptions, type Platform, type TypingEvent} from '@auto-typing/core';
import {ChatView, type Entry, type Shown} from '@auto-typing/simulator';
import test, {type ExecutionContext} from 'ava';

export interface Target {
	readonly chat: string;
	readonly topic?: number;
}

export const actions = ['typing', 'upload_photo', 'record_voice'] as const;
export type Action = (typeof actions)[number];

/** What becomes of one call, in milliseconds from its start. */
export interface Fate {
	/** When it is answered; `Infinity`: its promise never settles. */
	readonly roundTrip: number;
	/** When it takes effect. Half way by default. */
	readonly arrival: number;
	/** Refused with this, without effect. */
	readonly error: unknown;
	/** It took effect, but the answer was lost: refused with `error` all the same. */
	readonly lost: boolean;
	/** The client goes on although its signal was aborted. */
	readonly deaf: boolean;
}

/** One call of the engine to the platform, as the client saw it. */
export interface Call {
	readonly kind: 'send' | 'stop';
	readonly chat: string;
	readonly target: Target;
	readonly action?: Action;
	readonly at: number;
	settledAt: number;
	abortedAt: number;
}

/** A refusal whose meaning is written on it, so that `classify` is one line. */
export class Refusal extends Error {
	readonly failure: Failure;

	constructor(failure: Failure) {
		super(`refused: ${JSON.stringify(failure)}`);
		this.failure = failure;
	}
}

/** A bug in a test must not look like a slow network: nothing takes longer than this. */
const never = Infinity;

/**
A chat service of which everything can be decided: how long each call takes, what becomes of it, and whether the client honours its signal.

Times are milliseconds since the test began. The clock of the process was running long before that: an engine that takes 0 for "never" is wrong.
*/
export class Service {
	readonly calls: Call[] = [];
	/** Decides the fate of one call; what it leaves out is as in {@link roundTrip}. */
	fate: (call: Call) => Partial<Fate> = () => ({});
	/** Of calls and messages, unless they say otherwise. */
	roundTrip = 100;
	readonly #start = performance.now();
	readonly #log: Array<Entry & {readonly chat: string}> = [];

	now(): number {
		return performance.now() - this.#start;
	}

	/** Whether it can take an indicator down is up to `stop`; everything else can be overridden too. */
	platform({stop = false, ...members}: Partial<Omit<Platform<Target, Action>, 'stop'>> & {readonly stop?: boolean} = {}): Platform<
		Target,
		Action
	> {
		return {
			name: 'fake',
			ttl: 5000,
			action: 'typing',
			actions,
			key: ({chat, topic = ''}) => `${chat}/${topic}`,
			send: async (target, action, signal) => this.#call({kind: 'send', target, action}, signal),
			...(stop && {stop: async (target: Target, signal: AbortSignal) => this.#call({kind: 'stop', target}, signal)}),
			classify: error => (error instanceof Refusal ? error.failure : 'retry'),
			...members,
		};
	}

	/** Sends a message, as a handler would: to hand to `indicator.message`. */
	message(chat: string, {roundTrip = this.roundTrip, arrival = roundTrip / 2, error}: Partial<Fate> = {}): () => Promise<string> {
		return async () => {
			const left = this.now();
			await wait(arrival);
			this.#arrived('message', chat, error === undefined);
			await wait(left + roundTrip - this.now());
			if (error !== undefined) {
				throw error;
			}

			return 'sent';
		};
	}

	/** Sends a message with a file that takes `before` milliseconds to upload, then behaves like a message. */
	upload(
		chat: string,
		{before, gated = true, ...fate}: Partial<Fate> & {readonly before: number; readonly gated?: boolean},
	): (gate: {close(): Promise<void>}) => Promise<string> {
		return async gate => {
			await wait(before);
			if (gated) {
				await gate.close();
			}

			return this.message(chat, fate)();
		};
	}

	/** What the person in a chat saw. */
	view(chat = 'a'): ChatView {
		const ttl = this.ttl;
		return new ChatView(() => this.#log.filter(entry => entry.chat === chat).toSorted((a, b) => a.at - b.at), {
			ttl,
			shows: ({method, payload}) => (method === 'send' ? String(payload['action']) : undefined),
			clears: ({method}) => method !== 'send',
			message: ({method}) => method === 'message',
		});
	}

	/** As {@link view} sees it: keep in step with the platform's. */
	ttl = 5000;

	/** `[from, to, action]` of all that the person in a chat saw. */
	spans(chat = 'a'): Array<[number, number, string]> {
		return this.view(chat).spans.map(({from, to, action}: Shown) => [from, to, action]);
	}

	/** When messages landed. */
	landings(chat = 'a'): number[] {
		return this.view(chat).messages.map(({at}) => at);
	}

	/** When the calls of one kind were started. */
	startsOf(kind: 'send' | 'stop', chat?: string): number[] {
		return this.calls.filter(call => call.kind === kind && (chat === undefined || call.chat === chat)).map(({at}) => at);
	}

	/** The most calls that were in flight in one chat at once; a call counts until it settles or its deadline is over. */
	mostInFlight(deadline = 3000): number {
		let most = 0;
		for (const one of this.calls) {
			const others = this.calls.filter(
				({chat, at, settledAt}) => chat === one.chat && at <= one.at && Math.min(settledAt, at + deadline) > one.at,
			);
			most = Math.max(most, others.length);
		}

		return most;
	}

	#arrived(method: string, chat: string, effect: boolean, action?: Action): void {
		this.#log.push({at: this.now(), chat, method, payload: {action}, effect, refused: !effect});
	}

	async #call({kind, target, action}: {kind: 'send' | 'stop'; target: Target; action?: Action}, signal: AbortSignal): Promise<void> {
		const {chat} = target;
		const call: Call = {kind, chat, target, ...(action && {action}), at: this.now(), settledAt: never, abortedAt: never};
		this.calls.push(call);
		const fate = this.fate(call);
		const {roundTrip = this.roundTrip, error, lost = false, deaf = false} = fate;
		const {arrival = roundTrip / 2} = fate;
		signal.addEventListener('abort', () => (call.abortedAt = this.now()), {once: true});
		try {
			await new Promise<void>((resolve, reject) => {
				const timers: Array<ReturnType<typeof setTimeout>> = [];
				if (!deaf) {
					signal.addEventListener('abort', () => {
						for (const timer of timers) {
							clearTimeout(timer);
						}

						reject(signal.reason);
					});
				}

				const arrive = () => this.#arrived(kind, chat, lost || error === undefined, action);
				const answer = () => (error === undefined ? resolve() : reject(error));
				if (roundTrip === 0) {
					arrive();
					answer();
					return;
				}

				if (arrival !== never) {
					timers.push(setTimeout(arrive, arrival));
				}

				if (roundTrip !== never) {
					timers.push(setTimeout(answer, roundTrip));
				}
			});
		} finally {
			call.settledAt = this.now();
		}
	}
}

/** Work of a handler. */
export async function wait(ms: number): Promise<void> {
	return new Promise(resolve => {
		setTimeout(resolve, ms);
	});
}

export const a: Target = {chat: 'a'};
export const b: Target = {chat: 'b'};

/** Everything one test needs. */
export class World {
	readonly clock: Clock;
	readonly service: Service;
	readonly events: Array<TypingEvent<Target, Action>> = [];
	readonly errors: unknown[] = [];
	readonly #indicators: Array<Indicator<Target, Action>> = [];

	constructor(clock: Clock) {
		this.clock = clock;
		this.service = new Service();
	}

	/** An indicator on the service's platform, watched, and checked for leaks when the test ends. */
	indicator(
		platform: Parameters<Service['platform']>[0] = {},
		{onEvent, onError, ...options}: IndicatorOptions<Target, Action> = {},
	): Indicator<Target, Action> {
		this.service.ttl = platform.ttl ?? 5000;
		const indicator = new Indicator<Target, Action>(this.service.platform(platform), {
			...options,
			onEvent: event => {
				this.events.push(event);
				return onEvent?.(event); // It may be a promise, for the engine to look after.
			},
			onError: (error, target) => {
				this.errors.push(error);
				return onError?.(error, target);
			},
		});
		this.#indicators.push(indicator);
		return indicator;
	}

	/** `type reason` of all events so far. */
	get told(): string[] {
		return this.events.map(({type, reason}) => `${type} ${reason}`);
	}

	/** Let the time pass until so many milliseconds after the start of the test. */
	async until(ms: number): Promise<void> {
		await this.clock.tickAsync(ms - this.service.now());
	}

	/** Let everything come to rest, and see that nothing is left: no lease, no timer. */
	async finish(t: ExecutionContext): Promise<void> {
		await this.clock.tickAsync(10_000);
		for (const {size} of this.#indicators) {
			t.is(size, 0, 'a lease is left');
		}

		t.is(this.clock.countTimers(), 0, 'a timer is left');
	}
}

/** One test on faked time, in which nothing may be left over at the end. */
export function scenario(title: string, body: (t: ExecutionContext, world: World) => Promise<void>): void {
	test.serial(title, async t => {
		await inFakedTime(async clock => {
			const world = new World(clock);
			await body(t, world);
			await world.finish(t);
		});
	});
}

/** Microtasks stay real: promises are not what is faked. */
export async function inFakedTime<Result>(body: (clock: Clock) => Promise<Result>): Promise<Result> {
	const clock = FakeTimers.install({
		now: Date.UTC(2026, 0, 1),
		toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'Date', 'performance'],
	});
	try {
		clock.tick(100_000); // A process that runs for a while.
		return await body(clock);
	} finally {
		clock.uninstall();
	}
}

/** Numbers that look random and are the same in every run. */
export {random} from '@auto-typing/simulator';
