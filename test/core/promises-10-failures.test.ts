import {a, b, Refusal, scenario, wait, type Target} from './harness.ts';

// Promises 10 and 11: failures harm nobody, and what the platform asks for is obeyed.

const never = Infinity;
const minutes = 60_000;

scenario('10 failures: every failed call is told once, and never to the handler', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const error = new Error('503');
	world.service.fate = () => ({error});
	const handler = indicator.run(a, async typing => {
		await wait(20_000);
		return typing.signal.aborted;
	});
	await world.until(20_000);
	t.false(await handler);
	// From the start of the failed call, doubling: 250, 500, 1,000…
	t.deepEqual(world.service.startsOf('send'), [0, 250, 750, 1750, 3750, 7750, 15_750]);
	t.is(world.errors.length, 7);
	t.true(world.errors.every(told => told === error));
	t.is(world.told.filter(told => told === 'failure error').length, 7);
});

scenario('10 failures: what was backed off is forgotten with the first success', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at < 1000 || at === 6250 ? {error: new Error('503')} : {});
	const typing = indicator.start(a);
	await world.until(12_000);
	typing.stop();
	t.deepEqual(world.service.startsOf('send'), [0, 250, 750, 1750, 6250, 6500, 11_000]);
	t.deepEqual(world.service.view().dark(1800, 12_000), []);
});

scenario('10 failures: any value may be thrown', async (t, world) => {
	const indicator = world.indicator({classify: undefined as never}, {delay: 0});
	const thrown = [undefined, null, 0, 'no', Symbol('no'), {}];
	let count = 0;
	const platform = world.indicator(
		{
			async send() {
				throw thrown[count++];
			},
		},
		{delay: 0},
	);
	const holds = [platform.start(a), indicator.start(b)];
	await world.until(9000);
	for (const hold of holds) {
		hold.stop();
	}

	t.deepEqual(world.errors.slice(0, thrown.length), thrown);
});

scenario('10 failures: a `classify` that throws, or answers nonsense, is "retry"', async (t, world) => {
	const answers = [undefined, null, 'oops', 5, {}, {after: Number.NaN}, {after: -1}, Promise.resolve('gone')];
	for (const answer of answers) {
		const start = world.service.now();
		const from = world.service.calls.length;
		const indicator = world.indicator({classify: () => answer as 'retry'}, {delay: 0});
		world.service.fate = ({at}) => (at === start ? {error: new Error('503')} : {});
		const typing = indicator.start(a);
		await world.until(start + 3000);
		typing.stop();
		t.deepEqual(world.service.startsOf('send').slice(from), [start, start + 250], JSON.stringify(answer));
	}

	const start = world.service.now();
	const indicator = world.indicator(
		{
			classify() {
				throw new Error('a bug');
			},
		},
		{delay: 0},
	);
	world.service.fate = ({at}) => (at === start ? {error: new Error('503')} : {});
	const typing = indicator.start(a);
	const message = indicator.message(b, async () => Promise.reject(new Error('mine')));
	await t.throwsAsync(message, {message: 'mine'});
	await world.until(start + 3000);
	typing.stop();
	t.is(world.service.view().visible(start + 1000), 'typing');
});

scenario('10 failures: a `fallback` that throws is harmless', async (t, world) => {
	const indicator = world.indicator(
		{
			fallback() {
				throw new Error('a bug in the platform');
			},
		},
		{delay: 0},
	);
	world.service.fate = ({at}) => (at === 0 ? {error: new Error('503')} : {});
	const typing = indicator.start(a);
	await world.until(3000);
	typing.stop();
	await world.until(4000);
	t.deepEqual(world.service.spans(), [[300, 5300, 'typing']]);
});

