import {Typing} from '@auto-typing/core';
import {a, b, scenario, wait} from './harness.ts';

scenario('16 nested: a hold around another is paused, and resumed, together with it', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outer = indicator.start(a);
	const inner = indicator.start(a, {}, outer);
	await world.until(1000);
	inner.pause();
	await world.until(20_000);
	inner.resume();
	await world.until(21_000);
	inner.stop();
	t.true(outer.ended, 'the handler said that its work is done');
	await world.until(40_000);
	t.deepEqual(world.service.spans(), [
		[50, 5050, 'typing'],
		[20_050, 25_050, 'typing'],
	]);
});

scenario('16 nested: a handler that ends while paused leaves the one around it as it was', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outer = indicator.start(a);
	const inner = indicator.start(a, {}, outer);
	const handler = inner.during(async () => {
		await wait(1000);
		inner.pause();
		await wait(7000);
	});
	await world.until(8000);
	await handler;
	t.false(outer.ended);
	await world.until(9000);
	outer.stop();
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [
		[50, 5050, 'typing'],
		[8050, 13_050, 'typing'],
	]);
});

scenario('9 cancellation: reaches the hold around and, by its signal, the hold within', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outer = indicator.start(a);
	const inner = indicator.start(a, {}, outer);
	inner.cancel();
	t.true(outer.signal.aborted);

	const controller = new AbortController();
	const around = indicator.start(b, {signal: controller.signal});
	const within = indicator.start(b, {}, around);
	controller.abort('shut down');
	t.is(within.signal.reason, 'shut down');
	await world.until(9000);
	t.is(indicator.size, 0);
});

scenario('9 cancellation: reaches those within, however deep, and nobody beside them', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outer = indicator.start(a);
	const beside = indicator.start(a);
	const [inner, second] = [indicator.start(a, {}, outer), indicator.start(a, {}, outer)];
	const innermost = indicator.start(a, {}, inner);
	await world.until(1000);
	outer.cancel('no more');
	t.deepEqual(
		[outer, inner, second, innermost].map(({ended, signal}) => (ended ? signal.reason : undefined)),
		['no more', 'no more', 'no more', 'no more'],
	);
	t.false(beside.ended);
	const next = indicator.start(a);
	const within = indicator.start(a, {}, next);
	next.stop();
	t.false(within.ended, 'what is done is not cancelled');
	for (const hold of [beside, within]) {
		hold.stop();
	}

	await world.until(9000);
	t.is(indicator.size, 0);
});

scenario('9 cancellation: reaches those within in another chat, and in none', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outer = indicator.start(a);
	const elsewhere = indicator.start(b, {}, outer);
	const nowhere = new Typing(outer.settings, undefined, undefined, elsewhere);
	await world.until(1000);
	indicator.cancel(a, 'no more');
	t.deepEqual(
		[elsewhere, nowhere].map(({ended, signal}) => (ended ? signal.reason : undefined)),
		['no more', 'no more'],
	);
});

scenario('9 cancellation: of a paused hold starts nothing around it', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outer = indicator.start(a);
	const inner = indicator.start(a, {}, outer);
	await world.until(1000);
	inner.pause();
	await world.until(8000);
	inner.cancel();
	await world.until(20_000);
	t.deepEqual(world.service.startsOf('send'), [0]);
});

scenario('16 nested: one that starts a little later shows its action from the first send on', async (t, world) => {
	const indicator = world.indicator({});
	const outer = indicator.start(a);
	await world.until(20);
	const inner = indicator.start(a, {action: 'upload_photo'}, outer);
	await world.until(1000);
	inner.stop();
	await world.until(9000);
	t.deepEqual(world.service.spans(), [[250, 5250, 'upload_photo']]);
});

scenario('14 shut-down: what is started in answer to the closing shows nothing', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const typing = indicator.start(a);
	typing.signal.addEventListener('abort', () => indicator.start(b));
	await world.until(10);
	const closed = indicator.close();
	await world.until(20_000);
	await closed;
	t.deepEqual(
		world.service.calls.map(({chat}) => chat),
		['a'],
	);
});

scenario('12 throttle: targets of one peer share its budget', async (t, world) => {
	const indicator = world.indicator({chatLimit: {limit: 5, interval: 10_000}, peer: () => 'group'}, {delay: 0});
	const holds = Array.from({length: 20}, (_, topic) => indicator.start({chat: `${topic}`}));
	await world.until(9000);
	t.is(world.service.startsOf('send').length, 5);
	for (const hold of holds) {
		hold.stop();
	}
});

scenario('10 failures: a message that gets through ends the backing off', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at < 30_000 ? {error: new Error('503')} : {});
	const typing = indicator.start(a);
	await world.until(30_000);
	const message = indicator.message(a, world.service.message('a'));
	await world.until(31_000);
	await message;
	t.true(world.service.startsOf('send').some(at => at > 30_000 && at < 30_500));
	typing.stop();
});

scenario('15 light: thousands of holds in one chat come and go quickly', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	for (let count = 0; count < 3000; count++) {
		indicator.start(a);
	}

	indicator.cancel(a);
	await world.until(9000);
	t.is(indicator.size, 0);
});

scenario('16 nested: one that is done is around nothing', async (t, world) => {
	const indicator = world.indicator({}, {delay: 100});
	const first = indicator.start(a);
	await world.until(200);
	first.stop();
	const second = indicator.start(a, {}, first);
	t.is(second.from - first.from, 200);
	second.pause();
	second.cancel();
	t.false(first.signal.aborted);
	await world.until(20_000);
	t.is(world.service.startsOf('send').length, 1);
});

