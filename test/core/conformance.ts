import {Indicator, typeOf, type AnyAction, type Failure, type Platform} from '@auto-typing/core';
import {ChatView, fewestCalls, type Entry} from '@auto-typing/simulator';
import test, {type ExecutionContext} from 'ava';
import {inFakedTime, wait} from './harness.ts';

/** What a platform's client does with one request: hand it the signal, and the conversation if there are several. */
type Request = (kind: 'send' | 'stop', signal: AbortSignal) => Promise<void>;

export interface Conformance<Target, Action extends AnyAction> {
	readonly name: string;
	/** Makes the platform. Its client calls `request` for every call to the service, instead of the network. */
	readonly platform: (request: Request) => Platform<Target, Action>;
	readonly target: Target;
	/** Another chat. */
	readonly otherTarget: Target;
	/** What the service's refusals mean. */
	readonly errors: ReadonlyArray<readonly [error: unknown, expected: Failure]>;
	/** One action of each type, where actions have fields. The platform's own `actions` by default. */
	readonly actions?: readonly Action[];
	/** Whether the service offers a call that takes the indicator down. */
	readonly stop?: boolean;
	/** Whether a message takes the indicator down. */
	readonly messageClears?: boolean;
	/** Whether its client can abort a request. */
	readonly abortable?: boolean;
}

/** How long each call takes, and when it arrives, in milliseconds. */
const roundTrip = 100;
const trip = 50;

interface Stage<Target, Action extends AnyAction> {
	readonly t: ExecutionContext;
	readonly platform: Platform<Target, Action>;
	readonly indicator: Indicator<Target, Action>;
	readonly view: ChatView;
	/** What reached the service, and when. */
	readonly log: Array<Entry & {readonly method: 'send' | 'stop' | 'message'}>;
	readonly signals: AbortSignal[];
	readonly errors: unknown[];
	/** Refuses each request with this. */
	refusal: {readonly error: unknown} | undefined;
	/** Leaves each request unanswered. */
	hangs: boolean;
	readonly message: () => Promise<void>;
	readonly until: (ms: number) => Promise<void>;
}

