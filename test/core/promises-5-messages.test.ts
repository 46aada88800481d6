import {Indicator} from '@auto-typing/core';
import test from 'ava';
import {a, b, inFakedTime, random, Refusal, scenario, Service, wait} from './harness.ts';

// Promises 5 and 6: messages clear the indicator, and uploads have one of their own.

const never = Infinity;

for (const deaf of [false, true]) {
	for (const [roundTrip, left] of [
		[299, 299],
		[300, 300],
		[301, 300],
		[2000, 300],
		[never, 300],
	] as const) {
		scenario(
			`5 reply: a call answered after ${roundTrip} ms lets the message leave after ${left} (client ${deaf ? 'ignores' : 'honours'} its signal)`,
			async (t, world) => {
				const indicator = world.indicator({}, {delay: 0});
				world.service.fate = ({at}) => (at === 0 ? {roundTrip, arrival: Math.min(roundTrip / 2, 250), deaf} : {});
				const handler = indicator.run(a, async () =>
					indicator.message(a, async () => {
						t.is(world.service.now(), left);
						t.is(world.service.calls[0]?.abortedAt, roundTrip <= 300 ? never : 300);
						return world.service.message('a')();
					}),
				);
				await world.until(1000);
				t.is(await handler, 'sent');
				await world.until(10_000);
				t.is(world.service.view().after(left + 50), 0);
				t.deepEqual(world.errors, []);
			},
		);
	}
}

test.serial("5 reply: on a faked clock that stands at 0, as in a user's own tests, nothing is sent after it in the same turn", async t => {
	await inFakedTime(async clock => {
		clock.reset();
		t.is(performance.now(), 0);
		const service = new Service();
		const indicator = new Indicator(service.platform({limit: {limit: 30, interval: 1000}}), {delay: 0});
		await indicator.run(a, async () => {
			await indicator.message(a, async () => {});
			await clock.tickAsync(0);
		});
		t.deepEqual(service.calls, []);
	});
});

scenario('5 reply: with nothing in flight it leaves in the same turn', async (t, world) => {
	const indicator = world.indicator();
	const typing = indicator.start(a);
	await world.until(1000);
	let left = false;
	const message = indicator.message(a, async () => {
		left = true;
	});
	t.true(left);
	await message;
	typing.stop();
	left = false;
	const unheld = indicator.message(b, async () => {
		left = true;
	});
	t.true(left);
	await unheld;
});

scenario('5 reply: nothing is seen after 181 replies at all phases of the refresh', async (t, world) => {
	const indicator = world.indicator();
	const next = random(181);
	world.service.fate = () => ({roundTrip: 20 + Math.floor(next() * 560)});
	const handlers = Array.from({length: 181}, async (_, phase) => {
		const target = {chat: `${phase}`};
		return indicator.run(target, async () => {
			await wait(150 + phase * 50);
			const asked = world.service.now();
			await indicator.message(target, async () => {
				t.true(world.service.now() - asked <= 300);
				return world.service.message(target.chat, {roundTrip: 20 + Math.floor(next() * 560)})();
			});
		});
	});
	await world.until(20_000);
	await Promise.all(handlers);
	for (let phase = 0; phase < 181; phase++) {
		const view = world.service.view(`${phase}`);
		t.is(view.messages.length, 1);
		t.is(view.after(view.messages[0]?.at ?? 0), 0, `phase ${phase}`);
		t.deepEqual(view.dark(1000, 150 + phase * 50), [], `phase ${phase}`);
	}
});

for (const end of ['return', 'cancel'] as const) {
	scenario(`5 reply: one that nobody awaits leaves after the call in flight, although its handler has ended (${end})`, async (t, world) => {
		const indicator = world.indicator();
		// Aborted, it arrives all the same: what the client has written can't be called back.
		world.service.fate = () => ({roundTrip: 240, arrival: 200, deaf: true});
		let reply: Promise<string> | undefined;
		await indicator.run(a, async typing => {
			await world.until(220);
			reply = indicator.message(a, world.service.message('a'));
			if (end === 'cancel') {
				typing.cancel();
			}
		});
		await world.until(6000);
		t.is(await reply, 'sent');
		t.deepEqual(world.service.spans(), [[400, 490, 'typing']]);
		t.deepEqual(world.service.landings(), [490]);
		t.is(world.service.calls[0]?.abortedAt, never);
	});
}

