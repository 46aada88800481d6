import {Indicator} from '@auto-typing/core';
import {fewestCalls} from '@auto-typing/simulator';
import {a, actions, b, random, scenario, wait, type Action, type Target} from './harness.ts';

// Promises 1 to 3: when the indicator comes, that it stays, and that there is one of it.

for (const ms of [0, 1, 50, 199]) {
	scenario(`1 delay: a handler of ${ms} ms causes no call`, async (t, world) => {
		const indicator = world.indicator();
		const handler = indicator.run(a, async () => wait(ms));
		await world.until(ms);
		await handler;
		await world.until(20_000);
		t.deepEqual(world.service.calls, []);
		t.deepEqual(world.told, ['skip quick', 'end done']);
	});
}

scenario('1 delay: a synchronous handler, one that throws and one that rejects cause no call', async (t, world) => {
	const indicator = world.indicator();
	t.is(await indicator.run(a, () => 5), 5);
	await t.throwsAsync(
		indicator.run(a, () => {
			throw new Error('at once');
		}),
		{message: 'at once'},
	);
	await t.throwsAsync(
		indicator.run(a, async () => {
			throw new Error('later');
		}),
		{message: 'later'},
	);
	await world.until(20_000);
	t.deepEqual(world.service.calls, []);
});

scenario('1 delay: quick handlers that overlap or follow each other do not add up to a slow one', async (t, world) => {
	const indicator = world.indicator();
	const handlers: Array<Promise<void>> = [];
	for (let at = 0; at < 3000; at += 100) {
		await world.until(at);
		handlers.push(indicator.run(a, async () => wait(150)));
	}

	await world.until(4000);
	await Promise.all(handlers);
	t.deepEqual(world.service.calls, []);
});

scenario('1 delay: is the one of the hold; 0 shows at once', async (t, world) => {
	const indicator = world.indicator();
	const holds = [indicator.start(a, {delay: 0}), indicator.start(b, {delay: 1000})];
	await world.until(2000);
	for (const hold of holds) {
		hold.stop();
	}

	t.deepEqual(world.service.startsOf('send', 'a'), [0]);
	t.deepEqual(world.service.startsOf('send', 'b'), [1000]);
});

scenario('2 visible: twelve seconds of work are one span and the fewest calls', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () => wait(12_000));
	await world.until(12_000);
	await handler;
	await world.until(30_000);
	t.deepEqual(world.service.startsOf('send'), [200, 4700, 9200]);
	t.deepEqual(world.service.spans(), [[250, 14_250, 'typing']]);
	t.is(world.service.view().calls, fewestCalls(12_000, {ttl: 5000, interval: 4500, delay: 200}));
});

scenario('2 visible: jitter just below ttl − interval leaves no gap', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	let count = 0;
	// The worst case: as early as can be, then as late as can be, again and again.
	world.service.fate = () => (count++ % 2 === 0 ? {arrival: 0, roundTrip: 1} : {arrival: 499, roundTrip: 998});
	const typing = indicator.start(a);
	await world.until(120_000);
	typing.stop();
	t.deepEqual(world.service.view().dark(0, 120_000), []);
	t.is(count, 27);
});

scenario('2 visible: any jitter below ttl − interval leaves no gap', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0, maxDuration: Infinity});
	const next = random(7);
	world.service.fate = () => {
		const arrival = Math.floor(next() * 500);
		return {arrival, roundTrip: arrival + Math.floor(next() * 1500)};
	};
	const typing = indicator.start(a);
	await world.until(30 * 60_000);
	typing.stop();
	t.deepEqual(world.service.view().dark(500, 30 * 60_000), []);
	t.is(world.service.calls.length, 401);
	t.is(world.service.mostInFlight(), 1);
});

scenario('2 visible: the next send is due `interval` after the start of the last one', async (t, world) => {
	const indicator = world.indicator();
	world.service.roundTrip = 650; // Just below the deadline of the shorter one.
	const holds = [indicator.start(a, {interval: 1000}), indicator.start(b)];
	await world.until(5000);
	for (const hold of holds) {
		hold.stop();
	}

	t.deepEqual(world.service.startsOf('send', 'a'), [200, 1200, 2200, 3200, 4200]);
	t.deepEqual(world.service.startsOf('send', 'b'), [200, 4700]);
});

