import {spawn} from 'node:child_process';
import {getEventListeners} from 'node:events';
import {Indicator, Settings, Typing, checkOptions} from '@auto-typing/core';
import test from 'ava';
import {a, b, Refusal, scenario, wait, type Action, type Target} from './harness.ts';

// Promises 13 to 18: pause, shut-down, lightness, nesting, wrong options, events.

const never = Infinity;

scenario('13 pause: takes the indicator down, or lets it lapse; resume shows it at once', async (t, world) => {
	for (const stop of [true, false]) {
		const chat = stop ? 'stops' : 'lapses';
		const start = world.service.now();
		const indicator = world.indicator({stop}, {delay: 0});
		const typing = indicator.start({chat});
		await world.until(start + 1000);
		typing.pause();
		typing.pause();
		await world.until(start + 20_000);
		typing.resume();
		typing.resume();
		await world.until(start + 21_000);
		typing.stop();
		await world.until(start + 40_000);
		t.deepEqual(
			world.service.spans(chat).map(([from, to]) => [from - start, to - start]),
			stop
				? [
						[50, 1050],
						[20_050, 21_050],
					]
				: [
						[50, 5050],
						[20_050, 25_050],
					],
		);
	}
});

scenario('13 pause: a short one costs nothing where the indicator cannot be taken down', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.pause();
	await world.until(2000);
	typing.resume();
	await world.until(9000);
	typing.stop();
	t.deepEqual(world.service.startsOf('send'), [0, 4500, 9000]);
});

scenario('13 pause: within `delay`, and after the end', async (t, world) => {
	const indicator = world.indicator();
	const typing = indicator.start(a);
	typing.pause();
	await world.until(5000);
	t.deepEqual(world.service.calls, []);
	typing.resume();
	t.deepEqual(world.service.startsOf('send'), [5000]);
	typing.stop();
	typing.resume();
	typing.pause();
	typing.resume();
	await world.until(9000);
	t.is(world.service.calls.length, 1);
});

scenario('13 pause: a paused hold keeps nobody else’s indicator down', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	const paused = indicator.start(a);
	const other = indicator.start(a);
	paused.pause();
	await world.until(9000);
	t.deepEqual(world.service.view().dark(50, 9000), []);
	other.stop();
	await world.until(10_000);
	t.is(world.service.view().visible(9051), undefined);
	paused.stop();
});

scenario('14 shut-down: ends every hold, sends the owed stops, and settles when they are answered', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	const holds = [indicator.start(a), indicator.start(a), indicator.start(b)];
	await world.until(1000);
	let closedAt = 0;
	const closed = indicator.close().then(() => (closedAt = world.service.now()));
	t.is(indicator.close() instanceof Promise, true);
	for (const {ended, signal} of holds) {
		t.true(ended);
		t.is((signal.reason as DOMException).name, 'AbortError');
	}

	await world.until(2000);
	await closed;
	t.is(closedAt, 1100);
	t.is(world.told.filter(told => told === 'end closed').length, 3);
	t.deepEqual(world.service.spans('a'), [[50, 1050, 'typing']]);
	t.deepEqual(world.service.spans('b'), [[50, 1050, 'typing']]);
});

scenario(
	'14 shut-down: settles at once with nothing to do, and within five seconds with a platform that never answers',
	async (t, world) => {
		const idle = world.indicator();
		await idle.close();
		t.is(world.service.now(), 0);

		const indicator = world.indicator({stop: true, ttl: never}, {delay: 0});
		world.service.fate = ({kind}) => (kind === 'stop' ? {roundTrip: never, deaf: true} : {});
		indicator.start(a);
		await world.until(1000);
		let closedAt = 0;
		const closed = indicator.close().then(() => (closedAt = world.service.now()));
		await world.until(20_000);
		await closed;
		t.is(closedAt, 6000);
		await world.until(40_000);
	},
);

