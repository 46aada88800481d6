import type {Indicator} from '@auto-typing/core';
import {a, Refusal, scenario, wait, type Action, type Target} from './harness.ts';

// Promises 4 and 7 to 9: one call at a time, and how a hold ends.

const never = Infinity;

for (const deaf of [false, true]) {
	scenario(
		`4 one request: a call that never settles is given up after 3 s and tried again (client ${deaf ? 'ignores' : 'honours'} its signal)`,
		async (t, world) => {
			const indicator = world.indicator();
			world.service.fate = ({at}) => (at < 3000 ? {roundTrip: never, arrival: never, deaf} : {});
			const typing = indicator.start(a);
			await world.until(12_000);
			typing.stop();
			t.deepEqual(world.service.startsOf('send').slice(0, 2), [200, 3200]);
			t.deepEqual(world.service.view().dark(3250, 12_000), []);
			t.is(world.service.mostInFlight(), 1);
			t.is(world.errors.length, 1);
			t.true(world.told.includes('failure timeout'));
		},
	);
}

scenario('4 one request: the deadline is shorter than a short interval', async (t, world) => {
	const indicator = world.indicator({ttl: 1000, interval: 900}, {delay: 0});
	world.service.fate = ({at}) => (at === 0 ? {roundTrip: never, arrival: never} : {});
	const typing = indicator.start(a);
	await world.until(5000);
	typing.stop();
	t.is(world.service.calls[0]?.abortedAt, 600);
	t.deepEqual(world.service.startsOf('send').slice(0, 2), [0, 600]);
});

scenario('4 one request: what was answered while the process was busy for longer than the deadline is no failure', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const typing = indicator.start(a);
	for (let round = 1; round <= 8; round++) {
		world.clock.jump(3300); // A tokenizer: the timer of the deadline is due as well when the answer can be read.
		await world.until(round * 3350);
	}

	typing.stop();
	t.deepEqual(world.errors, []);
	// The first chance after each 4,500 ms, and none the later for having been busy.
	t.deepEqual(world.service.startsOf('send'), [0, 6650, 13_350, 20_050, 26_750]);
});

scenario('4 one request: an action that changes in flight is shown as soon as the first call has settled', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.roundTrip = 400;
	const typing = indicator.start(a);
	for (const [at, action] of [
		[100, 'upload_photo'],
		[200, 'typing'],
		[300, 'record_voice'],
	] as const) {
		await world.until(at);
		typing.action = action satisfies Action;
	}

	await world.until(3000);
	typing.stop();
	t.deepEqual(world.service.startsOf('send'), [0, 400]);
	t.deepEqual(
		world.service.view().spans.map(({from, action}) => [from, action]),
		[
			[200, 'typing'],
			[600, 'record_voice'],
		],
	);
	t.is(world.service.mostInFlight(), 1);
});

for (const deaf of [false, true]) {
	scenario(
		`4 one request: a pause in flight aborts it, and a resume waits for it (client ${deaf ? 'ignores' : 'honours'} its signal)`,
		async (t, world) => {
			const indicator = world.indicator({}, {delay: 0});
			world.service.fate = () => ({roundTrip: 1000, deaf});
			const typing = indicator.start(a);
			await world.until(100);
			typing.pause();
			await world.until(200);
			typing.resume();
			await world.until(4000);
			typing.stop();
			t.is(world.service.calls[0]?.abortedAt, 100);
			t.deepEqual(world.service.startsOf('send'), [0, deaf ? 1000 : 200]);
			t.is(world.service.mostInFlight(), 1);
			t.deepEqual(world.errors, []);
		},
	);
}

scenario(
	'4 one request: a platform that throws synchronously, or returns no promise, is a failure like any other, or a success',
	async (t, world) => {
		let calls = 0;
		const indicator = world.indicator(
			{
				send() {
					calls++;
					if (calls === 1) {
						throw new Error('a bug');
					}

					return undefined as never;
				},
			},
			{delay: 0},
		);
		const typing = indicator.start(a);
		await world.until(1000);
		t.is(calls, 2);
		t.deepEqual(world.told, ['send first', 'failure error', 'send retry']);
		typing.stop();
	},
);

scenario('4 one request: nothing is in flight twice, with a client that is deaf and slow', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	let count = 0;
	world.service.fate = () => ({roundTrip: [2900, 3100, 6000, 100, never][count++ % 5] ?? 0, arrival: 50, deaf: true});
	const typing = indicator.start(a);
	for (let at = 500; at < 60_000; at += 500) {
		await world.until(at);
		typing.action = at % 1500 === 0 ? 'upload_photo' : 'typing';
	}

	typing.stop();
	t.is(world.service.mostInFlight(3000), 1);
	await world.until(70_000);
});