scenario('2 visible: the interval is the platform’s own, 90 % of its ttl by default', async (t, world) => {
	for (const [platform, second] of [
		[{ttl: 30_000}, 27_000],
		[{ttl: 30_000, interval: 8000}, 8000],
		[{ttl: 1}, undefined],
	] as const) {
		if (second === undefined) {
			// 0.9 ms is no interval anybody can keep: refused at once, not a busy loop.
			t.throws(() => world.indicator(platform), {instanceOf: RangeError, message: /interval/});
			continue;
		}

		const start = world.service.now();
		const from = world.service.calls.length;
		const typing = world.indicator(platform).start(a, {delay: 0});
		await world.until(start + second + 1000);
		typing.stop();
		t.deepEqual(world.service.startsOf('send').slice(from, from + 2), [start, start + second]);
	}
});

scenario('2 visible: an interval that the ttl does not outlast is a RangeError that names both', async (t, world) => {
	for (const interval of [5000, 5001, Infinity]) {
		const error = t.throws(() => new Indicator<Target, Action>(world.service.platform(), {interval}), {instanceOf: RangeError});
		t.regex(error?.message ?? '', /`interval`/);
		t.true(error?.message.includes('5000'));
		t.true(error?.message.includes(String(interval)));
	}

	t.notThrows(() => new Indicator<Target, Action>(world.service.platform(), {interval: 4999}));
	t.throws(() => world.indicator().start(a, {interval: 6000}), {instanceOf: RangeError, message: /6000/});
});

scenario('2 visible: what stays until it is taken down is sent once', async (t, world) => {
	const indicator = world.indicator({ttl: Infinity, stop: true}, {maxDuration: Infinity});
	const typing = indicator.start(a);
	await world.until(3 * 3_600_000);
	typing.stop();
	await world.until(3 * 3_600_000 + 1000);
	t.deepEqual(world.service.startsOf('send'), [200]);
	t.deepEqual(world.service.spans(), [[250, 3 * 3_600_000 + 50, 'typing']]);
});

scenario('2 visible: a failed renewal is tried again before the indicator runs out', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at === 4500 ? {error: new Error('503')} : {});
	const typing = indicator.start(a);
	await world.until(20_000);
	typing.stop();
	t.deepEqual(world.service.startsOf('send').slice(0, 4), [0, 4500, 4750, 9250]);
	t.deepEqual(world.service.view().dark(50, 20_000), []);
});

for (const [interval, roundTrip] of [
	[4500, 3500],
	[1000, 700],
] as const) {
	scenario(`2 visible: calls that take ${roundTrip} ms, all of them given up and landing all the same, leave no gap`, async (t, world) => {
		const indicator = world.indicator({}, {delay: 0, interval});
		world.service.roundTrip = roundTrip;
		const typing = indicator.start(a);
		await world.until(120_000);
		t.true(world.told.includes('failure timeout'));
		t.deepEqual(world.service.view().dark(roundTrip / 2, 120_000), []);
		typing.stop();
	});
}

scenario('2 visible: a refusal after many calls without an answer is tried again as soon as after one', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at < 18_000 ? {roundTrip: 3200} : at < 18_100 ? {roundTrip: 50, error: new Error('502')} : {});
	const typing = indicator.start(a);
	await world.until(30_000);
	t.deepEqual(world.service.startsOf('send').slice(6, 8), [18_000, 18_500]);
	t.deepEqual(world.service.view().dark(1600, 30_000), []);
	typing.stop();
});

scenario('2 visible: changes of action do not use up what the next renewals need', async (t, world) => {
	const indicator = world.indicator({chatLimit: {limit: 20, interval: 15_000}}, {delay: 0});
	const typing = indicator.start(a);
	for (let change = 0; change < 30; change++) {
		await world.until(500 + change * 100);
		typing.action = actions[change % 2] as Action;
	}

	await world.until(30_000);
	typing.stop();
	t.deepEqual(world.service.view().dark(50, 30_000), []);
});

scenario('3 one lease: five overlapping handlers cost the calls of one', async (t, world) => {
	const indicator = world.indicator();
	const handlers: Array<Promise<void>> = [];
	for (let at = 0; at < 5000; at += 1000) {
		await world.until(at);
		handlers.push(indicator.run(a, async () => wait(12_000)));
	}

	t.is(indicator.size, 1);
	await world.until(16_000);
	await Promise.all(handlers);
	await world.until(30_000);
	t.deepEqual(world.service.startsOf('send'), [200, 4700, 9200, 13_700]);
	t.deepEqual(world.service.spans(), [[250, 18_750, 'typing']]);
});