scenario('14 shut-down: does not wait for a message that takes longer than that', async (t, world) => {
	const indicator = world.indicator();
	const message = indicator.message(a, world.service.message('a', {roundTrip: 60_000}));
	let closedAt = 0;
	const closed = indicator.close().then(() => (closedAt = world.service.now()));
	await world.until(61_000);
	await closed;
	t.is(await message, 'sent');
	t.is(closedAt, 5000);
});

scenario('14 shut-down: a handler that starts later shows nothing, and is told', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	await indicator.close();
	const seen = await indicator.run(a, async typing => [typing.ended, typing.signal.aborted]);
	t.deepEqual(seen, [true, true]);
	t.is(await indicator.message(a, async () => 'sent', 'upload_photo'), 'sent');
	t.deepEqual(world.service.calls, []);
	await indicator[Symbol.asyncDispose]();
});

scenario('15 light: no listener stays on the user’s signal, and never more than one', async (t, world) => {
	const warnings: Error[] = [];
	const onWarning = (warning: Error) => warnings.push(warning);
	process.on('warning', onWarning);
	const controller = new AbortController();
	const {signal} = controller;
	const indicator = world.indicator({}, {signal});
	const handlers = Array.from({length: 1000}, async (_, index) => indicator.run({chat: `${index % 10}`}, async () => wait(index)));
	t.is(getEventListeners(signal, 'abort').length, 1);
	await world.until(500);
	t.is(getEventListeners(signal, 'abort').length, 1);
	await world.until(2000);
	await Promise.all(handlers);
	t.is(getEventListeners(signal, 'abort').length, 0);

	// Options of their own, with the same signal.
	const other = indicator.run(a, async () => wait(300), {signal, action: 'record_voice'});
	await world.until(3000);
	await other;
	t.is(getEventListeners(signal, 'abort').length, 0);
	indicator.start(a);
	controller.abort();
	t.is(getEventListeners(signal, 'abort').length, 0);
	indicator.start(a);
	t.is(getEventListeners(signal, 'abort').length, 0);
	process.off('warning', onWarning);
	t.deepEqual(warnings, []);
});

scenario('15 light: a refused `stop` does not keep a lease for longer than the person may see it', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	world.service.fate = ({kind}) => (kind === 'stop' ? {error: new Refusal('give-up')} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.stop();
	await world.until(10_000);
	t.is(indicator.size, 0);
});

scenario('15 light: a time longer than a timer can wait is no busy loop', async (t, world) => {
	const month = 30 * 24 * 3_600_000;
	const indicator = world.indicator({}, {delay: month});
	const typing = indicator.start(a, {maxDuration: never});
	const timers = world.clock.countTimers();
	await world.until(10_000);
	t.is(world.clock.countTimers(), timers);
	await world.until(month - 1);
	t.deepEqual(world.service.calls, []);
	await world.until(month + 1000);
	t.deepEqual(world.service.startsOf('send'), [month]);
	typing.stop();
});

scenario('15 light: a hold without a chat is a hold all the same', async (t, world) => {
	const controller = new AbortController();
	const typing = new Typing(new Settings(world.service.platform(), {signal: controller.signal}));
	typing.action = 'upload_photo';
	t.throws(
		() => {
			typing.action = 'dancing' as Action;
		},
		{instanceOf: TypeError},
	);
	typing.pause();
	typing.resume();
	controller.abort();
	t.true(typing.ended);
	t.true(typing.signal.aborted);
	t.is(getEventListeners(controller.signal, 'abort').length, 0);
});

/** Runs a script of real Node in a process of its own. Killed only if it would run for ever. */
async function exitOf(script: string): Promise<{code: number | null; output: string}> {
	const options = ['--conditions=@auto-typing/source', '--import=@oxc-node/core/register', '--input-type=module', '--eval', script];
	const child = spawn(process.execPath, options, {stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000, killSignal: 'SIGKILL'});
	let output = '';
	child.stdout.on('data', (data: Buffer) => (output += data.toString()));
	child.stderr.on('data', (data: Buffer) => (output += data.toString()));
	return new Promise(resolve => {
		child.on('close', code => resolve({code, output}));
	});
}