scenario('7 end: nothing is sent after it, and what is in flight is aborted', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () => wait(220));
	await world.until(220);
	await handler;
	await world.until(20_000);
	t.is(world.service.calls[0]?.abortedAt, 220);
	t.deepEqual(world.service.spans(), []);
	t.deepEqual(world.errors, [], 'an aborted call is no failure');
});

scenario('7 end: the very result and the very error pass through', async (t, world) => {
	const indicator = world.indicator();
	const result = {};
	const error = new Error('mine');
	t.is(await indicator.run(a, () => result), result);
	t.is(await indicator.run(a, async () => result), result);
	t.is(await t.throwsAsync(indicator.run(a, async () => Promise.reject(error))), error);
	const nothing: unknown = await indicator.run(a, async () => Promise.reject(undefined)).catch((reason: unknown) => ['caught', reason]);
	t.deepEqual(nothing, ['caught', undefined]);
	const thenable = {
		// oxlint-disable-next-line no-thenable -- that is what is tested
		then(resolve: (value: number) => void) {
			resolve(7);
		},
	};
	t.is(await indicator.run(a, () => thenable as unknown as PromiseLike<number>), 7);
	t.is(indicator.size, 0);
});

scenario('7 end: the handler does not wait for a call that never settles', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	world.service.fate = () => ({roundTrip: never, arrival: never, deaf: true});
	const handler = indicator.run(a, async () => {
		await wait(1000);
		return world.service.now();
	});
	await world.until(1000);
	t.is(await handler, 1000);
	t.is(world.service.now(), 1000);
	await world.until(30_000);
});

scenario('7 end: `stop` goes out after the last send has settled', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	world.service.fate = ({kind}) => (kind === 'send' ? {roundTrip: 1000, arrival: 900, deaf: true} : {});
	const typing = indicator.start(a);
	await world.until(100);
	typing.stop();
	await world.until(20_000);
	t.deepEqual(world.service.startsOf('stop'), [1000]);
	t.deepEqual(world.service.spans(), [[900, 1050, 'typing']]);
});

scenario('7 end: no `stop` where nothing may be seen: too quick, run out, or cleared by a message', async (t, world) => {
	const indicator = world.indicator({stop: true});
	const quick = indicator.run(a, async () => wait(100));
	await world.until(100);
	await quick;

	const cleared = indicator.run(a, async () => {
		await wait(1000);
		await indicator.message(a, world.service.message('a'));
	});
	await world.until(2000);
	await cleared;
	t.deepEqual(world.service.spans(), [[350, 1150, 'typing']]);

	// Given up by the platform after the first: what was seen has long run out when the handler ends.
	await world.until(3000);
	world.service.fate = ({at}) => (at > 4000 ? {error: new Refusal('give-up')} : {});
	const refused = indicator.start(a);
	await world.until(30_000);
	refused.stop();
	await world.until(40_000);
	t.deepEqual(world.service.startsOf('stop'), []);
});

scenario('7 end: `stop` goes out when only a message failed', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never}, {delay: 0});
	const handler = indicator.run(a, async () => {
		await wait(1000);
		await t.throwsAsync(indicator.message(a, world.service.message('a', {error: new Error('400')})));
	});
	await world.until(2000);
	await handler;
	t.deepEqual(world.service.spans(), [[50, 1150, 'typing']]);
});

scenario('7 end: a given-up send that lands late is taken down again', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never}, {delay: 0});
	world.service.fate = ({kind}) => (kind === 'send' ? {arrival: 9000, roundTrip: 9100, deaf: true} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.stop();
	await world.until(20_000);
	t.deepEqual(
		world.service.view().spans.map(({to}) => to),
		[9150],
	);
});

scenario('7 end: a given-up send that lands late does not take down what the next handler shows', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never}, {delay: 0});
	world.service.fate = ({at, kind}) => (at === 0 && kind === 'send' ? {arrival: 9000, roundTrip: 9100, deaf: true} : {});
	const first = indicator.start(a);
	await world.until(1000);
	first.stop();
	await world.until(5000);
	const second = indicator.start(a);
	await world.until(15_000);
	t.is(world.service.view().visible(14_999), 'typing');
	second.stop();
	await world.until(20_000);
	t.is(world.service.view().visible(15_051), undefined);
});

