import test from 'ava';
import * as grammy from './harness.ts';
import * as telegraf from './telegraf-harness.ts';

// Messages that a handler sends by its bot, not by its context.

test('grammY: watch(bot.api) sees them, before the first update and after it', async t => {
	for (const first of [true, false]) {
		const w = await grammy.world(t);
		const {server, bot} = w;
		const reasons: string[] = [];
		const typing = grammy.install(w, {onEvent: event => void (event.type === 'send' && reasons.push(event.reason))});
		if (first) {
			typing.watch(bot.api);
		}

		bot.on('message', async () => {
			typing.watch(bot.api);
			await grammy.seen(server, grammy.isAction);
			await bot.api.sendMessage(7, 'half of it');
			await grammy.until(() => reasons.length === 2);
			await bot.api.sendMessage(7, 'the rest');
		});
		await grammy.poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await grammy.until(() => server.chat(7).messages.length === 2);
		await grammy.assertQuiet(t, server, 7);
		t.deepEqual(reasons, ['first', 'return']);
	}
});

test('Telegraf: watch(bot.telegram) sees them, before the first update and after it', async t => {
	for (const first of [true, false]) {
		const w = await telegraf.world(t);
		const {server, bot} = w;
		const reasons: string[] = [];
		const typing = telegraf.install(w, {onEvent: event => void (event.type === 'send' && reasons.push(event.reason))});
		if (first) {
			typing.watch(bot.telegram);
		}

		bot.on('message', async () => {
			typing.watch(bot.telegram);
			await telegraf.seen(server, telegraf.isAction);
			await bot.telegram.sendMessage(7, 'half of it');
			await telegraf.until(() => reasons.length === 2);
			await bot.telegram.sendMessage(7, 'the rest');
		});
		await telegraf.poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await telegraf.until(() => server.chat(7).messages.length === 2);
		await telegraf.assertQuiet(t, server, 7);
		t.deepEqual(reasons, ['first', 'return']);
	}
});

test('watch() refuses what is no client at once', async t => {
	const w = await grammy.world(t);
	t.throws(() => grammy.install(w).watch(undefined as never), {instanceOf: TypeError, message: /`client`.*undefined/});
});