scenario('3 one lease: other keys are other indicators', async (t, world) => {
	const indicator = world.indicator();
	const holds = [indicator.start(a), indicator.start({chat: 'a', topic: 1}), indicator.start(b)];
	t.is(indicator.size, 3);
	await world.until(1000);
	indicator.cancel({chat: 'a', topic: 1});
	t.deepEqual(
		holds.map(({ended}) => ended),
		[false, true, false],
	);
	holds[0]?.stop();
	await world.until(6000);
	holds[2]?.stop();
	t.deepEqual(world.service.startsOf('send', 'a'), [200, 200]);
	t.deepEqual(world.service.startsOf('send', 'b'), [200, 4700]);
});

scenario('3 one lease: the most recent active hold decides, and leaves to the one below', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outer = indicator.start(a);
	await world.until(1000);
	const inner = indicator.start(a, {action: 'upload_photo'});
	await world.until(2000);
	outer.action = 'record_voice'; // Not its turn.
	await world.until(3000);
	inner.stop();
	await world.until(4000);
	outer.stop();
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [
		[50, 1050, 'typing'],
		[1050, 3050, 'upload_photo'],
		[3050, 8050, 'record_voice'],
	]);
});

scenario('3 one lease: a hold decides from its own delay on, and not while it is paused', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outer = indicator.start(a);
	const inner = indicator.start(a, {action: 'upload_photo', delay: 2000});
	await world.until(3000);
	inner.pause();
	await world.until(4000);
	inner.resume();
	await world.until(4500);
	inner.stop();
	outer.stop();
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [
		[50, 2050, 'typing'],
		[2050, 3050, 'upload_photo'],
		[3050, 4050, 'typing'],
		[4050, 9050, 'upload_photo'],
	]);
});

scenario('3 one lease: holds with different intervals leave no gap, whichever decides', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const slow = indicator.start(a, {interval: 4900});
	const next = random(3);
	for (let at = 0; at < 60_000; at += 700) {
		await world.until(at);
		const quick = indicator.start(a, {interval: 1000 + Math.floor(next() * 3900), delay: Math.floor(next() * 400)});
		await world.until(at + 500);
		quick.stop();
	}

	await world.until(60_000);
	slow.stop();
	t.deepEqual(world.service.view().dark(50, 60_000), []);
	t.is(world.service.mostInFlight(), 1);
});

scenario('3 one lease: an action that is set to what it is already, or back again in time, costs nothing', async (t, world) => {
	const indicator = world.indicator();
	const typing = indicator.start(a);
	typing.action = 'upload_photo';
	typing.action = 'typing';
	await world.until(1000);
	typing.action = 'typing';
	await world.until(2000);
	typing.stop();
	typing.action = 'upload_photo'; // After its end: nothing to show.
	t.deepEqual(world.service.startsOf('send'), [200]);
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [[250, 5250, 'typing']]);
});

scenario('3 one lease: the indicator ends with the last hold, in whatever order they end', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	const holds = [indicator.start(a), indicator.start(a), indicator.start(a)];
	for (const [index, at] of [
		[1, 1000],
		[2, 2000],
		[0, 3000],
	] as const) {
		await world.until(at);
		holds[index]?.stop();
		holds[index]?.stop(); // Twice harms nobody.
	}

	await world.until(20_000);
	t.deepEqual(world.service.spans(), [[50, 3050, 'typing']]);
});

scenario('2 visible: an interval that the budget of the chat cannot keep up with leaves no gap', async (t, world) => {
	// 20 calls in 15 s are enough for 30 times 5 s: spend them wisely.
	const indicator = world.indicator({chatLimit: {limit: 20, interval: 15_000}}, {delay: 0, interval: 500});
	const typing = indicator.start(a);
	await world.until(60_000);
	typing.stop();
	t.deepEqual(world.service.view().dark(50, 60_000), []);
});

for (const [work, stopsAt] of [
	[5000, 6000],
	[150, 1150],
] as const) {
	scenario(`2 visible: a handler in its delay, of ${work} ms in all, keeps what another one leaves behind`, async (t, world) => {
		const indicator = world.indicator({stop: true}, {delay: 0});
		const first = indicator.start(a);
		await world.until(1000);
		const second = indicator.run(a, async () => wait(work), {delay: 200});
		await world.until(1100);
		first.stop();
		await world.until(20_000);
		await second;
		t.deepEqual(world.service.startsOf('stop'), [stopsAt]);
		t.is(world.service.spans().length, 1);
	});
}