scenario('7 end: a failing `stop` is tried three times and then let be', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never}, {delay: 0});
	world.service.fate = ({kind}) => (kind === 'stop' ? {error: new Error('503')} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.stop();
	await world.until(60_000);
	t.deepEqual(world.service.startsOf('stop'), [1000, 1250, 1750]);
	t.is(world.errors.length, 3);
	t.is(indicator.size, 0);
});

scenario('7 end: a hold that comes while `stop` is in flight shows again as soon as it has settled', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	world.service.fate = ({kind}) => (kind === 'stop' ? {roundTrip: 600} : {});
	const first = indicator.start(a);
	await world.until(1000);
	first.stop();
	await world.until(1100);
	const second = indicator.start(a);
	await world.until(3000);
	second.stop();
	t.deepEqual(world.service.startsOf('send'), [0, 1600]);
	t.deepEqual(world.service.spans()[0], [50, 1300, 'typing']);
	t.is(world.service.mostInFlight(), 1);
});

scenario('4 one request: a timer left over from the send before does not abort the `stop` in flight', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: 30_000, interval: 4500}, {delay: 0});
	world.service.fate = ({kind}) => ({roundTrip: kind === 'stop' ? 400 : 100});
	const handler = indicator.run(a, async () => wait(4400));
	await world.until(9000);
	await handler;
	// The renewal timer of 4,500 ms fires while the stop, started at 4,400, has not arrived yet.
	t.deepEqual(world.service.spans(), [[50, 4600, 'typing']]);
});

scenario('7 end: a handler that pauses and then returns does not abort its own `stop`', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: 60_000}, {delay: 0});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.pause();
	await world.until(1020);
	typing.stop();
	await world.until(9000);
	t.deepEqual(world.service.spans(), [[50, 1050, 'typing']]);
});

scenario('7 end: a `stop` that was given up and lands late is not followed by another, and another', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never}, {delay: 0});
	// Each stop takes 3.5 s, the deadline is 3 s, and the client does not honour its signal.
	world.service.fate = ({kind}) => (kind === 'stop' ? {roundTrip: 3500, deaf: true} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.stop();
	await world.until(20 * 60_000);
	t.is(indicator.size, 0, 'the lease lives on');
	t.true(world.service.startsOf('stop').length <= 3, `${world.service.startsOf('stop').length} stops`);
});

scenario('7 end: a `stop` that fails is tried again even if the renewals before it failed too', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never, interval: 1000}, {delay: 0});
	world.service.fate = ({kind, at}) => {
		const stops = world.service.startsOf('stop').length;
		return (kind === 'send' && at > 0) || (kind === 'stop' && stops === 1) ? {error: new Error('503')} : {};
	};
	const typing = indicator.start(a);
	await world.until(6000);
	typing.stop();
	await world.until(60_000);
	t.is(world.service.spans().length, 1);
	t.true((world.service.spans()[0]?.[1] ?? never) < 60_000, 'shown for ever');
});

scenario('7 end: an observer that ends the hold when told of a send', async (t, world) => {
	const indicator = world.indicator(
		{},
		{
			delay: 0,
			onEvent({type}) {
				if (type === 'send') {
					indicator.cancel(a);
				}
			},
		},
	);
	world.service.fate = () => ({deaf: true});
	indicator.start(a);
	await world.until(1000);
	t.true(
		world.service.calls.every(call => call.abortedAt === call.at),
		'a call nobody wants goes on',
	);
});

scenario('8 ceiling: a handler that hangs loses its indicator after ten minutes, and only that', async (t, world) => {
	const indicator = world.indicator();
	const typing = indicator.start(a);
	await world.until(11 * 60_000);
	const end = world.service.spans().at(-1)?.[1] ?? 0;
	t.true(end > 600_000 && end <= 605_000, String(end));
	t.is(world.service.spans().length, 1);
	t.false(typing.signal.aborted);
	t.false(typing.ended);
	typing.stop();
	t.false(typing.signal.aborted);
	await world.until(12 * 60_000);
	t.true(world.told.includes('end ceiling'));
});

scenario('8 ceiling: takes the indicator down where that is possible, and others keep theirs', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	const typing = indicator.start(a, {maxDuration: 3000, action: 'upload_photo'});
	const other = indicator.start({chat: 'b'}, {maxDuration: 3000});
	const later = indicator.start({chat: 'b'}, {maxDuration: never});
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [[50, 3050, 'upload_photo']]);
	t.deepEqual(world.service.view('b').dark(50, 20_000), []);
	for (const hold of [typing, other, later]) {
		hold.stop();
	}
});