scenario('5 reply: one that nobody awaits aborts a call that hangs after 300 ms, as any other', async (t, world) => {
	const indicator = world.indicator();
	world.service.fate = () => ({roundTrip: never, arrival: never});
	let reply: Promise<string> | undefined;
	await indicator.run(a, async () => {
		await world.until(220);
		reply = indicator.message(a, world.service.message('a'));
	});
	await world.until(6000);
	t.is(await reply, 'sent');
	t.is(world.service.calls[0]?.abortedAt, 520);
	t.deepEqual(world.service.landings(), [570]);
});

for (const end of ['return', 'throw', 'cancel', 'pause'] as const) {
	scenario(
		`5 reply: one asked for after the end leaves when the call that was aborted has landed at the latest (${end})`,
		async (t, world) => {
			const indicator = world.indicator();
			// Aborted, it arrives all the same: what the client has written can't be called back.
			world.service.fate = ({at}) => ({roundTrip: 240, arrival: at > 4000 ? 235 : 120, deaf: at > 4000});
			const handler = indicator.run(a, async typing => {
				await wait(4720); // The renewal is on its way since 4,700.
				if (end === 'throw') {
					throw new Error('the work failed');
				} else if (end === 'cancel') {
					typing.cancel();
				} else if (end === 'pause') {
					typing.pause();
					await wait(10_000);
				}
			});
			handler.catch(() => {});
			await world.until(4720);
			t.is(world.service.calls[1]?.abortedAt, 4720);
			const reply = indicator.message(a, world.service.message('a'));
			await world.until(20_000);
			t.is(await reply, 'sent');
			const [landed = 0] = world.service.landings();
			t.true(landed > 4980 && landed <= 4990, `${landed}`); // It left one trip after the call did, half of its own before this.
			t.deepEqual(world.service.spans(), [[320, landed, 'typing']]);
		},
	);
}

for (const deaf of [false, true]) {
	scenario(
		`5 reply: an aborted call holds up none once it must have landed: when it is old, or calls are quick (client ${deaf ? 'ignores' : 'honours'} its signal)`,
		async (t, world) => {
			const indicator = world.indicator({}, {delay: 0});
			/** When a reply leaves that is asked for 10 ms after a call was aborted, in milliseconds from the start of that call. */
			const left = async (target: typeof a, abortedAt: number) => {
				world.service.fate = () => ({roundTrip: never, arrival: never, deaf});
				const from = world.service.now();
				const typing = indicator.start(target);
				await world.until(from + abortedAt);
				typing.stop();
				await world.until(from + abortedAt + 10);
				t.is(indicator.size, deaf ? 1 : 0);
				let at = never;
				void indicator.message(target, async () => {
					at = world.service.now() - from;
				});
				await world.until(from + 4000);
				return at;
			};

			// Nothing is known of the network yet: as long as for a call in flight.
			t.is(await left(a, 10), 300);
			const old = await left(b, 1000);
			t.true(old <= 1011, `${old}`);
			world.service.fate = () => ({roundTrip: 40});
			const quick = indicator.start(a);
			await world.until(9000);
			quick.stop();
			t.is(await left(b, 10), 40);
			await world.until(9000 + 6 * 60_000);
			t.is(await left(a, 10), 300, 'what was known is too old');
		},
	);
}