const preamble = `
	import {Indicator} from '@auto-typing/core';
	const hang = () => new Promise(() => {});
	const platform = {name: 'fake', ttl: 5000, action: 'typing', key: target => target, send: async () => {}, stop: async () => {}};
`;

for (const [what, script] of Object.entries({
	'waits for its delay': `void new Indicator(platform).run('a', hang);`,
	'shows its indicator': `void new Indicator(platform, {delay: 0}).run('a', hang);`,
	'has a call in flight that never settles': `void new Indicator({...platform, send: hang}, {delay: 0}).run('a', hang);`,
	'waits for the budget': `
		const indicator = new Indicator(platform, {delay: 0, limit: {limit: 1, interval: 60_000}});
		for (let chat = 0; chat < 10; chat++) void indicator.run(String(chat), hang);
	`,
	'waits for the end of a silence': `
		const send = async () => { throw new Error('429'); };
		void new Indicator({...platform, send, classify: () => ({after: 60_000, scope: 'bot'})}, {delay: 0}).run('a', hang);
	`,
	'waits for a message': `
		const indicator = new Indicator({...platform, send: hang}, {delay: 0});
		void indicator.run('a', async () => indicator.message('a', hang));
	`,
	'is being closed': `
		const indicator = new Indicator({...platform, stop: hang}, {delay: 0});
		indicator.start('a');
		setTimeout(() => void indicator.close(), 10);
	`,
})) {
	test(`15 light: a process ends although a handler ${what}`, async t => {
		const {code, output} = await exitOf(preamble + script);
		t.is(code, 0, output);
	});
}

test('13 close: a process that waits for it stays alive for what is still owed, and no longer', async t => {
	const {code, output} = await exitOf(`${preamble}
		let tries = 0;
		const stop = async () => { if (++tries < 3) throw new Error('down'); };
		const indicator = new Indicator({...platform, stop}, {delay: 0});
		await indicator.run('a', () => new Promise(resolve => { setTimeout(resolve, 50); }));
		await indicator.close();
		console.log(tries);
		const started = performance.now();
		process.on('exit', () => console.log(performance.now() - started < 1000));
	`);
	t.is(code, 0, output);
	t.is(output, '3\ntrue\n');
});

scenario('16 any number of times: a hold within a hold costs nothing more, and gives the action back', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () =>
		indicator.run(a, async () => {
			await wait(1000);
			await indicator.run(a, async () => wait(5000), {action: 'upload_photo', delay: 0});
			await wait(6000);
		}),
	);
	await world.until(12_000);
	await handler;
	await world.until(30_000);
	t.deepEqual(world.service.startsOf('send'), [200, 1000, 5500, 6000, 10_500]);
	t.deepEqual(world.service.spans(), [
		[250, 1050, 'typing'],
		[1050, 6050, 'upload_photo'],
		[6050, 15_550, 'typing'],
	]);
});