scenario('8 ceiling: Infinity is none, and 0 shows nothing', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const forever = indicator.start(a, {maxDuration: never});
	const nothing = indicator.start({chat: 'b'}, {maxDuration: 0});
	await world.until(60 * 60_000);
	t.deepEqual(world.service.view().dark(50, 60 * 60_000), []);
	t.deepEqual(world.service.startsOf('send', 'b'), []);
	forever.stop();
	nothing.stop();
});

scenario('9 cancellation: the outer signal ends the hold and aborts with its own reason', async (t, world) => {
	const controller = new AbortController();
	const indicator = world.indicator({}, {delay: 0, signal: controller.signal});
	const typing = indicator.start(a);
	const {signal} = typing;
	await world.until(1000);
	const reason = new Error('enough');
	controller.abort(reason);
	t.true(typing.ended);
	t.is(signal.reason, reason);
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [[50, 5050, 'typing']]);
	t.true(world.told.includes('end cancelled'));
});

scenario('9 cancellation: a signal that is aborted already: no call, and the handler is told at once', async (t, world) => {
	const reason = new Error('too late');
	const indicator = world.indicator({}, {delay: 0});
	const seen = await indicator.run(a, typing => [typing.ended, typing.signal.aborted, typing.signal.reason], {
		signal: AbortSignal.abort(reason),
	});
	t.deepEqual(seen, [true, true, reason]);
	t.deepEqual(world.service.calls, []);
});

scenario('9 cancellation: `cancel` ends every hold of the chat and of no other', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const holds = [indicator.start(a), indicator.start(a), indicator.start({chat: 'b'})];
	const reason = new Error('/stop');
	await world.until(1000);
	indicator.cancel(a, reason);
	t.deepEqual(
		holds.map(({signal}) => signal.aborted),
		[true, true, false],
	);
	t.is(holds[0]?.signal.reason, reason);
	indicator.cancel(a); // Nobody there.
	indicator.cancel({chat: 'c'});
	holds[2]?.cancel();
	t.is((holds[2]?.signal.reason as DOMException | undefined)?.name, 'AbortError');
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [[50, 5050, 'typing']]);
});

scenario('9 cancellation: neither the end, the ceiling, give-up, 429 nor a dead network abort the work', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0, maxDuration: 20_000});
	world.service.fate = ({chat, at}) =>
		({
			'give-up': {error: new Refusal('give-up')},
			chat: {error: new Refusal({after: 5000})},
			bot: at > 1000 ? {} : {error: new Refusal({after: 1000, scope: 'bot'})},
			network: {error: new TypeError('fetch failed')},
			hang: {roundTrip: never, arrival: never},
			revoked: at < 2000 ? {} : {error: new Refusal('revoked')},
		})[chat] ?? {};
	const holds = ['give-up', 'chat', 'bot', 'network', 'hang', 'revoked', 'fine'].map(chat => indicator.start({chat}));
	await world.until(30_000);
	for (const {signal} of holds) {
		t.false(signal.aborted);
	}

	for (const hold of holds) {
		hold.stop();
		t.false(hold.signal.aborted);
		hold.cancel(); // Too late: the work was done.
		t.false(hold.signal.aborted);
	}
});

scenario('9 cancellation: a chat that is gone aborts all its holds, with the refusal as the reason', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const error = new Refusal('gone');
	world.service.fate = () => ({error});
	const holds = [indicator.start(a), indicator.start(a, {delay: 5000})];
	await world.until(200);
	for (const {signal, ended} of holds) {
		t.is(signal.reason, error);
		t.true(ended);
	}

	t.deepEqual(world.told, ['send first', 'failure error', 'end gone', 'skip quick', 'end gone']);
	t.deepEqual(world.errors, [error]);
});

scenario('9 cancellation: a message that says the chat is gone aborts too', async (t, world) => {
	const indicator = world.indicator();
	const error = new Refusal('gone');
	const typing = indicator.start(a);
	const message = indicator.message(a, world.service.message('a', {error}));
	await world.until(150);
	t.is(await t.throwsAsync(message), error);
	t.is(typing.signal.reason, error);
	await world.until(20_000);
	t.deepEqual(world.service.calls, []);
});