scenario('10 failures: a `fallback` is tried at once, and remembered for the chat', async (t, world) => {
	const indicator = world.indicator({fallback: ({chat, topic}) => (topic === undefined ? undefined : {chat})}, {delay: 0});
	world.service.fate = ({target}) => (target.topic === 1 ? {error: new Refusal('give-up')} : {});
	const target = {chat: 'a', topic: 1};
	const first = indicator.start(target);
	await world.until(2000);
	first.stop();
	await world.until(60_000);
	const second = indicator.start(target);
	await world.until(61_000);
	second.stop();
	t.deepEqual(
		world.service.calls.map(call => [call.at, call.target.topic]),
		[
			[0, 1],
			[100, undefined],
			[60_000, undefined],
		],
	);
});

scenario('10 failures: a chat that moves twice is found where it is, and nothing of it is left', async (t, world) => {
	const moves: Record<string, string> = {a: 'b', b: 'c'};
	const fallback = ({chat}: Target) => (moves[chat] === undefined ? undefined : {chat: moves[chat]});
	const indicator = world.indicator({fallback}, {delay: 0});
	world.service.fate = ({chat, at}) => (chat === 'a' || (chat === 'b' && at > 1000) ? {error: new Refusal('give-up')} : {});
	const hold = indicator.start(a);
	await world.until(1000);
	t.is(indicator.current(b), hold);
	await world.until(9000);
	t.is(indicator.current({chat: 'c'}), hold);
	hold.stop();
	await world.until(10_000);
	t.is(indicator.size, 0);
});

scenario('5 reply: to where a chat has moved waits for what was aborted there, though its handler has ended', async (t, world) => {
	const indicator = world.indicator({fallback: ({chat}) => (chat === 'a' ? b : undefined)}, {delay: 0});
	world.service.fate = ({chat}) => (chat === 'a' ? {error: new Refusal('give-up')} : {});
	const hold = indicator.start(a);
	await world.until(4620);
	hold.cancel();
	await world.until(4630);
	let left = 0;
	void indicator.message(b, async () => (left = world.service.now()));
	await world.until(10_000);
	t.is(left, 4700);
});

scenario('10 failures: a `fallback` that never runs out does not call without end', async (t, world) => {
	// Telegram: a group that "was migrated" to where we already are, refused by something that answers at once (a test's own transformer).
	const indicator = world.indicator({fallback: target => target}, {delay: 0});
	world.service.fate = () => (world.service.calls.length < 200 ? {roundTrip: 0, error: new Error('400')} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.stop();
	t.true(world.service.calls.length < 20, `${world.service.calls.length} calls in one second`);
});

for (const failure of ['give-up', 'gone'] as const) {
	scenario(`10 failures: "${failure}" is remembered for the chat for five minutes, across handlers`, async (t, world) => {
		const indicator = world.indicator({}, {delay: 0});
		world.service.fate = ({chat}) => (chat === 'a' ? {error: new Refusal(failure)} : {});
		for (const at of [0, 1000, 60_000, 4 * minutes, 5 * minutes + 99]) {
			await world.until(at);
			const holds = [indicator.start(a), indicator.start(b)];
			t.false(holds[1]?.ended);
			await world.until(at === 5 * minutes + 99 ? at : at + 500);
			for (const hold of holds) {
				hold.stop();
			}
		}

		// It was refused at 100.
		t.deepEqual(world.service.startsOf('send', 'a'), [0]);
		t.is(world.service.startsOf('send', 'b').length, 5);
		t.is(world.told.filter(told => told === 'skip refused').length, 4);
		await world.until(5 * minutes + 100);
		const typing = indicator.start(a);
		await world.until(6 * minutes);
		typing.stop();
		t.deepEqual(world.service.startsOf('send', 'a'), [0, 5 * minutes + 100]);
	});
}

scenario('10 failures: a handler that outlasts a refusal tries again after five minutes', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at === 0 ? {error: new Refusal('give-up')} : {});
	const typing = indicator.start(a);
	await world.until(6 * minutes);
	typing.stop();
	t.deepEqual(world.service.startsOf('send').slice(0, 2), [0, 5 * minutes + 100]);
});