scenario(
	'17 wrong options: each is refused at once, by the right class, with its name, its value and what was expected',
	async (t, world) => {
		const platform = world.service.platform();
		const number = /number of at least/;
		const wrong: Array<[string, unknown, typeof TypeError, string, RegExp]> = [
			['action', 'dancing', TypeError, '"dancing"', /typing, upload_photo, record_voice/],
			['action', 5, TypeError, '5', /typing, upload_photo/],
			['action', null, TypeError, 'null', /typing/],
			['delay', '200', TypeError, '"200"', number],
			['delay', null, TypeError, 'null', number],
			['delay', 200n, TypeError, '200', number],
			['delay', -1, RangeError, '-1', /at least 0/],
			['delay', Number.NaN, RangeError, 'NaN', number],
			['delay', never, RangeError, 'Infinity', /finite/],
			['interval', '4500', TypeError, '"4500"', number],
			['interval', {}, TypeError, 'an object', number],
			['interval', 0, RangeError, '0', /at least 1/],
			['interval', -4500, RangeError, '-4500', /at least 1/],
			['interval', Number.NaN, RangeError, 'NaN', number],
			['interval', 5000, RangeError, '5000', /less than the 5000 ms/],
			['maxDuration', [], TypeError, 'an array', number],
			['maxDuration', -1, RangeError, '-1', /at least 0/],
			['maxDuration', Number.NaN, RangeError, 'NaN', number],
			['signal', 'stop', TypeError, '"stop"', /AbortSignal/],
			['signal', new AbortController(), TypeError, 'an object', /AbortSignal/],
			['signal', {aborted: false}, TypeError, 'an object', /AbortSignal/],
		];
		for (const [name, value, kind, got, expected] of wrong) {
			for (const attempt of [
				() => new Indicator<Target, Action>(platform, {[name]: value}),
				() => new Settings(platform, {[name]: value}),
				() => new Indicator<Target, Action>(platform).start(a, {[name]: value}),
			]) {
				const error = t.throws(attempt, {instanceOf: kind}, `${name}: ${String(value)}`);
				t.is(error?.constructor, kind);
				t.true(error?.message.includes(`\`${name}\``), error?.message);
				t.true(error?.message.includes(`got ${got}`), error?.message);
				t.regex(error?.message ?? '', expected);
			}
		}

		const wrongShared: Array<[string, unknown, typeof TypeError, string, RegExp]> = [
			['limit', 30, TypeError, '30', /\{limit, interval\}/],
			['limit', null, TypeError, 'null', /\{limit, interval\}/],
			['limit.limit', {interval: 1000}, TypeError, 'undefined', number],
			['limit.limit', {limit: 0, interval: 1000}, RangeError, '0', /at least 1/],
			['limit.limit', {limit: never, interval: 1000}, RangeError, 'Infinity', /finite/],
			['limit.interval', {limit: 30}, TypeError, 'undefined', number],
			['limit.interval', {limit: 30, interval: '1 s'}, TypeError, '"1 s"', number],
			['limit.interval', {limit: 30, interval: Number.NaN}, RangeError, 'NaN', number],
			['throttle', {}, TypeError, 'an object', /a function/],
			['onEvent', 'log', TypeError, '"log"', /a function/],
			['onError', console, TypeError, 'an object', /a function/],
		];
		for (const [name, value, kind, got, expected] of wrongShared) {
			const options = {[name.split('.')[0] ?? '']: value};
			for (const attempt of [() => new Indicator<Target, Action>(platform, options), () => checkOptions(options)]) {
				const error = t.throws(attempt, {instanceOf: kind}, name);
				t.is(error?.constructor, kind);
				t.true(error?.message.includes(`\`${name}\``), error?.message);
				t.true(error?.message.includes(`got ${got}`), error?.message);
				t.regex(error?.message ?? '', expected);
			}
		}
	},
);

scenario('17 wrong options: what is no object, and wrong observers, are refused by name', async (t, world) => {
	for (const wrong of [null, 'fast', 200]) {
		t.throws(
			() => new Indicator<Target, Action>(world.service.platform(), wrong as never),
			{instanceOf: TypeError, message: /options/},
			String(wrong),
		);
	}

	const indicator = world.indicator();
	t.throws(() => indicator.observe({onEvent: 5 as never}), {instanceOf: TypeError, message: /onEvent/});
	t.throws(() => indicator.start(a, null as never), {instanceOf: TypeError, message: /options/});
	await t.throwsAsync(
		indicator.run(a, () => t.fail('the handler ran'), {delay: -1}),
		{instanceOf: RangeError, message: /delay/},
	);
	t.is(indicator.size, 0);
});

scenario('17 wrong options: `undefined` means the default, also over the indicator’s own', async (t, world) => {
	const indicator = world.indicator(
		{},
		{delay: 500, action: undefined, interval: undefined, maxDuration: undefined, signal: undefined, limit: undefined},
	);
	const typing = indicator.start(a, {delay: undefined, action: undefined});
	t.is(typing.settings.delay, 500);
	t.is(typing.settings.maxDuration, 600_000);
	t.is(typing.action, 'typing');
	t.is(indicator.start(b, {action: 'record_voice'}).settings.delay, 500);
	indicator.cancel(a);
	indicator.cancel(b);
});