/** The tests that every platform passes: register them with its capabilities, and add its quirks below. */
export function conformance<Target, Action extends AnyAction>({
	name,
	platform: make,
	target,
	otherTarget,
	errors,
	actions,
	stop = false,
	messageClears = true,
	abortable = true,
}: Conformance<Target, Action>): void {
	const scenario = (title: string, body: (stage: Stage<Target, Action>) => Promise<void>) => {
		test.serial(`${name}: ${title}`, async t => {
			await inFakedTime(async clock => {
				const start = performance.now();
				const log: Stage<Target, Action>['log'] = [];
				const arrive = (method: 'send' | 'stop' | 'message') => {
					log.push({at: performance.now() - start, method, payload: {}, effect: true, refused: false});
				};
				const platform = make(async (kind, signal) => {
					stage.signals.push(signal);
					if (stage.refusal) {
						await wait(trip);
						throw stage.refusal.error;
					}

					await new Promise<void>((resolve, reject) => {
						signal.addEventListener('abort', () => {
							reject(signal.reason);
						});
						if (!stage.hangs) {
							setTimeout(() => {
								if (!signal.aborted) {
									arrive(kind);
								}
							}, trip);
							setTimeout(resolve, roundTrip);
						}
					});
				});
				const stage: Stage<Target, Action> = {
					t,
					platform,
					indicator: new Indicator(platform, {onError: error => stage.errors.push(error)}),
					view: new ChatView(log, {
						ttl: platform.ttl,
						shows: ({method}) => (method === 'send' ? 'shown' : undefined),
						clears: ({method}) => method === 'stop' || (method === 'message' && messageClears),
					}),
					log,
					signals: [],
					errors: [],
					refusal: undefined,
					hangs: false,
					message: async () => {
						await wait(trip);
						arrive('message');
						await wait(roundTrip - trip);
					},
					until: async ms => {
						await clock.tickAsync(ms - (performance.now() - start));
					},
				};
				await body(stage);
				await clock.tickAsync(10_000);
				t.is(stage.indicator.size, 0);
				t.is(clock.countTimers(), 0);
			});
		});
	};

	const sendsOf = (stage: Stage<Target, Action>) => stage.log.filter(({method}) => method === 'send').length;

	scenario('says what it is', async ({t, platform}) => {
		t.regex(platform.name, /^[a-z\d-]+$/);
		t.true(platform.ttl > 0);
		t.true((platform.interval ?? 0) < platform.ttl);
		t.true(platform.actions?.includes(typeOf(platform.action)) ?? true);
		t.is(typeof platform.key(target), 'string');
		// Guards the engine against a platform that offers a call that does nothing.
		t.is(typeof platform.stop, stop ? 'function' : 'undefined');
	});

	scenario('twelve seconds of work are one span, in the fewest calls', async stage => {
		const {t, platform, indicator, view, until} = stage;
		const handler = indicator.run(target, async () => wait(12_000));
		await until(12_000);
		await handler;
		await until(60_000);
		const interval = platform.interval ?? platform.ttl * 0.9;
		t.deepEqual(view.dark(200 + trip, 12_000), []);
		t.is(view.spans.length, 1);
		t.is(sendsOf(stage), fewestCalls(12_000, {ttl: platform.ttl, interval, delay: 200}));
		t.is(stage.log.filter(({method}) => method === 'stop').length, stop ? 1 : 0);
		t.is(view.spans[0]?.to, stop ? 12_000 + trip : (view.spans[0]?.to ?? 0));
		t.true((view.spans[0]?.to ?? 0) <= 12_000 + platform.ttl);
	});

	scenario('every action there is can be shown', async stage => {
		const {t, platform, indicator, until} = stage;
		const wanted = actions ?? (platform.actions as readonly Action[] | undefined) ?? [platform.action];
		t.deepEqual(wanted.map(typeOf).toSorted(), (platform.actions ?? wanted.map(typeOf)).toSorted());
		let at = 0;
		for (const action of wanted) {
			const typing = indicator.start(target, {delay: 0, action});
			at += 20_000; // The budget of the chat, where there is one.
			await until(at);
			typing.stop();
			await until((at += 10_000));
		}

		t.true(sendsOf(stage) >= wanted.length);
		t.deepEqual(stage.errors, []);
	});

	scenario('two handlers in a chat share one indicator', async stage => {
		const {t, platform, indicator, until} = stage;
		const handlers = [indicator.run(target, async () => wait(8000)), indicator.run(target, async () => wait(9000))];
		t.is(indicator.size, 1);
		await until(10_000);
		await Promise.all(handlers);
		const interval = platform.interval ?? platform.ttl * 0.9;
		t.is(sendsOf(stage), fewestCalls(9000, {ttl: platform.ttl, interval, delay: 200}));
	});

	scenario('two chats have two', async ({t, platform, indicator, until}) => {
		t.not(platform.key(target), platform.key(otherTarget));
		const holds = [indicator.start(target), indicator.start(otherTarget)];
		t.is(indicator.size, 2);
		indicator.cancel(target);
		t.deepEqual(
			holds.map(({ended}) => ended),
			[true, false],
		);
		await until(1000);
		holds[1]?.stop();
	});

	scenario('a target is read, never kept apart by identity, and never changed', async ({t, platform, indicator, until}) => {
		const copy = structuredClone(target);
		t.is(platform.key(copy), platform.key(target));
		const typing = indicator.start(Object.freeze(copy));
		await until(6000);
		typing.stop();
		t.deepEqual(copy, target);
	});

	scenario(
		'nothing is seen after a message that ends the work, even if it meets a call in flight',
		async ({t, indicator, view, message, until}) => {
			const handler = indicator.run(target, async () => {
				await wait(230); // A send left at 200 and arrives at 250.
				await indicator.message(target, message);
			});
			await until(30_000);
			await handler;
			t.is(view.messages.length, 1);
			if (messageClears) {
				t.is(view.after(view.messages[0]?.at ?? 0), 0);
			}
		},
	);

	scenario(`the signal of a send is aborted when the work ends${abortable ? ', and the client honours it' : ''}`, async stage => {
		const {t, indicator, until} = stage;
		stage.hangs = true;
		const typing = indicator.start(target, {delay: 0});
		await until(100);
		t.is(stage.signals.length, 1);
		t.false(stage.signals[0]?.aborted);
		typing.stop();
		t.true(stage.signals[0]?.aborted);
		stage.hangs = false;
		await until(200);
		if (abortable) {
			// Owing a stop it waits for that too.
			await until(1000);
			t.is(indicator.size, 0);
		}

		t.deepEqual(stage.errors, []);
	});

	for (const [index, [error, expected]] of errors.entries()) {
		scenario(
			`refusal ${index + 1} is ${typeof expected === 'object' ? `a silence of ${expected.after} ms` : `"${expected}"`}, and harms nobody`,
			async stage => {
				const {t, platform, indicator, until} = stage;
				t.deepEqual(platform.classify?.(error) ?? 'retry', expected);
				stage.refusal = {error};
				const handler = indicator.run(target, async typing => {
					await wait(2000);
					return typing.signal.aborted;
				});
				await until(400);
				stage.refusal = undefined;
				await until(2000);
				t.is(await handler, expected === 'gone');
				t.is(stage.errors[0], error);
				const back = expected === 'retry' || (typeof expected === 'object' && expected.after < 1500);
				t.is(sendsOf(stage) > 0, back, 'whether it comes back within two seconds');
				await until(10_000);
			},
		);
	}

	scenario('nothing that can be thrown breaks it', async ({t, platform}) => {
		for (const thrown of [
			undefined,
			null,
			0,
			'',
			'no',
			Symbol('no'),
			{},
			[],
			new Error('no'),
			{error_code: 'no'},
			{response: null},
			Object.create(null),
		]) {
			t.notThrows(() => platform.classify?.(thrown), typeof thrown);
			t.is(platform.classify?.(thrown) ?? 'retry', 'retry', typeof thrown);
			t.is(platform.fallback?.(target, thrown), undefined);
		}
	});
}
