import {assertQuiet, isAction, seen, suite, until} from './telegram.ts';

const {both, on} = suite();
export {on as watch};

// Messages that a handler sends by its bot, not by its context.

both("watch, given the bot's client, sees them, before the first update and after it", async (t, {world, install, poll, client}) => {
	for (const first of [true, false]) {
		const w = await world(t);
		const {server, bot} = w;
		const reasons: string[] = [];
		const typing = install(w, {onEvent: event => void (event.type === 'send' && reasons.push(event.reason))});
		if (first) {
			typing.watch(client(bot));
		}

		bot.on('message', async () => {
			typing.watch(client(bot));
			await seen(server, isAction);
			await client(bot).sendMessage(7, 'half of it');
			await until(() => reasons.length === 2);
			await client(bot).sendMessage(7, 'the rest');
		});
		await poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await until(() => server.chat(7).messages.length === 2);
		await assertQuiet(t, server, 7);
		t.deepEqual(reasons, ['first', 'return']);
	}
});

both('watch() refuses what is no client at once', async (t, {world, install}) => {
	const w = await world(t);
	const typing = install(w);
	t.throws(() => typing.watch(undefined as never), {instanceOf: TypeError, message: /`client`.*undefined/});
	t.throws(() => typing.watch(w.bot), {instanceOf: TypeError, message: /`client`.*`api` or `telegram`.*object/}, 'not its bot either');
});
