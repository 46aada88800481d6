import {Indicator, type Platform} from '@auto-typing/core';
import test from 'ava';
import {a, inFakedTime, Refusal, scenario, wait} from './harness.ts';

// What a platform can say with the optional members of the contract.

const never = Infinity;

/** A platform whose actions have fields, and what it was asked to show. */
function withFields(shown: string[]): Platform<string, 'typing' | {readonly type: 'upload'; readonly progress: number}> {
	return {
		name: 'fields',
		ttl: 5000,
		action: 'typing',
		actions: ['typing', 'upload'],
		key: target => target,
		send: async (_target, action) => {
			shown.push(typeof action === 'string' ? action : `${action.type} ${action.progress}`);
		},
	};
}

test.serial('actions with fields: what moves goes out with the next renewal, a change of type at once', async t => {
	await inFakedTime(async clock => {
		const shown: string[] = [];
		const indicator = new Indicator(withFields(shown), {delay: 0});
		const typing = indicator.start('a');
		await clock.tickAsync(1000);
		typing.action = {type: 'upload', progress: 0};
		await clock.tickAsync(1);
		t.deepEqual(shown, ['typing', 'upload 0']);
		for (const progress of [10, 20, 30]) {
			typing.action = {type: 'upload', progress};
			await clock.tickAsync(1000);
		}

		t.deepEqual(shown, ['typing', 'upload 0']);
		await clock.tickAsync(1500);
		t.deepEqual(shown, ['typing', 'upload 0', 'upload 30']);
		let progress = 50;
		typing.action = {
			type: 'upload',
			get progress() {
				return progress;
			},
		};
		progress = 70;
		await clock.tickAsync(4500);
		t.deepEqual(shown, ['typing', 'upload 0', 'upload 30', 'upload 70']);
		typing.stop();
	});
});

test('actions with fields: a wrong one is refused at once, by its type', t => {
	const indicator = new Indicator(withFields([]));
	t.throws(() => indicator.start('a', {action: {type: 'dance'} as never}), {
		instanceOf: TypeError,
		message: /one of typing, upload, got "dance"/,
	});
	t.throws(() => indicator.start('a', {action: null as never}), {instanceOf: TypeError, message: /`action`.*null/});
	t.throws(() => indicator.start('a', {action: {} as never}), {instanceOf: TypeError, message: /`action`.*an object/});
});

scenario('visible: what nobody would see is told once, and costs no call', async (t, world) => {
	const indicator = world.indicator({visible: () => false}, {delay: 0});
	const typing = indicator.start(a);
	await world.until(20_000);
	typing.stop();
	await world.until(20_001);
	t.deepEqual(world.service.calls, []);
	t.deepEqual(world.told, ['skip unseen', 'end done']);
});

scenario('visible: not told for a handler that was too quick to be shown anyway', async (t, world) => {
	const indicator = world.indicator({visible: () => false});
	await indicator.run(a, async () => 'quick');
	t.deepEqual(world.told, ['skip quick', 'end done']);
});

scenario('visible: a message may make it so, and its age end it', async (t, world) => {
	const indicator = world.indicator({visible: (_target, messageAge) => messageAge < 10_000}, {delay: 0});
	const typing = indicator.start(a);
	await world.until(5000);
	t.deepEqual(world.service.calls, []);
	void indicator.message(a, async () => {});
	await world.until(30_000);
	typing.stop();
	t.deepEqual(world.service.startsOf('send'), [5001, 9501, 14_001]);
	t.deepEqual(
		world.told.filter(told => told.startsWith('skip')),
		['skip unseen', 'skip unseen'],
	);
});

scenario('visible: a platform that errs shows it', async (t, world) => {
	const indicator = world.indicator(
		{
			visible() {
				throw new Error('a bug');
			},
		},
		{delay: 0},
	);
	const typing = indicator.start(a);
	await world.until(1000);
	typing.stop();
	t.deepEqual(world.service.startsOf('send'), [0]);
});

scenario('silence of unknown length: doubled while refusals follow each other, up to a minute', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.roundTrip = 0;
	const busy = new Refusal({after: 1000, scope: 'bot', doubling: true});
	world.service.fate = ({at}) => (at < 200_000 ? {error: busy} : {});
	const typing = indicator.start(a);
	await world.until(250_000);
	t.deepEqual(world.service.startsOf('send').slice(0, 9), [0, 1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000, 183_000]);
	// Accepted once, it begins with a second again.
	const after = world.service.startsOf('send').at(-1)!;
	world.service.fate = ({at}) => (at > after && at < after + 6000 ? {error: busy} : {});
	await world.until(after + 6000);
	t.deepEqual(world.service.startsOf('send').slice(-2), [after + 4500, after + 5500]);
	typing.stop();
});

