import type {Throttle} from '@auto-typing/core';
import {a, b, random, Refusal, scenario, wait} from './harness.ts';

// Promises 10 to 12: who waits for what, and what gets the line going again.

const never = Infinity;
const minutes = 60_000;

/** A throttle that takes its time, and counts how many are asked of it at once. */
function slow(ms: number): {throttle: Throttle; counts: {most: number; now: number; all: number}} {
	const counts = {most: 0, now: 0, all: 0};
	return {
		counts,
		async throttle() {
			counts.all++;
			counts.most = Math.max(counts.most, ++counts.now);
			await wait(ms);
			counts.now--;
		},
	};
}

scenario('12 throttle: slower than its interval, it is asked for two slots at once at the most', async (t, world) => {
	const {throttle, counts} = slow(1500);
	const indicator = world.indicator({limit: {limit: 30, interval: 1000}}, {delay: 0, throttle});
	const holds = [];
	for (let chat = 0; chat < 60; chat++) {
		holds.push(indicator.start({chat: `${chat}`}));
		await world.until((chat + 1) * 300);
	}

	await world.until(30_000);
	for (const hold of holds) {
		hold.stop();
	}

	t.true(counts.most <= 2, `${counts.most} slots were asked for at once`);
});

scenario(
	'12 throttle: it is asked for one slot at a time, although somebody joins the line in the very millisecond of a timer',
	async (t, world) => {
		const {throttle, counts} = slow(400);
		const indicator = world.indicator({}, {delay: 0, throttle}); // No limit: only the throttle.
		world.service.fate = ({at}) => (at < 1000 ? {error: new Refusal({after: 1000, scope: 'bot'})} : {});
		const holds = [indicator.start(a)]; // Goes out at 400, is refused at 500: silence until 1,500.
		void wait(1500).then(() => holds.push(indicator.start({chat: 'c'}), indicator.start({chat: 'd'})));
		await world.until(600);
		holds.push(indicator.start(b)); // The budget sleeps until 1,500.
		await world.until(10_000);
		for (const hold of holds) {
			hold.stop();
		}

		t.is(counts.most, 1, `${counts.most} slots were asked for at once`);
	},
);

scenario('12 throttle: one of a fleet, that takes a few milliseconds, is asked for one slot at a time', async (t, world) => {
	const {throttle, counts} = slow(5);
	const indicator = world.indicator({limit: {limit: 30, interval: 1000}}, {delay: 0, throttle});
	const next = random(4);
	const handlers = Array.from({length: 600}, async (_, chat) => {
		await wait(Math.floor(next() * 60_000));
		await indicator.run({chat: `${chat}`}, async () => wait(12_000));
	});
	await world.until(80_000);
	await Promise.all(handlers);
	t.is(counts.most, 1, `${counts.most} slots were asked for at once`);
});

scenario('12 throttle: one that never answers once is asked again', async (t, world) => {
	let calls = 0;
	const indicator = world.indicator(
		{},
		{
			delay: 0,
			async throttle() {
				if (calls++ === 0) {
					await new Promise(() => {});
				}
			},
		},
	);
	const holds = [indicator.start(a)];
	await world.until(60_000);
	holds.push(indicator.start(b));
	await world.until(120_000);
	for (const hold of holds) {
		hold.stop();
	}

	t.true(world.service.calls.length > 0);
});

scenario('12 throttle: one that never answers once is asked again by itself', async (t, world) => {
	let calls = 0;
	const throttle = async () => (calls++ === 0 ? new Promise(() => {}) : undefined);
	const indicator = world.indicator({}, {delay: 0, throttle});
	const hold = indicator.start(a);
	await world.until(30_000);
	hold.stop();
	t.deepEqual(world.service.view().dark(11_000, 30_000), []);
});

scenario('12 throttle: one that takes longer than it should is used as soon as it answers', async (t, world) => {
	const {throttle} = slow(15_000);
	const indicator = world.indicator({}, {delay: 0, throttle});
	const hold = indicator.start(a);
	await world.until(16_000);
	hold.stop();
	t.is(world.service.spans()[0]?.[0], 15_050);
	await world.until(60_000); // Whatever was asked of it.
});

for (const [limit, interval, chats] of [
	[500, 100, 6000],
	[1000, 1000, 4000],
	[5000, 1000, 20_000],
] as const) {
	scenario(`12 throttle: a limit of ${limit} in ${interval} ms can be used up`, async (t, world) => {
		const starts: number[] = [];
		const indicator = world.indicator({limit: {limit, interval}, send: async () => starts.push(world.service.now())}, {delay: 0});
		const holds = Array.from({length: chats}, (_, chat) => indicator.start({chat: `${chat}`}));
		await world.until(4 * interval);
		for (const hold of holds) {
			hold.stop();
		}

		t.true(starts.length > 4 * limit * 0.85, `${starts.length} of ${4 * limit}`);
	});
}

for (const every of [4000, 5000]) {
	scenario(`12 throttle: a limit of 1 a second leaves room for typing between messages every ${every} ms`, async (t, world) => {
		const indicator = world.indicator({limit: {limit: 1, interval: 1000}}, {delay: 0});
		for (let at = 0; at < 60_000; at += every) {
			void wait(at).then(async () => indicator.message(b, world.service.message('b')));
		}

		await world.until(30_000);
		const hold = indicator.start(a);
		await world.until(60_000);
		hold.stop();
		const count = world.service.startsOf('send').length;
		t.true(count >= 3, `${count} sends`);
	});
}