scenario('17 wrong options: a wrong action later on throws, and what was shown stays', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const typing = indicator.start(a);
	t.throws(
		() => {
			typing.action = 'dancing' as Action;
		},
		{instanceOf: TypeError, message: /`action`.*one of typing, upload_photo, record_voice, got "dancing"/},
	);
	t.is(typing.action, 'typing');
	await world.until(1000);
	typing.stop();
	t.is(world.service.view().visible(500), 'typing');
});

scenario('18 observable: each reason is told at least once, with the target', async (t, world) => {
	const indicator = world.indicator({stop: true, limit: {limit: 2, interval: 1000}});
	const {service} = world;
	const run = async (chat: string, ms: number, options?: Parameters<typeof indicator.run>[2]) => {
		const handler = indicator.run({chat}, async () => wait(ms), options);
		await world.clock.tickAsync(ms);
		await handler;
		await world.clock.tickAsync(6000);
	};

	await run('a', 50); // quick
	const changing = indicator.start(a, {delay: 0}); // first
	await world.until(8000);
	changing.action = 'upload_photo';
	await world.until(14_000); // renewal
	await Promise.all([indicator.message(a, service.message('a')), world.until(16_000)]); // return
	changing.stop(); // stop
	await world.until(20_000);

	const holds = ['b', 'c', 'd'].map(chat => indicator.start({chat}, {delay: 0})); // wait budget
	await world.until(20_050);
	await Promise.all([indicator.message({chat: 'c'}, service.message('c')), world.until(20_200)]); // skip message
	holds[2]?.stop(); // skip ended
	await world.until(30_000);
	holds[0]?.cancel();
	indicator.cancel({chat: 'c'});

	let kind: unknown = new Error('503'); // retry
	let once = true;
	service.fate = () => {
		const error = once ? kind : undefined;
		once = false;
		return {error};
	};
	await run('e', 5000, {maxDuration: 4000}); // ceiling
	service.fate = ({at}) => (at < 45_000 ? {roundTrip: never, arrival: never} : {}); // timeout
	await world.until(44_000);
	await run('f', 8000);
	for (const failure of ['give-up', 'gone', {after: 2000}, 'revoked'] as const) {
		kind = new Refusal(failure);
		once = true;
		service.fate = () => {
			const error = once ? kind : undefined;
			once = false;
			return {error};
		};
		await run(`g${JSON.stringify(failure)}`, 3000);
		await run(`g${JSON.stringify(failure)}`, 3000); // refused
	}

	indicator.start(a, {delay: 0});
	await Promise.all([indicator.close(), world.clock.tickAsync(6000)]);
	const expected = [
		...['first', 'return', 'renewal', 'action', 'retry'].map(reason => `send ${reason}`),
		'stop ended',
		...['quick', 'refused', 'message', 'ended'].map(reason => `skip ${reason}`),
		...['budget', 'silence', 'revoked'].map(reason => `wait ${reason}`),
		...['error', 'timeout'].map(reason => `failure ${reason}`),
		...['done', 'cancelled', 'gone', 'closed', 'ceiling'].map(reason => `end ${reason}`),
	];
	t.deepEqual(
		expected.filter(reason => !world.told.includes(reason)),
		[],
	);
	t.deepEqual(
		world.told.filter(reason => !expected.includes(reason)),
		[],
	);
	for (const event of world.events) {
		t.is(typeof event.target.chat, 'string');
	}

	await world.until(400_000);
});

scenario('18 observable: a chat that was told to be silent says why it waits', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = ({at}) => (at === 0 ? {error: new Refusal({after: 5000})} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	t.true(world.told.includes('wait silence'), world.told.join(', '));
	typing.stop();
});