scenario('silence of unknown length: one chat asks for all of them', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at < 3000 ? {error: new Refusal({after: 1000, scope: 'bot', doubling: true})} : {});
	const holds = ['a', 'b', 'c', 'd'].map(chat => indicator.start({chat}));
	await world.until(4400);
	// All were on their way when the first was refused; then one each, and the rest when it was accepted.
	const starts = world.service.startsOf('send');
	t.deepEqual(starts.slice(0, 6), [0, 0, 0, 0, 1100, 3200]);
	t.is(starts.length, 9);
	for (const hold of holds) {
		hold.stop();
	}
});

scenario('silence of unknown length: the answer to a call from before does not end it', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const busy = new Refusal({after: 1000, scope: 'bot', doubling: true});
	// Two on their way together: the first is refused, the second still gets in.
	world.service.fate = ({chat, at}) => (at === 0 ? (chat === 'a' ? {error: busy} : {roundTrip: 300}) : {});
	const holds = ['a', 'b'].map(chat => indicator.start({chat}));
	await world.until(400);
	holds[0]!.stop(); // So that nobody is in line.
	holds.push(indicator.start({chat: 'c'}));
	await world.until(4000);
	t.deepEqual(world.service.startsOf('send').slice(0, 3), [0, 0, 1100]);
	for (const hold of holds) {
		hold.stop();
	}
});

scenario('stop: a send that may arrive after the message is taken down', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: 60_000}, {delay: 0});
	// Given up for the message after 300 ms, it gets through all the same: 700 ms after the message.
	world.service.fate = ({kind}) => (kind === 'send' ? {roundTrip: 2000, arrival: 1100, deaf: true} : {});
	void indicator.run(a, async () => {
		await wait(10);
		await indicator.message(a, world.service.message('a', {roundTrip: 180}));
	});
	await world.until(10_000);
	t.deepEqual(world.service.landings(), [400]);
	const [[from, to] = [0, never]] = world.service.spans();
	t.is(from, 1100);
	t.true(to <= 2100, `${to}`);
});

scenario('stop: owed for a send whose answer was lost before the message', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: 60_000}, {delay: 0});
	// Aborted before the message, as the client honours its signal, but it was on its way already.
	world.service.fate = ({kind}) => (kind === 'send' ? {roundTrip: never, arrival: never} : {});
	void indicator.run(a, async () => {
		await wait(10);
		await indicator.message(a, world.service.message('a', {roundTrip: 180}));
	});
	await world.until(10_000);
	t.is(world.service.startsOf('stop').length, 1);
	t.true(world.service.startsOf('stop')[0]! >= world.service.landings()[0]!);
});

scenario('stop: none is owed when the message came after an answered send', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: 60_000}, {delay: 0});
	void indicator.run(a, async () => {
		await wait(1000);
		await indicator.message(a, world.service.message('a'));
	});
	await world.until(10_000);
	t.deepEqual(world.service.startsOf('stop'), []);
});

scenario('stop: none is owed to a chat that is gone, and nothing waits for it', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: 60_000}, {delay: 0});
	for (const how of ['send', 'message'] as const) {
		const chat = {chat: how};
		const typing = indicator.start(chat, {interval: 1000});
		await world.until(world.service.now() + 500);
		if (how === 'send') {
			world.service.fate = () => ({error: new Refusal('gone')});
		} else {
			void indicator.message(chat, world.service.message(how, {error: new Refusal('gone')})).catch(() => {});
		}

		await world.until(world.service.now() + 1000);
		t.true(typing.ended);
		t.is(indicator.size, 0, how);
		t.deepEqual(world.service.startsOf('stop', how), []);
		world.service.fate = () => ({});
	}
});

scenario('stop: goes out at once where typing was refused after it was shown', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: 60_000}, {delay: 0});
	world.service.fate = ({kind, at}) => (kind === 'send' && at > 0 ? {error: new Refusal('give-up')} : {});
	const typing = indicator.start(a, {interval: 1000});
	await world.until(2000);
	typing.stop();
	await world.until(2500);
	t.deepEqual(world.service.startsOf('stop'), [2000]);
	t.is(indicator.size, 0);
});