scenario('10 revoked: a bot is asked less and less, whatever else is refused', async (t, world) => {
	const indicator = world.indicator({stop: false}, {delay: 0});
	const soon = new Refusal({after: 1000, scope: 'bot', doubling: true});
	world.service.fate = () => ({error: new Refusal('revoked')});
	const hold = indicator.start(a, {maxDuration: never});
	for (let minute = 1; minute <= 119; minute++) {
		await world.until(minute * minutes);
		// One message a minute, refused: the portal is busy.
		void indicator.message(b, world.service.message('b', {error: soon})).catch(() => {});
	}

	await world.until(120 * minutes);
	hold.cancel();
	t.true(world.service.startsOf('send').length <= 6);
});

scenario('10 revoked: its probes double, although one in between met a busy platform', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	let calls = 0;
	world.service.fate = () => ({error: new Refusal(calls++ % 2 === 0 ? 'revoked' : {after: 1000, scope: 'bot', doubling: true})});
	const hold = indicator.start(a, {maxDuration: never});
	await world.until(120 * minutes);
	hold.cancel();
	t.true(world.service.startsOf('send').length <= 12);
});

scenario('11 silence: a refusal of unknown length counts, although an earlier one was never probed', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const soon = new Refusal({after: 1000, scope: 'bot', doubling: true});
	world.service.fate = ({at}) => (at === 0 ? {error: soon} : {});
	const first = indicator.start(a);
	await world.until(150);
	first.stop();
	await world.until(60_000);
	await Promise.all([indicator.message(b, world.service.message('b', {error: soon})).catch(() => {}), world.until(60_100)]);
	const second = indicator.start(a);
	await world.until(65_000);
	second.stop();
	const [, at = 0] = world.service.startsOf('send');
	t.true(at >= 61_050, `${at}`);
});

scenario('11 silence: a first send does not wait for a probe that was accepted already', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at === 0 ? {error: new Refusal({after: 1000, scope: 'bot', doubling: true})} : {});
	const probe = indicator.start(a); // Refused at 100, asks again at 1,100, is accepted at 1,200.
	await world.until(1110);
	const gone = indicator.start(b); // Waits for the probe: the budget sleeps until 2,110.
	await world.until(1150);
	gone.stop();
	await world.until(1300);
	const late = indicator.start({chat: 'c'});
	await world.until(5000);
	probe.stop();
	late.stop();
	t.deepEqual(world.service.startsOf('send', 'c')[0], 1300);
});

scenario('11 silence: a probe hangs, one that was on its way is refused, and all come back', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const soon = new Refusal({after: 1000, scope: 'bot', doubling: true});
	world.service.fate = ({at, chat}) =>
		at === 0 && chat === 'a'
			? {error: soon}
			: at === 0
				? {roundTrip: 2500, deaf: true, error: soon}
				: at < 4000
					? {roundTrip: never, arrival: never, deaf: true}
					: {};
	const holds = ['a', 'b', 'c', 'd'].map(chat => indicator.start({chat}));
	await world.until(40_000);
	for (const chat of ['a', 'b', 'c', 'd']) {
		t.deepEqual(world.service.view(chat).dark(20_000, 40_000), []);
	}

	for (const hold of holds) {
		hold.stop();
	}
});

scenario('workers: the timer of the line dies, and the next handler of a chat that waits gets it going', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at === 0 ? {error: new Refusal({after: 2000, scope: 'bot'}), roundTrip: 0} : {});
	const dead = indicator.start(a);
	await world.until(10);
	const waiting = indicator.start(b);
	await world.until(100);
	world.clock.reset();
	await world.until(100 + 3000);
	const again = indicator.start(b);
	await world.until(20_000);
	const {length} = world.service.startsOf('send', 'b');
	for (const hold of [dead, waiting, again]) {
		hold.stop();
	}

	t.true(length > 0, `${length} sends`);
});

scenario('workers: the timer of the line dies, and a handler of another chat gets it going', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at === 0 ? {error: new Refusal({after: 2000, scope: 'bot'}), roundTrip: 0} : {});
	const dead = indicator.start(a);
	await world.until(10);
	const waiting = indicator.start(b);
	await world.until(100);
	world.clock.reset();
	await world.until(100 + 3000);
	const again = indicator.start({chat: 'c'});
	await world.until(20_000);
	const {length} = world.service.startsOf('send', 'b');
	for (const hold of [dead, waiting, again]) {
		hold.stop();
	}

	t.true(length > 0, `${length} sends`);
});

scenario('workers: the timer of a lease dies, and the next handler of the chat is shown', async (t, world) => {
	const indicator = world.indicator({}, {delay: 200});
	const dead = indicator.start(a);
	await world.until(3000);
	world.clock.reset(); // Its request was ended by the platform.
	await world.until(10_000);
	const again = indicator.start(a);
	await world.until(30_000);
	const dark = world.service.view('a').dark(11_000, 30_000);
	for (const hold of [dead, again]) {
		hold.stop();
	}

	t.deepEqual(dark, []);
});
