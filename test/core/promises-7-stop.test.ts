import {a, b, Refusal, scenario} from './harness.ts';

// Promises 5, 7, 13 and 14 where the platform can take the indicator down, and the call that does so goes wrong.

const never = Infinity;
const minutes = 60_000;

scenario('7 end: a `stop` whose answer is lost, and a handler that began meanwhile: dark no longer than a retry', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	world.service.fate = ({kind}) => (kind === 'stop' && world.service.now() < 1500 ? {error: new Error('lost'), lost: true} : {});
	const first = indicator.start(a);
	await world.until(1000);
	first.stop(); // The stop arrives at 1,050, its answer is an error at 1,100.
	await world.until(1020);
	const second = indicator.start(a);
	await world.until(6000);
	second.stop();
	await world.until(8000);
	t.deepEqual(world.service.view().dark(1500, 6000), []);
});

scenario('7 end: the same on a platform that shows it until it is stopped', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never, interval: 60_000}, {delay: 0});
	world.service.fate = ({kind}) => (kind === 'stop' && world.service.now() < 1500 ? {error: new Error('lost'), lost: true} : {});
	const first = indicator.start(a);
	await world.until(1000);
	first.stop();
	await world.until(1020);
	const second = indicator.start(a);
	await world.until(50_000);
	second.stop();
	await world.until(52_000);
	t.deepEqual(world.service.view().dark(1500, 50_000), []);
});

scenario('7 end: a send that lands while the `stop` is on its way is taken down as well', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never, interval: 60_000}, {delay: 0});
	// Deaf, given up at 3,000; arrives at 3,080, answered at 3,090.
	world.service.fate = ({kind, at}) => (kind === 'send' && at === 0 ? {deaf: true, arrival: 3080, roundTrip: 3090} : {});
	const hold = indicator.start(a);
	await world.until(2000);
	hold.stop(); // Aborted, deaf: the stop leaves at 3,000, arrives at 3,050, is answered at 3,100.
	await world.until(30_000);
	t.deepEqual(world.service.startsOf('stop')[0], 3000);
	t.is(world.service.spans().at(-1)?.[1] !== never, true, JSON.stringify(world.service.spans()));
});

scenario('7 end: a `stop` is tried three times, however late a send landed', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never, interval: 60_000}, {delay: 0});
	world.service.fate = ({kind, at}) =>
		kind === 'send' && at === 0 ? {deaf: true, roundTrip: 20_000} : kind === 'stop' ? {error: new Error('no')} : {};
	const hold = indicator.start(a);
	await world.until(100);
	hold.stop();
	await world.until(10 * minutes);
	t.true(world.service.startsOf('stop').length <= 6, `${world.service.startsOf('stop').length} stops`);
	t.is(indicator.size, 0);
	world.service.fate = () => ({}); // So that the test can end.
	await world.until(11 * minutes);
});

scenario('7 end: a send that lands late is taken down although a `stop` has failed before', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never, interval: 4000}, {delay: 0});
	let stops = 0;
	world.service.fate = ({kind, at}) =>
		kind === 'send' && at === 0
			? {deaf: true, roundTrip: 5247, arrival: 5237}
			: kind === 'stop' && ++stops !== 2 && stops < 4
				? {error: new Error('no')}
				: {};
	const hold = indicator.start(a);
	await world.until(1000);
	hold.stop(); // The first stop fails, the second lands; the send lands at 5,237, and its stop fails once.
	await world.until(60_000);
	t.not(world.service.spans().at(-1)?.[1], never);
});

scenario('7 end: a `stop` that is refused, whatever for, ends the lease', async (t, world) => {
	for (const failure of ['revoked', 'give-up', 'gone', {after: 700}, {after: 700, scope: 'bot'}] as const) {
		const indicator = world.indicator({stop: true, ttl: never, interval: 4000}, {delay: 0});
		let stops = 0;
		world.service.fate = ({kind}) => (kind === 'stop' && ++stops < 2 ? {error: new Refusal(failure)} : {});
		const hold = indicator.start(a);
		await world.clock.tickAsync(500);
		hold.stop();
		await world.clock.tickAsync(6 * minutes);
		t.is(indicator.size, 0);
	}
});