for (const [failure, calls] of [
	['gone', 2],
	['give-up', 1],
] as const) {
	scenario(
		`10 failures: a message that lands ${failure === 'gone' ? 'proves that the chat is not gone' : 'says nothing about a right to type'}`,
		async (t, world) => {
			const indicator = world.indicator({}, {delay: 0});
			world.service.fate = ({at}) => (at === 0 ? {error: new Refusal(failure)} : {});
			const first = indicator.run(a, async () => wait(1000));
			await world.until(1000);
			await first;
			const second = indicator.run(a, async () => {
				await wait(1000);
				await indicator.message(a, world.service.message('a'));
				await wait(1000);
			});
			await world.until(4000);
			await second;
			t.is(world.service.calls.length, calls);
		},
	);
}

scenario('10 failures: a message that lands in a chat nobody holds shows that it is not gone', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at === 0 ? {error: new Refusal('gone')} : {});
	const gone = indicator.start(a);
	await world.until(1000);
	t.true(gone.signal.aborted);
	const message = indicator.message(a, world.service.message('a')); // The handler goes on, and the person has unblocked the bot.
	await world.until(2000);
	await message;
	const typing = indicator.start(a);
	await world.until(3000);
	typing.stop();
	await world.until(9000);
	t.deepEqual(world.service.spans(), [[2050, 7050, 'typing']]);
});

scenario('10 failures: a message refused after its handler has returned is remembered as well', async (t, world) => {
	const indicator = world.indicator();
	let message: Promise<unknown> | undefined;
	await indicator.run(a, async () => {
		message = indicator.message(a, world.service.message('a', {error: new Refusal('gone')})).catch(() => {}); // Not awaited.
	});
	await world.until(1000);
	await message;
	const typing = indicator.start(a);
	await world.until(3000);
	typing.stop();
	t.deepEqual(world.service.calls, []);
});

scenario('10 failures: a message that is wrong in itself says nothing about the chat', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () => {
		await t.throwsAsync(indicator.message(a, world.service.message('a', {error: new Refusal('give-up')})));
		await wait(2000);
	});
	await world.until(3000);
	await handler;
	t.deepEqual(world.service.startsOf('send'), [200]);
});

scenario('10 failures: the memory of refusals is bounded: the oldest of many is forgotten', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = () => ({roundTrip: 0, error: new Refusal('give-up')});
	for (let chat = 0; chat <= 10_000; chat++) {
		const typing = indicator.start({chat: `${chat}`});
		await Promise.resolve();
		await Promise.resolve();
		await Promise.resolve();
		await world.clock.tickAsync(0);
		typing.stop();
	}

	const {length} = world.service.calls;
	t.is(length, 10_001);
	for (const [chat, calls] of [
		['10000', 0],
		['1', 0],
		['0', 1],
	] as const) {
		const from = world.service.calls.length;
		const typing = indicator.start({chat});
		await world.clock.tickAsync(10);
		typing.stop();
		t.is(world.service.calls.length - from, calls, chat);
	}
});

scenario('10 failures: "revoked" stops the whole bot, probed after 5 min, then 10, 20, 40, 60, 60', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0, maxDuration: never});
	world.service.fate = () => ({error: new Refusal('revoked')});
	const holds = Array.from({length: 5}, (_, chat) => indicator.start({chat: `${chat}`}));
	await world.until(200 * minutes);
	// Five were on their way together. From then on one asks for all of them.
	let at = 100;
	const probes = [5, 10, 20, 40, 60, 60].map(pause => {
		at += pause * minutes + 100;
		return at - 100;
	});
	t.deepEqual(world.service.startsOf('send'), [0, 0, 0, 0, 0, ...probes]);
	t.true(world.told.includes('wait revoked'));
	world.service.fate = () => ({});
	await world.until(300 * minutes);
	t.is(world.service.view('3').visible(300 * minutes), 'typing');
	for (const hold of holds) {
		t.false(hold.signal.aborted);
		hold.stop();
	}

	await world.until(301 * minutes);
});