scenario('18 observable: a message that was told to be silent says so where typing is refused, too', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	world.service.fate = () => ({error: new Refusal('give-up')});
	const typing = indicator.start(a);
	await world.until(1000);
	await t.throwsAsync(
		indicator.message(a, async () => {
			throw new Refusal({after: 2000});
		}),
	);
	await world.until(1001);
	t.is(world.told.at(-1), 'wait silence');
	typing.stop();
});

scenario('18 observable: a message that was told to be silent is why typing waits, where somebody works', async (t, world) => {
	const indicator = world.indicator();
	const handler = indicator.run(a, async () => wait(6000));
	await world.until(1000);
	for (const target of [a, b]) {
		await t.throwsAsync(indicator.message(target, async () => Promise.reject(new Refusal({after: 2000}))));
	}

	await world.until(7000);
	await handler;
	t.deepEqual(world.told, ['send first', 'wait silence', 'send renewal', 'end done']);
});

scenario('18 observable: what comes back after its ttl ran out is no renewal', async (t, world) => {
	const indicator = world.indicator({}, {delay: 0});
	const typing = indicator.start(a);
	await world.until(1000);
	typing.pause();
	await world.until(60_000);
	typing.resume();
	await world.until(61_000);
	typing.stop();
	t.deepEqual(
		world.told.filter(event => event.startsWith('send')),
		['send first', 'send return'],
	);
});

scenario('18 observable: observers that throw, or reject, harm nobody, nor each other', async (t, world) => {
	const heard: string[] = [];
	const indicator = world.indicator(
		{},
		{
			delay: 0,
			onEvent() {
				throw new Error('a bug in the logger');
			},
			onError: async () => Promise.reject(new Error('a bug in the logger')),
		},
	);
	indicator.observe({onEvent: async () => Promise.reject(new Error('another'))});
	const observer = {onEvent: ({type}: {type: string}) => heard.push(type), onError: () => heard.push('error')};
	indicator.observe(observer);
	indicator.observe(observer); // Twice changes nothing.
	world.service.fate = ({at}) => (at === 0 ? {error: new Error('503')} : {});
	const handler = indicator.run(a, async () => wait(2000));
	await world.until(2000);
	await handler;
	await world.until(10_000);
	t.deepEqual(world.service.spans(), [[300, 5300, 'typing']]);
	t.deepEqual(heard, ['send', 'failure', 'error', 'send', 'end']);
});

scenario('18 observable: every send that went out was told, in order', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	const typing = indicator.start(a);
	await world.until(6000);
	typing.action = 'record_voice';
	await world.until(7000);
	typing.stop();
	await world.until(8000);
	t.deepEqual(world.told, ['send first', 'send renewal', 'send action', 'end done', 'stop ended']);
	t.is(world.service.calls.length, 4);
});

scenario('15 light: an owed `stop` that may not go out is forgotten when nothing can be seen any more', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	world.service.fate = ({chat}) => (chat === 'b' ? {error: new Refusal('revoked')} : {});
	const typing = indicator.start(a);
	await world.until(1000);
	await Promise.all([indicator.run({chat: 'b'}, async () => wait(500)), world.until(1600)]);
	typing.stop();
	await world.until(20_000);
	t.is(indicator.size, 0);
	await world.until(70 * 60_000);
});

scenario('15 light: handlers with options of their own share a listener on one signal', async (t, world) => {
	const warnings: Error[] = [];
	const onWarning = (warning: Error) => warnings.push(warning);
	process.on('warning', onWarning);
	const {signal} = new AbortController();
	const indicator = world.indicator();
	// A queue worker: `indicator.run(target, job, {signal: shutdown})`.
	const handlers = Array.from({length: 1000}, async (_, index) => indicator.run({chat: `${index}`}, async () => wait(300), {signal}));
	const listeners = getEventListeners(signal, 'abort').length;
	await world.until(3000);
	await Promise.all(handlers);
	process.off('warning', onWarning);
	t.is(getEventListeners(signal, 'abort').length, 0);
	t.is(listeners, 1);
	t.deepEqual(warnings, []);
});