scenario('stop: owed for a send that may have overtaken a file nobody could hold back', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: 60_000}, {delay: 0});
	void indicator.run(
		a,
		async () => {
			// It lands at 1,050, before its answer does: a renewal of the upload in between shows after it.
			await indicator.message(a, world.service.upload('a', {before: 1000, gated: false, roundTrip: 1100, arrival: 50}), 'upload_photo');
		},
		{interval: 1500},
	);
	await world.until(10_000);
	t.deepEqual(world.service.landings(), [1050]);
	t.deepEqual(world.service.startsOf('send'), [0, 100, 1600]);
	const [from, to] = world.service.spans().at(-1)!;
	t.is(from, 1650);
	t.true(to <= 2200, `${to}`);
});

scenario('visible: what a handler knows of the chat is not forgotten for one that knows less', async (t, world) => {
	const indicator = world.indicator({visible: ({topic = 0}) => topic >= 0, key: ({chat}) => chat}, {delay: 0});
	const typing = indicator.start(a);
	await world.until(1000);
	const late = indicator.start({chat: 'a', topic: -1}); // An old event, delivered again.
	await world.until(2000);
	late.stop();
	await world.until(10_000);
	typing.stop();
	t.deepEqual(world.service.startsOf('send'), [0, 4500, 9000]);
	t.deepEqual(
		world.service.calls.map(({target}) => target),
		[a, a, a],
	);
});

scenario('silence of unknown length: a message that is refused asks for it as well, in all chats', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0, interval: 1000});
	const holds = ['a', 'b'].map(chat => indicator.start({chat}));
	await world.until(500);
	const error = new Refusal({after: 2000, scope: 'bot', doubling: true});
	void indicator.message(a, world.service.message('a', {error, roundTrip: 0})).catch(() => {});
	await world.until(2400);
	t.deepEqual(world.service.startsOf('send'), [0, 0]);
	for (const hold of holds) {
		hold.stop();
	}
});

test('wrong arguments are refused at once, before anything is held', async t => {
	t.throws(() => new Indicator(undefined as never), {instanceOf: TypeError, message: /`platform.key` to be a function, got undefined/});
	t.throws(() => new Indicator({...withFields([]), send: 1} as never), {
		instanceOf: TypeError,
		message: /`platform.send` to be a function, got 1/,
	});
	t.throws(() => new Indicator({...withFields([]), ttl: '5000'} as never), {
		instanceOf: TypeError,
		message: /`platform.ttl` to be a number of at least 1, got "5000"/,
	});
	t.throws(() => new Indicator({...withFields([]), ttl: Number.NaN}), {instanceOf: RangeError, message: /`platform.ttl`.*got NaN/});
	const indicator = new Indicator(withFields([]));
	await t.throwsAsync(indicator.run('a', undefined as never), {
		instanceOf: TypeError,
		message: /`handler` to be a function, got undefined/,
	});
	await t.throwsAsync(indicator.message('a', 'text' as never), {instanceOf: TypeError, message: /`send` to be a function, got "text"/});
	for (const target of [undefined, null]) {
		const told = {instanceOf: TypeError, message: `Expected \`target\` to be a chat, got ${target}`};
		t.throws(() => indicator.start(target as never), told);
		t.throws(() => indicator.cancel(target as never), told);
		await t.throwsAsync(
			indicator.run(target as never, () => {}),
			told,
		);
		await t.throwsAsync(
			indicator.message(target as never, async () => {}),
			told,
		);
	}

	t.is(indicator.size, 0);
});

test('settings are made once: those of the indicator, overridden by others', t => {
	const {signal} = new AbortController();
	const indicator = new Indicator(withFields([]), {delay: 5, interval: 1000, signal});
	const {delay, interval, signal: shared} = indicator.settings({interval: 2000});
	t.deepEqual([delay, interval], [5, 2000]);
	t.is(shared, signal);
	t.is(indicator.settings(), indicator.settings());
	t.throws(() => indicator.settings({interval: 9000}), {instanceOf: RangeError, message: /`interval`/});
});

scenario('a `peer` that throws harms no handler', async (t, world) => {
	const indicator = world.indicator(
		{
			chatLimit: {limit: 3, interval: 5000},
			peer() {
				throw new Error('peer');
			},
		},
		{delay: 0},
	);
	await t.notThrowsAsync(indicator.run(a, () => 1));
});