scenario('5 reply: an aborted call that was answered all the same holds up none any longer', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const outcomes = {landed: undefined, refused: new Refusal('give-up')};
	for (const [index, error] of Object.values(outcomes).entries()) {
		world.service.fate = () => ({roundTrip: 40, deaf: true, error});
		const target = {chat: `${index}`};
		const began = world.service.now();
		const hold = indicator.start(target);
		await world.until(began + 10);
		hold.cancel();
		const left: number[] = [];
		const send = async () => left.push(world.service.now() - began);
		void indicator.message(target, send); // In flight still.
		await world.until(began + 60);
		void indicator.message(target, send);
		await world.until(began + 1000);
		t.deepEqual(left, [40, 60]);
	}
});

scenario('5 reply: after an hour of silence nothing is known of the network any more', async (t, world) => {
	const indicator = world.indicator();
	world.service.fate = ({at}) => ({roundTrip: 240, deaf: at > 10_000});
	await Promise.all([indicator.run(a, async () => wait(1000)), world.until(3_600_000)]);
	const hold = indicator.start(a);
	await world.until(3_600_220);
	hold.cancel();
	// The client gave up at once, or so it said.
	const reply = indicator.message(a, world.service.message('a'));
	await world.until(3_610_000);
	await reply;
	const [landed = 0] = world.service.landings();
	t.deepEqual(world.service.spans().slice(1), [[3_600_320, landed, 'typing']]);
});

scenario('5 reply: how long it takes to take an indicator down says nothing of how long a send does', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	world.service.fate = ({kind}) => ({roundTrip: kind === 'stop' ? 500 : 40});
	const first = indicator.start(a);
	await world.until(1000);
	first.stop();
	await world.until(2000);
	world.service.fate = () => ({roundTrip: never, arrival: never});
	const second = indicator.start(b);
	await world.until(2010);
	second.stop();
	let left = never;
	void indicator.message(b, async () => {
		left = world.service.now();
	});
	await world.until(4000);
	t.true(left <= 2040, `${left}`);
});

scenario(
	'5 reply: those that wait for an aborted call leave in the order they were asked for, however busy the process',
	async (t, world) => {
		const indicator = world.indicator({}, {delay: 0});
		const typing = indicator.start(a);
		await world.until(10);
		typing.stop();
		await world.until(20);
		const left: string[] = [];
		const say = async (text: string) =>
			indicator.message(a, async () => {
				left.push(text);
			});
		const {setTimeout: real} = globalThis;
		globalThis.setTimeout = ((callback: () => void, ms: number) => real(callback, ms + 5)) as never; // This one fires late.
		void say('one');
		globalThis.setTimeout = real;
		void say('two');
		await world.until(1000);
		t.deepEqual(left, ['one', 'two']);
		left.length = 0;
		const again = indicator.start(a);
		await world.until(1010);
		again.stop();
		await world.until(1020);
		setTimeout(() => void say('two'), 200);
		void say('one');
		world.clock.jump(400); // The second is asked for when the first could have left, but for the process.
		await world.until(2000);
		t.deepEqual(left, ['one', 'two']);
	},
);

scenario('5 reply: nothing is seen after 543 replies that follow an end at all phases of the refresh', async (t, world) => {
	const indicator = world.indicator();
	const next = random(543);
	// The way out and the way back take as long, and nothing that has left can be called back.
	world.service.fate = () => ({roundTrip: 20 + Math.floor(next() * 560), deaf: true});
	const atWork = Array.from({length: 30}, async (_, index) => indicator.run({chat: `before ${index}`}, async () => wait(5000)));
	await world.until(5000);
	await Promise.all(atWork);
	const ends = ['cancel', 'pause', 'throw'] as const;
	const handlers = Array.from({length: 543}, async (_, index) => {
		const target = {chat: `${index}`};
		const end = ends[index % 3];
		const reply = async () => {
			const asked = world.service.now();
			await indicator.message(target, async () => {
				t.true(world.service.now() - asked <= 300);
				return world.service.message(target.chat, {roundTrip: 20 + Math.floor(next() * 560)})();
			});
		};

		try {
			await indicator.run(target, async typing => {
				await wait(150 + Math.floor(index / 3) * 50);
				if (end === 'throw') {
					throw new Error('the work failed');
				}

				typing[end === 'cancel' ? 'cancel' : 'pause']();
				await reply();
			});
		} catch {
			await reply();
		}
	});
	await world.until(25_000);
	await Promise.all(handlers);
	for (let index = 0; index < 543; index++) {
		const view = world.service.view(`${index}`);
		t.is(view.messages.length, 1);
		t.is(view.after(view.messages[0]?.at ?? 0), 0, `${ends[index % 3]} in phase ${Math.floor(index / 3)}`);
	}
});

