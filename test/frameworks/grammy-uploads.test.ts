import {autoRetry} from '@grammyjs/auto-retry';
import {apiThrottler} from '@grammyjs/transformer-throttler';
import test from 'ava';
import {InputFile} from 'grammy';
import {grammy, acts, assertQuiet, install, isAction, poll, seen, story, wait, world} from './harness.ts';
import {uploads} from './telegram-uploads.ts';
import {bytes, size, slow, uploaded} from './uploading.ts';

uploads(grammy);

// What the other tests of uploads (`telegram-uploads.ts`) have no counterpart for in Telegraf.

test('auto-retry sends an upload again: the same bytes, nothing after it', async t => {
	const w = await world(t);
	const {server, bot} = w;
	bot.api.config.use(autoRetry());
	install(w);
	server.fail({method: 'sendPhoto', times: 2, outcome: {error_code: 429, parameters: {retry_after: 0.05}}});
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await ctx.replyWithPhoto(new InputFile(bytes()));
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendPhoto', 3);
	await assertQuiet(t, server, 7);
	t.deepEqual(uploaded(server), [size, size, size]);
	t.is(server.chat(7).messages.length, 1);
	t.deepEqual(w.caught, []);
});

test('a file in the media of a rich message that is edited shows its action, too', async t => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		const {message_id: id} = await ctx.reply('wait');
		const {calls} = server.chat(7);
		await seen(server, isAction, calls + 1);
		const media = {type: 'voice_note', media: new InputFile(slow(server, 'upload_voice'))} as const;
		await ctx.api.raw.editMessageText({
			chat_id: 7,
			message_id: id,
			text: 'listen', // Telegram would do without; the simulated service knows no other content.
			rich_message: {markdown: '![](tg://audio?id=a)', media: [{id: 'a', media}]},
		});
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage', 2);
	await assertQuiet(t, server, 7);
	const acted = acts(story(server, 7));
	t.deepEqual(acted.slice(acted.indexOf('sendMessage') + 1), ['typing', 'upload_voice', 'editMessageText', 'sendMessage']);
	t.deepEqual(w.caught, []);
});

test('auto-retry on ctx.api sends an upload again: its action each time', async t => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.use(async (ctx, next) => {
		ctx.api.config.use(autoRetry());
		await next();
	});
	server.fail({method: 'sendPhoto', times: 1, outcome: {error_code: 429, parameters: {retry_after: 0.3}}});
	let tries = 0;
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await ctx.replyWithPhoto(
			new InputFile(async () => {
				const before = server.chat(7).calls;
				tries++;
				await seen(server, isAction, before + 1); // The first refusal keeps typing down for its time.
				return bytes();
			}),
		);
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendPhoto', 2);
	await assertQuiet(t, server, 7);
	t.is(tries, 2);
	t.deepEqual(uploaded(server), [size, size]);
	t.deepEqual(w.caught, []);
});

test('an upload through transformer-throttler', async t => {
	const w = await world(t);
	const {server, bot} = w;
	bot.api.config.use(apiThrottler());
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await ctx.replyWithPhoto(new InputFile(slow(server, 'upload_photo')));
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendPhoto');
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_photo', 'sendPhoto']);
});

test('a file that breaks in the middle: the handler gets the error, the earlier action comes back', async t => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction);
		const broken = (async function* () {
			yield bytes();
			await seen(server, arrival => arrival.payload['action'] === 'upload_photo', 1);
			throw new Error('disk on fire');
		})();
		const error = await t.throwsAsync<Error & {error?: unknown}>(ctx.replyWithPhoto(new InputFile(broken)));
		t.like(error, {error: {message: 'disk on fire'}});
		await seen(server, isAction, server.chat(7).calls + 2);
		await ctx.reply('sorry');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_photo', 'typing', 'sendMessage']);
	t.deepEqual(w.caught, []);
	t.deepEqual(w.errors, []);
});

test('an upload that auto-retry on bot.api sends again shows its action again', async t => {
	const w = await world(t);
	const {server, bot} = w;
	bot.api.config.use(autoRetry());
	install(w);
	server.fail({method: 'sendPhoto', times: 1, outcome: {error_code: 429, parameters: {retry_after: 0.05}}});
	const counts: number[] = [];
	const file = new InputFile(async () => {
		const before = server.chat(7).calls;
		await Promise.race([seen(server, isAction, before + 1).catch(() => {}), wait(1500)]);
		counts.push(server.chat(7).calls - before);
		return new Uint8Array(1000);
	});
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await ctx.replyWithPhoto(file);
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendPhoto', 2);
	await assertQuiet(t, server, 7);
	t.true(counts[0]! > 0);
	t.true(counts[1]! > 0, 'nothing is renewed during the second upload, however long it takes');
});