scenario('7 end: a `stop` hangs, and a handler begins and ends during it', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never, interval: 60_000}, {delay: 0});
	let n = 0;
	world.service.fate = ({kind}) => (kind === 'stop' && n++ === 0 ? {roundTrip: never, arrival: never} : {});
	const hold = indicator.start(a);
	await world.until(500);
	hold.stop();
	await world.until(1000);
	const other = indicator.start(a);
	await world.until(2000);
	other.stop();
	await world.until(20_000);
	t.not(world.service.spans().at(-1)?.[1], never);
});

scenario('7 end: a `stop` that took effect hangs, and a handler goes on: it is shown again', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never, interval: 60_000}, {delay: 0});
	let n = 0;
	world.service.fate = ({kind}) => (kind === 'stop' && n++ === 0 ? {roundTrip: never, arrival: 20} : {});
	const hold = indicator.start(a);
	await world.until(500);
	hold.stop();
	await world.until(1000);
	const other = indicator.start(a);
	await world.until(59_000);
	other.stop();
	await world.until(70_000);
	t.deepEqual(world.service.view().dark(4000, 59_000), []);
});

scenario('7 end: a `stop` waits in line behind a limit, and its chat begins again', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never, interval: 4000, limit: {limit: 1, interval: 1000}}, {delay: 0});
	const one = indicator.start(a);
	const other = indicator.start(b);
	await world.until(100);
	one.stop();
	await world.until(200);
	const again = indicator.start(a);
	await world.until(300);
	again.stop();
	other.stop();
	await world.until(20_000);
	t.not(world.service.spans('a').at(-1)?.[1], never);
});

scenario('5 messages: one lands while the `stop` of a pause is on its way', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never, interval: 60_000}, {delay: 0});
	const hold = indicator.start(a);
	await world.until(500);
	hold.pause();
	await world.until(520);
	const message = indicator.message(a, world.service.message('a'));
	await world.until(560);
	hold.resume();
	await world.until(5000);
	await message;
	t.deepEqual(world.service.view().dark(1000, 5000), []);
	hold.stop();
	await world.until(9000);
	t.not(world.service.spans().at(-1)?.[1], never);
});

scenario('13 pause: and resume, around a `stop` whose answer is lost', async (t, world) => {
	const indicator = world.indicator({stop: true}, {delay: 0});
	world.service.fate = ({kind}) => (kind === 'stop' && world.service.now() < 1500 ? {error: new Error('lost'), lost: true} : {});
	const hold = indicator.start(a);
	await world.until(1000);
	hold.pause();
	await world.until(1060);
	hold.resume();
	await world.until(4400);
	const dark = world.service.view().dark(1500, 4400);
	hold.stop();
	t.deepEqual(dark, []);
});

scenario('14 shut-down: during a `stop` that fails, and while another is owed', async (t, world) => {
	const indicator = world.indicator({stop: true, ttl: never, interval: 4000}, {delay: 0});
	let stops = 0;
	world.service.fate = ({kind}) => (kind === 'stop' && ++stops < 3 ? {error: new Error('no')} : {});
	const one = indicator.start(a);
	const two = indicator.start(b);
	await world.until(500);
	one.stop();
	await world.until(550);
	let closed = 0;
	void indicator.close().then(() => (closed = world.service.now()));
	await world.until(6000);
	t.true(two.signal.aborted);
	t.true(closed > 0 && closed < 5600, `${closed}`);
	t.not(world.service.spans('a').at(-1)?.[1], never);
	t.not(world.service.spans('b').at(-1)?.[1], never);
});