scenario('5 reply: no send starts while a message is on its way, nor within `delay` of its landing', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () => {
		await wait(4600);
		await indicator.message(a, world.service.message('a', {roundTrip: 2000})); // Across the renewal that is due at 4,700.
		await wait(3400);
	});
	await world.until(10_000);
	await handler;
	await world.until(20_000);
	t.deepEqual(world.service.startsOf('send'), [200, 6800]);
	// It lands at 5,600, when the indicator has run out since 5,250: nobody can know how long a message takes.
	t.deepEqual(world.service.spans(), [
		[250, 5250, 'typing'],
		[6850, 11_850, 'typing'],
	]);
});

scenario('5 reply: after a message in between it is dark for `delay` and one round trip', async (t, world) => {
	const indicator = world.indicator({}, {delay: 700});
	const handler = indicator.run(a, async () => {
		await wait(2000);
		await indicator.message(a, world.service.message('a'));
		await wait(2900);
	});
	await world.until(5000);
	await handler;
	t.deepEqual(world.service.view().dark(750, 5000), [{from: 2050, to: 2850}]);
	t.true(world.told.includes('send return'));
});

scenario('5 reply: a message that fails clears nothing', async (t, world) => {
	const indicator = world.indicator();
	const error = new Error('400');
	const handler = indicator.run(a, async () => {
		await wait(2000);
		t.is(await t.throwsAsync(indicator.message(a, world.service.message('a', {error}))), error);
		await wait(7900);
	});
	await world.until(10_000);
	await handler;
	await world.until(20_000);
	t.deepEqual(world.service.startsOf('send'), [200, 4700, 9200]);
	t.deepEqual(world.service.spans(), [[250, 14_250, 'typing']]);
	t.deepEqual(world.errors, [], 'it is no failure of typing');
});

scenario('5 reply: a message that throws synchronously, or returns no promise, passes through and harms nothing', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const typing = indicator.start(a);
	await world.until(1000);
	const error = new Error('at once');
	t.is(
		await t.throwsAsync(
			indicator.message(a, () => {
				throw error;
			}),
		),
		error,
	);
	t.is(await indicator.message(a, (() => 5) as never), 5);
	await world.until(9000);
	typing.stop();
	t.deepEqual(world.service.startsOf('send'), [0, 1001, 5501]); // Cleared at 1,000; a delay of 0 still waits for the next turn.
});

scenario('5 reply: a renewal that a failed message held up, or aborted, goes out at once', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at === 4500 ? {roundTrip: 1000} : {});
	const handler = indicator.run(a, async () => {
		await wait(4550);
		await t.throwsAsync(indicator.message(a, world.service.message('a', {error: new Error('400')})));
		await wait(5000);
	});
	await world.until(10_000);
	await handler;
	// Aborted at 4,850, before it arrived; the message failed at 4,950.
	t.deepEqual(world.service.startsOf('send').slice(0, 3), [0, 4500, 4950]);
	t.deepEqual(world.service.view().dark(50, 9500), []);
});

