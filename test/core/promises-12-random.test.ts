import {a, random, scenario} from './harness.ts';
import {burst} from './server.ts';

scenario('12 throttle: a small budget with a message now and then still has room for typing', async (t, world) => {
	// Two requests a second, and a message in another chat every five: three quarters of the budget lie idle.
	const indicator = world.indicator({limit: {limit: 2, interval: 1000}}, {delay: 0});
	const typing = indicator.start(a);
	for (let at = 1000; at < 60_000; at += 5000) {
		await world.until(at);
		await indicator.message({chat: 'b'}, async () => {});
	}

	await world.until(60_000);
	typing.stop();
	t.true(world.service.view().covered(0, 60_000) > 0.8, `${world.service.view().covered(0, 60_000)} covered`);
});

scenario('12 throttle: 300 chats on 30 a second that start at random: hardly a reply is refused because of typing', async (t, world) => {
	// Typing can't know when the first replies come. A few of them meet a window that it has just filled; from then on it keeps out of their way.
	let refusals = 0;
	for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
		const next = random(seed);
		const starts = Array.from({length: 300}, () => next() * 20_000);
		const alone = await burst(world, 300, chat => starts[chat] ?? 0, false, 3_600_000);
		t.is(alone.refused.messages, 0, 'the control: without typing all of them get through');
		const {refused} = await burst(world, 300, chat => starts[chat] ?? 0, false);
		refusals += refused.messages;
	}

	t.log(`${refusals} of ${8 * 300}`);
	t.true(refusals <= 5, `${refusals} of ${8 * 300}`);
});

scenario(
	'12 throttle: 400 chats that start together and reply at random: hardly a reply meets the calls that filled the window',
	async (t, world) => {
		let refusals = 0;
		for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
			const next = random(seed);
			const works = Array.from({length: 400}, () => 5000 + next() * 20_000);
			const alone = await burst(
				world,
				400,
				chat => chat * 2,
				false,
				3_600_000,
				chat => works[chat]!,
			);
			const {refused} = await burst(
				world,
				400,
				chat => chat * 2,
				false,
				200,
				chat => works[chat]!,
			);
			t.is(refused.typing, 0);
			refusals += refused.messages - alone.refused.messages;
		}

		t.log(`${refusals} of ${8 * 400}`);
		t.true(refusals <= 5, `${refusals} of ${8 * 400}`);
	},
);

scenario('12 throttle: calls that once filled it do not space the few that come later', async (t, world) => {
	const indicator = world.indicator({limit: {limit: 10, interval: 1000}}, {delay: 0});
	for (let chat = 0; chat < 20; chat++) {
		const hold = indicator.start({chat: `${chat}`});
		await world.until(chat * 400 + 200); // Never idle for a whole interval.
		hold.stop();
	}

	const holds = ['x', 'y', 'z'].map(chat => indicator.start({chat}));
	const at = world.service.now();
	await world.until(at + 300);
	t.deepEqual(world.service.startsOf('send').slice(-3), [at, at, at]);
	for (const hold of holds) {
		hold.stop();
	}
});