scenario('9 cancellation: an abort listener of the handler may do whatever it likes', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	const typing = indicator.start(a);
	let next: ReturnType<typeof indicator.start> | undefined;
	typing.signal.addEventListener('abort', () => {
		typing.stop();
		typing.cancel();
		indicator.cancel(a);
		next = indicator.start(a, {action: 'record_voice'});
	});
	await world.until(1000);
	indicator.cancel(a);
	await world.until(2000);
	t.false(next?.ended);
	t.is(world.service.view().visible(1500), 'record_voice');
	next?.stop();
});

scenario('7 end: what may have arrived although its answer was lost is taken down', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never}, {delay: 0});
	world.service.fate = ({at, kind}) => (kind === 'send' && at === 0 ? {error: new Error('ECONNRESET'), lost: true} : {});
	const typing = indicator.start(a);
	await world.until(200);
	typing.stop();
	await world.until(60_000);
	// Refused at 100: the next call of any kind goes out 250 after the start of that one.
	t.deepEqual(world.service.spans(), [[50, 300, 'typing']]);
});

scenario('7 end: a message neither waits for a `stop` nor aborts it', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never}, {delay: 0});
	world.service.fate = ({kind, at}) => (kind === 'stop' && at === 1000 ? {roundTrip: 2000} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.stop();
	await world.until(1010);
	const left: number[] = [];
	const send = async (error?: Error) =>
		indicator.message(a, async () => {
			left.push(world.service.now());
			if (error) throw error;
		});
	void send();
	const failed = t.throwsAsync(send(new Error('400')));
	await world.until(1011);
	t.deepEqual(left, [1010, 1010], 'a `stop` that lands after them shows nothing');
	await failed;
	const next = indicator.start(a);
	await world.until(20_000);
	next.stop();
	await world.until(21_000);
	t.deepEqual(world.service.startsOf('stop'), [1000, 20_000], 'made once');
	// The next send waits for it: it would be taken down.
	t.deepEqual(world.service.startsOf('send'), [0, 3000]);
});

scenario('7 end: a `stop` that fails after a message has landed is not tried again: nothing is shown any more', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: 60_000}, {delay: 0});
	world.service.fate = ({kind}) => (kind === 'stop' ? {roundTrip: 400, error: new Error('502')} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.stop();
	await world.until(1010);
	const message = indicator.message(a, world.service.message('a'));
	await world.until(10_000);
	t.is(await message, 'sent');
	t.deepEqual(world.service.startsOf('stop'), [1000]);
	t.is(indicator.size, 0);
});

scenario('3 one lease: an action that may have arrived, although its handler ended, is not taken for the one before', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({action}) => (action === 'upload_photo' ? {arrival: 10} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.pause();
	const other = indicator.start(a, {action: 'upload_photo'});
	await world.until(1050);
	other.stop(); // Aborts a call that has arrived.
	await world.until(1200);
	typing.resume();
	await world.until(2000);
	t.is(world.service.view().visible(1900), 'typing');
	typing.stop();
});

scenario('3 one lease: an action whose answer is lost, and that is taken back, is not seen for long', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({action}) => (action === 'upload_photo' ? {lost: true, error: new Error('ECONNRESET')} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.action = 'upload_photo';
	await world.until(1150);
	typing.action = 'typing';
	await world.until(2000);
	t.is(world.service.view().visible(1900), 'typing');
	typing.stop();
});

scenario('4 one request: a platform whose call comes back to the indicator before it returns', async (t, world) => {
	const holds: Array<{stop(): void}> = [];
	const indicator: Indicator<Target, Action> = world.indicator({stop: true}, {delay: 0});
	let isStarting = true;
	world.service.fate = () => {
		if (isStarting) {
			isStarting = false;
			holds.push(indicator.start(a, {action: 'upload_photo'}));
		}

		return {};
	};
	holds.push(indicator.start(a));
	t.is(world.service.calls.length, 1);
	await world.until(1000);
	t.is(world.service.mostInFlight(), 1);
	isStarting = true;
	for (const hold of holds.splice(0)) {
		hold.stop();
	}

	await world.until(2000);
	t.is(world.service.mostInFlight(), 1);
	holds[0]?.stop();
});

scenario('7 end: a platform whose call ends the work before it returns', async (t, world) => {
	let wasAborted = false;
	const indicator: Indicator<Target, Action> = world.indicator(
		{
			async send(target, _action, signal) {
				indicator.cancel(target);
				wasAborted = signal.aborted;
			},
		},
		{delay: 0},
	);
	indicator.start(a);
	t.true(wasAborted);
	await world.until(1000);
});