scenario('5 reply: of two messages that overlap the last one opens the gate', async (t, world) => {
	const indicator = world.indicator();
	const typing = indicator.start(a);
	await world.until(1000);
	const messages = [indicator.message(a, world.service.message('a', {roundTrip: 500}))];
	await world.until(1200);
	messages.push(indicator.message(a, world.service.message('a', {roundTrip: 2000})));
	await world.until(6000);
	await Promise.all(messages);
	typing.stop();
	t.deepEqual(world.service.startsOf('send'), [200, 3400]);
	t.deepEqual(
		world.service.spans().map(([from, to]) => [from, to]),
		[
			[250, 1250],
			[3450, 8450],
		],
	);
});

scenario('5 reply: two messages that meet the same call in flight each wait no longer than 300 ms', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = () => ({roundTrip: 2000, deaf: true, arrival: 10});
	const typing = indicator.start(a);
	const left: number[] = [];
	const note = async () => {
		left.push(world.service.now());
	};
	await world.until(100);
	const messages = [indicator.message(a, note)];
	await world.until(250);
	messages.push(indicator.message(a, note));
	await world.until(390);
	t.deepEqual(left, []);
	await world.until(1000);
	t.deepEqual(left, [400, 400]);
	await Promise.all(messages);
	typing.stop();
});

scenario('5 reply: a message of one handler leaves the others their indicator', async (t, world) => {
	const indicator = world.indicator();
	const long = indicator.run(a, async () => wait(12_000));
	const quick = indicator.run(a, async () => {
		await wait(2000);
		await indicator.message(a, world.service.message('a'));
	});
	await world.until(12_000);
	await Promise.all([long, quick]);
	t.deepEqual(world.service.view().dark(250, 12_000), [{from: 2050, to: 2350}]);
});

scenario('5 reply: a message nobody waits for still leaves alone, even if its handler has returned', async (t, world) => {
	const indicator = world.indicator({stop: true});
	let message: Promise<string> | undefined;
	const handler = indicator.run(a, async () => {
		await wait(1000);
		message = indicator.message(a, world.service.message('a', {roundTrip: 2000}));
	});
	await world.until(1500);
	await handler;
	const next = indicator.start(a, {delay: 0}); // The person has written again.
	await world.until(6000);
	t.is(await message, 'sent');
	next.stop();
	await world.until(20_000);
	t.deepEqual(world.service.startsOf('send'), [200, 3001]);
	t.deepEqual(world.service.spans(), [
		[250, 2000, 'typing'],
		[3051, 6050, 'typing'],
	]);
	t.deepEqual(world.service.startsOf('stop'), [6000]);
});

scenario('5 reply: a handler that returns while its message is on its way shows nothing more', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () => {
		await wait(4600);
		void indicator.message(a, world.service.message('a', {roundTrip: 400}));
		await wait(150);
	});
	await world.until(4750);
	await handler;
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [[250, 4800, 'typing']]);
});

scenario('5 reply: with delay 0 a handler that replies and returns makes no further call', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = () => ({roundTrip: 20, deaf: true});
	const handler = indicator.run(a, async () => {
		await wait(1000);
		await indicator.message(a, world.service.message('a'));
	});
	await world.until(2000);
	await handler;
	t.deepEqual(world.service.spans(), [[10, 1050, 'typing']]);
});

scenario('5 reply: a handler that starts while a message of nobody is on its way waits for it', async (t, world) => {
	// A message from a timer or a queue: no handler held the chat when it left.
	const indicator = world.indicator({}, {delay: 0});
	const message = indicator.message(a, world.service.message('a', {roundTrip: 1000}));
	await world.until(100);
	const typing = indicator.start(a);
	await world.until(12_000);
	await message;
	typing.stop();
	await world.until(20_000);
	t.deepEqual(world.service.view().dark(1100, 12_000), []);
	t.deepEqual(
		world.service.startsOf('send').filter(at => at < 1000),
		[],
	);
});

scenario('5 reply: a paused handler’s message brings nothing back', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.pause();
	await world.until(2000);
	await Promise.all([indicator.message(a, world.service.message('a')), world.until(3000)]);
	await world.until(4000);
	typing.resume();
	await world.until(5000);
	typing.stop();
	await world.until(9000);
	t.deepEqual(world.service.spans(), [
		[50, 1050, 'typing'],
		[4050, 5050, 'typing'],
	]);
});