scenario('16 nested: what begins within something cancelled begins cancelled', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outer = indicator.start(a);
	outer.cancel('no more');
	const inner = indicator.start(a, {}, outer);
	const innermost = indicator.start(a, {}, inner);
	t.deepEqual([inner.ended, inner.signal.reason], [true, 'no more']);
	t.deepEqual([innermost.ended, innermost.signal.reason], [true, 'no more']);
	await world.until(20_000);
	t.deepEqual(world.service.startsOf('send'), [0]);
});

scenario('9 cancellation: an abort listener may stop, cancel, start, pause and resume whatever it likes', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	for (const act of ['stop', 'cancel', 'start', 'pause', 'cancelAll', 'resume'] as const) {
		const outer = indicator.start(a);
		const sibling = indicator.start(a);
		const inner = indicator.start(a, {}, outer);
		const innermost = indicator.start(a, {}, inner);
		const started: Array<{stop(): void}> = [];
		for (const hold of [outer, sibling, inner, innermost]) {
			hold.signal.addEventListener('abort', () => {
				for (const other of [innermost, outer, sibling, inner]) {
					if (act === 'start') {
						started.push(indicator.start(a, {}, other));
					} else if (act === 'cancelAll') {
						indicator.cancel(a);
					} else {
						other[act]();
					}
				}
			});
		}

		await world.clock.tickAsync(300);
		inner.cancel();
		for (const hold of [...started, outer, sibling, inner, innermost]) {
			hold.stop();
		}

		await world.clock.tickAsync(3000);
		t.is(indicator.size, 0, act);
		t.is(indicator.current(a), undefined);
	}
});

scenario('9 cancellation: of a hold that is around others, and what is done to those that have ended', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const control = new AbortController();
	const outer = indicator.start(a, {signal: control.signal});
	const sib = indicator.start(a);
	control.abort();
	const inner = indicator.start(a, {}, outer);
	const inner2 = indicator.start(a, {signal: control.signal});
	t.true(inner.ended && inner2.ended && outer.ended && !sib.ended);
	t.is(indicator.current(a), sib);
	await world.until(1000);
	t.is(world.service.startsOf('send').length, 1);
	sib.stop();
	sib.cancel();
	sib.pause();
	sib.resume();
	sib.action = 'upload_photo';
	inner.stop();
	t.is(indicator.size, 0);
	const again = indicator.start(a);
	sib.action = 'record_voice';
	outer.stop();
	inner.cancel();
	t.is(indicator.current(a), again);
	again.stop();
});

scenario('6 uploads: those around it end while it lasts', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	const one = indicator.start(a);
	const two = indicator.start(a, {}, one);
	await world.until(300);
	const message = indicator.message(a, world.service.upload('a', {before: 2000}), 'upload_photo');
	await world.until(600);
	const three = indicator.start(a);
	one.cancel();
	two.stop();
	await world.until(1000);
	indicator.cancel(a);
	t.true(three.ended);
	await world.until(9000);
	await message;
	t.is(indicator.size, 0);
});

scenario('16 nested: one that paused itself stays so, whatever those within it do', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	const outer = indicator.start(a);
	await world.until(1000);
	const inner = indicator.start(a, {}, outer);
	outer.pause();
	const handler = inner.during(async () => {
		await wait(500);
		inner.pause();
		await wait(500);
		inner.resume();
		await wait(500);
		inner.pause();
		await wait(500);
	});
	await world.until(3000);
	await handler;
	await world.until(8000);
	t.deepEqual(world.service.spans(), [
		[50, 1550, 'typing'],
		[2050, 2550, 'typing'],
	]);
	outer.resume();
	await world.until(9000);
	t.is(world.service.view().visible(8900), 'typing');
	outer.stop();
});

scenario('16 nested: stays paused until the last one within it goes on', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	const outer = indicator.start(a);
	const [one, two] = [indicator.start(a, {}, outer), indicator.start(a, {}, outer)];
	await world.until(1000);
	one.pause();
	two.pause();
	await world.until(2000);
	const handler = one.during(() => one.resume()); // Two still waits for the person.
	await world.until(3000);
	await handler;
	await world.until(8000);
	t.is(world.service.view().visible(7900), undefined);
	two.resume();
	await world.until(9000);
	two.stop();
	await world.until(10_000);
	t.deepEqual(world.service.spans().at(-1), [8050, 9050, 'typing']);
});

scenario('16 nested: the end of a block ends the hold of the block alone, as the end of a handler does', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outer = indicator.start(a);
	await world.until(1000);
	{
		using typing = indicator.start(a, {action: 'upload_photo'}, outer);
		await world.until(2000);
		t.is(typing.action, 'upload_photo');
	}

	t.false(outer.ended);
	await world.until(3000);
	t.is(world.service.view().visible(2900), 'typing');
	outer.stop();
});

scenario('16 nested: shown where the one around it is, of whose chat it may know less', async (t, world) => {
	const indicator = world.indicator({key: ({chat}) => chat}, {delay: 0});
	const outer = indicator.start({chat: 'a', topic: 7});
	await world.until(1000);
	const inner = indicator.start(a, {action: 'upload_photo'}, outer);
	await world.until(2000);
	inner.stop();
	const next = indicator.start(a, {}, inner); // What is done is around nothing.
	await world.until(3000);
	next.stop();
	t.deepEqual(
		world.service.calls.map(({target: {topic}, action}) => [topic, action]),
		[
			[7, 'typing'],
			[7, 'upload_photo'],
			[undefined, 'typing'],
		],
	);
});