scenario('10 failures: two calls refused at once revoke the bot once', async (t, world) => {
	const indicator = world.indicator({limit: {limit: 30, interval: 1000}}, {delay: 0, maxDuration: never});
	world.service.fate = ({at}) => (at < 60_000 ? {error: new Refusal('revoked')} : {});
	const holds = ['a', 'b', 'c', 'd', 'e'].map(chat => indicator.start({chat}));
	await world.until(5 * minutes + 4000);
	for (const hold of holds) {
		hold.stop();
	}

	const later = world.service.startsOf('send').slice(5);
	t.is(later[0], 5 * minutes + 100);
	t.is(later.length, 5, 'the accepted probe lets all others in');
	t.true(later.every(at => at < 5 * minutes + 2000));
});

scenario('10 failures: a probe is one call, and one that hangs is followed by another five seconds later', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0, maxDuration: never});
	world.service.fate = ({at}) =>
		at === 0 ? {error: new Refusal('revoked')} : at < 5 * minutes + 4000 ? {roundTrip: never, arrival: never} : {};
	const holds = ['a', 'b', 'c', 'd'].map(chat => indicator.start({chat}));
	await world.until(5 * minutes + 20_000);
	for (const hold of holds) {
		hold.stop();
	}

	const probes = world.service.startsOf('send').filter(at => at > 0 && at < 5 * minutes + 5200);
	t.deepEqual(probes, [5 * minutes + 100, 5 * minutes + 5100]);
});

for (const scope of ['chat', 'bot'] as const) {
	scenario(`11 429: ${scope} scope is obeyed to the millisecond`, async (t, world) => {
		const indicator = world.indicator({}, {delay: 0});
		world.service.fate = ({at, chat}) => (at === 0 && chat === 'a' ? {error: new Refusal({after: 7321, scope})} : {});
		const holds = [indicator.start(a), indicator.start(b)];
		await world.until(20_000);
		for (const hold of holds) {
			hold.stop();
		}

		t.is(world.service.startsOf('send', 'a')[1], 7421);
		t.is(world.service.startsOf('send', 'b')[1], scope === 'bot' ? 7421 : 4500);
		t.true(world.told.includes('wait silence'));
		t.is(world.errors.length, 1);
	});
}

scenario('11 429: goes for later handlers too, and for a chat unless it says otherwise', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at === 0 ? {error: new Refusal({after: 9000})} : {});
	const first = indicator.start(a);
	await world.until(1000);
	first.stop();
	await world.until(2000);
	const holds = [indicator.start(a), indicator.start(b)];
	await world.until(12_000);
	for (const hold of holds) {
		hold.stop();
	}

	t.deepEqual(world.service.startsOf('send', 'a'), [0, 9100]);
	t.deepEqual(world.service.startsOf('send', 'b'), [2000, 6500, 11_000]);
});

scenario('11 429: a handler that ends within the silence sends nothing after it', async (t, world) => {
	for (const scope of ['chat', 'bot'] as const) {
		const start = world.service.now();
		const from = world.service.calls.length;
		const indicator = world.indicator({}, {delay: 0});
		world.service.fate = ({at}) => (at === start ? {error: new Refusal({after: 5000, scope})} : {});
		const typing = indicator.start(a);
		await world.until(start + 5099);
		typing.stop();
		await world.until(start + 20_000);
		t.is(world.service.calls.length - from, 1);
	}
});

scenario('11 429: a `retry_after` of 0 is no leave to call without end', async (t, world) => {
	for (const scope of ['chat', 'bot'] as const) {
		const from = world.service.calls.length;
		const indicator = world.indicator({}, {delay: 0});
		world.service.fate = () => (world.service.calls.length < from + 200 ? {roundTrip: 0, error: new Refusal({after: 0, scope})} : {});
		const typing = indicator.start(a);
		await world.clock.tickAsync(1000);
		typing.stop();
		t.true(world.service.calls.length - from < 20, `${world.service.calls.length - from} calls in one second`);
		await world.clock.tickAsync(2000);
	}
});