scenario('6 uploads: show their action, renewed, and what was there before afterwards', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () => {
		await wait(2000);
		await indicator.message(a, world.service.upload('a', {before: 10_000}), 'upload_photo');
		await wait(2000);
	});
	await world.until(14_100);
	await handler;
	await world.until(30_000);
	t.deepEqual(world.service.startsOf('send'), [200, 2200, 6700, 11_200, 12_300]);
	t.deepEqual(world.service.spans(), [
		[250, 2250, 'typing'],
		[2250, 12_050, 'upload_photo'],
		[12_350, 17_350, 'typing'],
	]);
});

scenario('6 uploads: one that never calls its gate is a message all the same', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () => {
		await indicator.message(a, world.service.upload('a', {before: 6000, gated: false}), 'upload_photo');
		await wait(2000);
	});
	await world.until(8100);
	await handler;
	await world.until(30_000);
	t.deepEqual(world.service.spans(), [
		[250, 6050, 'upload_photo'],
		[6350, 11_350, 'typing'],
	]);
});

scenario('6 uploads: the gate waits for the renewal in flight, no longer than 300 ms', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	// The upload follows the first call, of 0, at 100.
	world.service.fate = ({at}) => (at === 4600 ? {roundTrip: 2000, arrival: 1900} : {});
	let left = 0;
	const handler = indicator.run(a, async () =>
		indicator.message(
			a,
			async gate => {
				await wait(4700);
				await gate.close();
				await gate.close(); // Twice harms nobody.
				left = world.service.now();
				return world.service.message('a')();
			},
			'upload_photo',
		),
	);
	await world.until(6000);
	await handler;
	await world.until(20_000);
	t.is(left, 5000);
	t.is(world.service.view().after(5050), 0);
});

for (const gated of [true, false]) {
	scenario(
		`6 uploads: one that fails ${gated ? 'after' : 'before'} its gate clears nothing, and gives the action back`,
		async (t, world) => {
			const indicator = world.indicator();
			const error = new Error('413');
			const handler = indicator.run(a, async () => {
				await wait(1000);
				t.is(await t.throwsAsync(indicator.message(a, world.service.upload('a', {before: 6000, gated, error}), 'upload_photo')), error);
				await wait(2900);
			});
			await world.until(10_000);
			await handler;
			t.deepEqual(
				world.service.view().spans.map(({from, action}) => [from, action]),
				[
					[250, 'typing'],
					[1250, 'upload_photo'],
					[7150, 'typing'],
				],
			);
			t.deepEqual(world.service.view().dark(250, 10_000), []);
		},
	);
}

scenario('6 uploads: a quick one shows nothing of its own', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () => {
		await wait(1000);
		await indicator.message(a, world.service.upload('a', {before: 60}), 'upload_photo');
	});
	await world.until(2000);
	await handler;
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [[250, 1110, 'typing']]);
});

scenario('6 uploads: a text in between does not end it', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () => {
		const upload = indicator.message(a, world.service.upload('a', {before: 6000}), 'upload_photo');
		await wait(2000);
		await indicator.message(a, world.service.message('a'));
		await upload;
	});
	await world.until(8000);
	await handler;
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [
		[250, 2050, 'upload_photo'],
		[2350, 6050, 'upload_photo'],
	]);
});

scenario('6 uploads: one that nobody holds shows nothing, and one whose handler has returned goes on', async (t, world) => {
	const indicator = world.indicator();
	const unheld = indicator.message(b, world.service.upload('b', {before: 6000}), 'upload_photo');
	let upload: Promise<unknown> | undefined;
	await indicator.run(a, () => {
		upload = indicator.message(a, world.service.upload('a', {before: 6000}), 'upload_photo');
	});
	await world.until(10_000);
	await Promise.all([unheld, upload]);
	t.deepEqual(world.service.spans('b'), []);
	t.deepEqual(world.service.spans(), [[250, 6050, 'upload_photo']]);
});

scenario('6 uploads: are shown while the handler is paused, and only they', async (t, world) => {
	const indicator = world.indicator();
	const typing = indicator.start(a);
	typing.pause();
	const upload = indicator.message(a, world.service.upload('a', {before: 3000}), 'upload_photo');
	await world.until(6000);
	await upload;
	typing.stop();
	await world.until(20_000);
	t.deepEqual(world.service.spans(), [[250, 3050, 'upload_photo']]);
});

scenario('6 uploads: a chat that is cancelled meanwhile still keeps the gate for the next handler', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const first = indicator.run(a, async () =>
		indicator.message(a, world.service.upload('a', {before: 2000, roundTrip: 1000}), 'upload_photo'),
	);
	await world.until(1000);
	indicator.cancel(a); // `/stop`; the upload goes on, as its handler doesn't look at its signal.
	await world.until(1500);
	const typing = indicator.start(a);
	await world.until(12_000);
	await first;
	typing.stop();
	await world.until(20_000);
	// The gate is called at 2,000, the photo lands at 2,500 and is answered at 3,000.
	t.deepEqual(world.service.view().dark(3100, 12_000), []);
});

scenario('6 uploads: of two at once the later one is shown, then the other', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const handler = indicator.run(a, async () =>
		Promise.all([
			indicator.message(a, world.service.upload('a', {before: 4000}), 'record_voice'),
			indicator.message(a, world.service.upload('a', {before: 2000}), 'upload_photo'),
		]),
	);
	await world.until(8000);
	await handler;
	await world.until(20_000);
	t.deepEqual(
		world.service
			.view()
			.spans.map(({to, action}) => [to, action])
			.slice(-2),
		[
			[2050, 'upload_photo'],
			[4050, 'record_voice'],
		],
	);
});

scenario('5 reply: a 429 for a message silences typing in the chat, to the millisecond', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const handler = indicator.run(a, async () => {
		await wait(1000);
		await t.throwsAsync(indicator.message(a, world.service.message('a', {error: new Refusal({after: 8000, scope: 'bot'})})));
		await wait(15_000);
	});
	const other = indicator.run(b, async () => wait(12_000));
	await world.until(17_000);
	await handler;
	await other;
	t.deepEqual(world.service.startsOf('send', 'a'), [0, 9100, 13_600]);
	t.deepEqual(world.service.startsOf('send', 'b'), [0, 4500, 9000]);
});

scenario('6 uploads: a gate that is called after the message has failed does not stay closed', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	// A client that gives up the request while the file is still being read: the stream comes to its end later.
	const handler = indicator.run(a, async () => {
		let late: Promise<void> | undefined;
		const upload = indicator.message(
			a,
			async gate => {
				late = (async () => {
					await wait(2000);
					await gate.close();
				})();
				await wait(1000);
				throw new Error('ECONNRESET');
			},
			'upload_photo',
		);
		await t.throwsAsync(upload);
		await late;
		await wait(18_000);
	});
	await world.until(21_000);
	await handler;
	t.deepEqual(world.service.view().dark(50, 20_000), []);
});

scenario('6 uploads: one that is sent all over again is shown all over again', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const handler = indicator.run(a, async () =>
		indicator.message(
			a,
			async gate => {
				await wait(4000);
				await gate.close();
				await wait(3000); // The server takes its time, and refuses in the end.
				gate.open();
				gate.open();
				await wait(6000);
				await gate.close();
				return world.service.message('a')();
			},
			'upload_photo',
		),
	);
	await world.until(14_000);
	await handler;
	await world.until(20_000);
	t.deepEqual(
		world.service
			.view()
			.spans.map(({from, to, action}) => [from, to, action])
			.slice(-2),
		[
			[150, 5150, 'upload_photo'],
			[7050, 13_050, 'upload_photo'],
		],
	);
});