scenario('11 429: the silence a message was told is not cut short by a typing call that was in flight', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	// An upload that does not call its gate (it failed before its last bytes): refused for 20 s at 4,550, while the renewal of 4,500 is in flight.
	const handler = indicator.run(a, async () => {
		await wait(1000);
		const upload = indicator.message(
			a,
			async () => {
				await wait(3550);
				throw new Refusal({after: 20_000});
			},
			'typing',
		);
		await t.throwsAsync(upload);
		await wait(20_000);
	});
	await world.until(30_000);
	await handler;
	t.deepEqual(
		world.service.startsOf('send').filter(at => at > 4550 && at < 24_550),
		[],
	);
});

scenario('11 429: a short silence does not end a longer one', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at === 0 ? {error: new Refusal({after: 20_000})} : {});
	const handler = indicator.run(a, async () => {
		await wait(1000);
		await t.throwsAsync(indicator.message(a, world.service.message('a', {error: new Refusal({after: 1000})})));
		await wait(10_000);
	});
	await world.until(15_000);
	await handler;
	t.deepEqual(world.service.startsOf('send'), [0]);
});

scenario('11 429: no `stop` goes out while the bot was told to be silent', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: 60_000, interval: 5000}, {delay: 0});
	world.service.fate = ({kind, chat}) => (kind === 'send' && chat === 'b' ? {error: new Refusal({after: 20_000, scope: 'bot'})} : {});
	const first = indicator.start(a);
	await world.until(1000);
	const second = indicator.start(b);
	await world.until(2000);
	first.stop();
	second.stop();
	await world.until(70_000);
	t.deepEqual(world.service.startsOf('stop'), [21_100]);
	t.deepEqual(world.service.spans(), [[50, 21_150, 'typing']]);
});

scenario('11 429: an endless silence is endless, without a busy loop', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0, maxDuration: never});
	world.service.fate = ({chat}) => ({error: new Refusal({after: never, scope: chat === 'a' ? 'chat' : 'bot'})});
	const holds = [indicator.start(a), indicator.start(b)];
	await world.until(60 * minutes);
	for (const hold of holds) {
		hold.stop();
	}

	t.is(world.service.calls.length, 2);
});

scenario('11 429: a refusal counts although its handler has ended, where the client does not honour its signal', async (t, world) => {
	for (const failure of [{after: 9000}, {after: 9000, scope: 'bot'}, 'revoked', 'gone', 'give-up'] as const) {
		const start = world.service.now();
		const indicator = world.indicator({}, {delay: 0});
		world.service.fate = ({at}) => (at === start ? {deaf: true, error: new Refusal(failure)} : {});
		const first = indicator.start(a);
		await world.until(start + 50);
		first.stop();
		await world.until(start + 150);
		const second = indicator.start(a);
		await world.until(start + 9099);
		second.stop();
		await world.until(start + 20_000);
		t.deepEqual(
			world.service.startsOf('send').filter(at => at >= start),
			[start],
			JSON.stringify(failure),
		);
	}

	t.is(world.errors.length, 5, 'each is told once');
});

scenario('10 failures: what an abort made fail is told to nobody', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const typing = indicator.start(a);
	await world.until(50);
	typing.stop();
	await world.until(1000);
	t.deepEqual(world.errors, []);
	t.deepEqual(world.told, ['send first', 'end done']);
});

scenario('10 failures: what an abort made fail says nothing of the chat, whatever the platform makes of it', async (t, world) => {
	for (const client of [{}, {deaf: true, roundTrip: never}]) {
		const start = world.service.now();
		const indicator = world.indicator({classify: () => 'give-up'}, {delay: 0});
		world.service.fate = ({at}) => (at === start ? {arrival: never, ...client} : {});
		const first = indicator.start(a);
		await world.until(start + 40);
		first.stop();
		const second = indicator.start(a);
		await world.until(start + 9000);
		t.is(world.service.view().visible(start + 8900), 'typing', JSON.stringify(client));
		second.stop();
		await world.until(start + 20_000);
	}

	t.deepEqual(world.errors, []);
});
