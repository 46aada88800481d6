import {createReadStream} from 'node:fs';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {autoRetry} from '@grammyjs/auto-retry';
import {apiThrottler} from '@grammyjs/transformer-throttler';
import test, {type ExecutionContext} from 'ava';
import {InputFile, InputMediaBuilder} from 'grammy';
import {Upload, type BotApi} from '@auto-typing/simulator';
import {acts, assertQuiet, install, isAction, isMessage, poll, seen, story, until, wait, world, type Ctx} from './harness.ts';

const size = 300_000;
const bytes = (): Uint8Array => new Uint8Array(size).fill(7);

/** A file that takes until `count` calls with this action have been answered. */
async function* slow(server: BotApi, action: string, count = 2): AsyncGenerator<Uint8Array> {
	yield bytes().subarray(0, size / 2);
	await seen(server, arrival => isAction(arrival) && arrival.payload['action'] === action, count);
	yield bytes().subarray(size / 2);
}

function uploaded(server: BotApi, chat = 7): number[] {
	return server.log
		.filter(arrival => isMessage(arrival) && arrival.chatId === chat)
		.map(({payload}) => Object.values(payload).reduce<number>((sum, value) => sum + (value instanceof Upload ? value.size : 0), 0));
}

/** One handler, one message, and what came of it. */
async function answer(t: ExecutionContext, handler: (ctx: Ctx, server: BotApi) => Promise<unknown>, options = {}) {
	const w = await world(t);
	const {server, bot} = w;
	install(w, options);
	let done = false;
	bot.on('message', async ctx => {
		try {
			await handler(ctx, server);
		} finally {
			done = true;
		}
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await until(() => done);
	return w;
}

const kinds: Array<[string, string, (ctx: Ctx, file: InputFile) => Promise<unknown>]> = [
	['sendPhoto', 'upload_photo', async (ctx, file) => ctx.replyWithPhoto(file)],
	['sendVideo', 'upload_video', async (ctx, file) => ctx.replyWithVideo(file)],
	['sendAnimation', 'upload_video', async (ctx, file) => ctx.replyWithAnimation(file)],
	['sendVideoNote', 'upload_video_note', async (ctx, file) => ctx.replyWithVideoNote(file)],
	['sendDocument', 'upload_document', async (ctx, file) => ctx.replyWithDocument(file)],
	['sendAudio', 'upload_voice', async (ctx, file) => ctx.replyWithAudio(file)],
	['sendVoice', 'upload_voice', async (ctx, file) => ctx.replyWithVoice(file)],
	['sendSticker', 'choose_sticker', async (ctx, file) => ctx.replyWithSticker(file)],
];

for (const [method, action, send] of kinds) {
	test(`${method} of a slow file: "${action}" while it uploads, nothing after it`, async t => {
		const {server, caught, errors} = await answer(t, async (ctx, server) => {
			await seen(server, isAction, 1);
			await send(ctx, new InputFile(slow(server, action)));
		});
		await assertQuiet(t, server, 7);
		t.deepEqual(acts(story(server, 7)), ['typing', action, method]);
		t.deepEqual(
			server.chat(7).spans.map(span => span.action),
			['typing', action],
		);
		const view = server.chat(7);
		t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
		t.deepEqual(uploaded(server), [size]);
		t.deepEqual(caught, []);
		t.deepEqual(errors, []);
	});
}

test('files from everywhere arrive whole, and nothing shows after them', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'typing-'));
	t.teardown(async () => rm(folder, {recursive: true}));
	const path = join(folder, 'photo.jpg');
	await writeFile(path, bytes());
	const web = createServer((_request, response) => {
		response.write(bytes().subarray(0, 1000));
		setTimeout(() => response.end(bytes().subarray(1000)), 100);
	});
	await new Promise<void>(resolve => {
		web.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => web.close());
	const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/photo.jpg`;
	const sources: Array<() => InputFile> = [
		() => new InputFile(bytes()),
		() => new InputFile(Buffer.from(bytes()), 'named.jpg'),
		() => new InputFile(path),
		() => new InputFile(createReadStream(path)),
		() => new InputFile(Readable.from([bytes()])),
		() => new InputFile(async () => bytes()),
		() => new InputFile(new URL(url)),
		() => new InputFile({url}),
		() => new InputFile(new Uint8Array(size)),
		() =>
			new InputFile(
				(function* () {
					yield bytes();
				})() as Iterable<Uint8Array>,
			),
	];
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		for (const source of sources) {
			const count = server.log.filter(arrival => isAction(arrival)).length;
			await seen(server, isAction, count + 1);
			await ctx.replyWithPhoto(source());
		}
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendPhoto', sources.length);
	t.deepEqual(
		uploaded(server),
		sources.map(() => size),
	);
	await assertQuiet(t, server, 7);
	t.deepEqual(w.caught, []);
});

test('names of files survive', async t => {
	const w = await answer(t, async ctx => {
		await ctx.replyWithDocument(new InputFile(bytes(), 'report.pdf'));
		await ctx.replyWithDocument(new InputFile(bytes()));
	});
	const names = w.server.log.flatMap(({payload}) =>
		Object.values(payload)
			.filter(value => value instanceof Upload)
			.map(({filename}) => filename),
	);
	t.deepEqual(names, ['report.pdf', 'document.dat']);
});

test('an id or an address of a file is no upload', async t => {
	const {server} = await answer(t, async (ctx, server) => {
		const {photo} = await ctx.replyWithPhoto(new InputFile(bytes()));
		const before = server.log.length;
		await ctx.replyWithPhoto(photo[0]!.file_id);
		await ctx.replyWithPhoto('https://example.com/photo.jpg');
		await ctx.replyWithMediaGroup([InputMediaBuilder.photo(photo[0]!.file_id), InputMediaBuilder.photo(photo[0]!.file_id)]);
		t.false(server.log.slice(before).some(arrival => isAction(arrival) && arrival.payload['action'] !== 'typing'));
	});
	await assertQuiet(t, server, 7);
});

test('an album: the action of its first file, until its last byte', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		await seen(server, isAction);
		await ctx.replyWithMediaGroup([
			InputMediaBuilder.photo(new InputFile(bytes())),
			InputMediaBuilder.video(new InputFile(slow(server, 'upload_photo')), {caption: 'second'}),
			InputMediaBuilder.photo(new InputFile(slow(server, 'upload_photo', 4))),
		]);
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_photo', 'sendMediaGroup']);
	t.deepEqual(uploaded(server), [3 * size]);
	t.deepEqual(caught, []);
});

test('a file with a thumbnail shows the action of the file', async t => {
	const {server} = await answer(t, async (ctx, server) => {
		await seen(server, isAction);
		await ctx.replyWithVideo(new InputFile(slow(server, 'upload_video')), {thumbnail: new InputFile(new Uint8Array(10))});
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_video', 'sendVideo']);
	t.deepEqual(uploaded(server), [size + 10]);
});

test('after a photo in the middle the earlier action comes back', async t => {
	const {server} = await answer(t, async (ctx, server) => {
		ctx.typing.action = 'find_location';
		await seen(server, isAction);
		await ctx.replyWithPhoto(new InputFile(slow(server, 'upload_photo')));
		const before = server.chat(7).calls;
		await seen(server, isAction, before + 2);
		t.is(ctx.typing.action, 'find_location');
		await ctx.reply('done');
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['find_location', 'upload_photo', 'sendPhoto', 'find_location', 'sendMessage']);
});

test('a photo that is the first thing a handler does', async t => {
	const {server} = await answer(t, async (ctx, server) => ctx.replyWithPhoto(new InputFile(slow(server, 'upload_photo'))));
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['upload_photo', 'sendPhoto']);
});

test('an upload while ctx.typing is paused', async t => {
	const {server} = await answer(t, async (ctx, server) => {
		ctx.typing.pause();
		await ctx.replyWithPhoto(new InputFile(slow(server, 'upload_photo')));
		await wait(100);
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['upload_photo', 'sendPhoto']);
});

test('a file that breaks in the middle: the handler gets the error, the earlier action comes back', async t => {
	const {server, caught, errors} = await answer(t, async (ctx, server) => {
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
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_photo', 'typing', 'sendMessage']);
	t.deepEqual(caught, []);
	t.deepEqual(errors, []);
});

test('a path where nothing is: the handler gets the error, typing goes on', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		await t.throwsAsync(ctx.replyWithPhoto(new InputFile('/nowhere/photo.jpg')), {name: 'HttpError'});
		await seen(server, arrival => arrival.payload['action'] === 'typing', 2);
		await ctx.reply('sorry');
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(caught, []);
});

test('a photo the server refuses clears nothing', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		await seen(server, isAction);
		server.fail({method: 'sendPhoto', times: 1, outcome: {error_code: 400, description: 'Bad Request: IMAGE_PROCESS_FAILED'}});
		await t.throwsAsync(ctx.replyWithPhoto(new InputFile(slow(server, 'upload_photo'))), {message: /IMAGE_PROCESS_FAILED/});
		await seen(server, isAction, server.chat(7).calls + 2);
		await ctx.reply('sorry');
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_photo', 'sendPhoto', 'typing', 'sendMessage']);
	t.deepEqual(caught, []);
});

test('a connection that is reset in the middle of an upload', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		await seen(server, isAction);
		server.fail({method: 'sendPhoto', times: 1, outcome: 'reset'});
		await t.throwsAsync(ctx.replyWithPhoto(new InputFile(bytes())), {name: 'HttpError'});
		await ctx.replyWithPhoto(new InputFile(bytes()));
	});
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).messages.length, 1);
	t.deepEqual(caught, []);
});

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
				// The first refusal keeps typing down for its time.
				if (++tries === 1) await seen(server, isAction, before + 1);
				else await seen(server, isAction, before + 1);
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

test('editMessageMedia shows its action while it uploads, and is no message: what was shown before comes back', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		const {message_id: id} = await ctx.replyWithPhoto(new InputFile(bytes()));
		const {calls} = server.chat(7);
		await seen(server, isAction, calls + 1);
		await ctx.api.editMessageMedia(7, id, InputMediaBuilder.video(new InputFile(slow(server, 'upload_video'))));
		await seen(server, arrival => isAction(arrival) && arrival.payload['action'] === 'typing', 2);
		t.is(ctx.typing.action, 'typing');
		await ctx.reply('done');
	});
	await assertQuiet(t, server, 7);
	const acted = acts(story(server, 7));
	t.deepEqual(acted.slice(acted.indexOf('sendPhoto') + 1), ['typing', 'upload_video', 'editMessageMedia', 'typing', 'sendMessage']);
	t.is(server.chat(7).messages.length, 2);
	t.deepEqual(caught, []);
});

test('editMessageMedia by the id of a file, of an inline message, and where nobody works: nothing is uploaded, nothing shown', async t => {
	const {server, caught} = await answer(
		t,
		async (ctx, server) => {
			const {message_id: id, photo} = await ctx.replyWithPhoto(new InputFile(bytes()));
			const elsewhere = await ctx.api.sendPhoto(8, new InputFile(bytes()));
			const {calls} = server.chat(7);
			await seen(server, isAction, calls + 1);
			const before = server.log.length;
			await ctx.api.editMessageMedia(7, id, InputMediaBuilder.document(photo[0]!.file_id));
			await ctx.api.editMessageMedia(8, elsewhere.message_id, InputMediaBuilder.video(new InputFile(bytes())));
			await ctx.api.editMessageMediaInline('inline', InputMediaBuilder.video(photo[0]!.file_id)).catch(() => {});
			await wait(150);
			t.false(server.log.slice(before).some(arrival => isAction(arrival)));
			await ctx.reply('done');
		},
		{interval: 4500},
	);
	await assertQuiet(t, server, 7);
	t.is(server.chat(8).calls, 0);
	t.deepEqual(caught, []);
});

test('two uploads at once in one chat', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		await seen(server, isAction);
		await Promise.all([
			ctx.replyWithPhoto(new InputFile(bytes())),
			ctx.replyWithDocument(new InputFile(slow(server, 'upload_document', 2))),
		]);
	});
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).messages.length, 2);
	t.deepEqual(caught, []);
});

test('one InputFile twice in one album', async t => {
	const {server, caught} = await answer(t, async ctx => {
		const file = new InputFile(bytes());
		await ctx.replyWithMediaGroup([InputMediaBuilder.photo(file), InputMediaBuilder.photo(file)]);
		await ctx.replyWithPhoto(file);
	});
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).messages.length, 2);
	t.deepEqual(
		caught.map(({error}) => (error as Error).message),
		[],
	);
});

test('an upload beside webhook-style options: reply markup, entities and a Date survive', async t => {
	const {server, caught} = await answer(t, async ctx => {
		await ctx.replyWithPhoto(new InputFile(bytes()), {
			caption: 'look',
			caption_entities: [{type: 'bold', offset: 0, length: 4}],
			reply_markup: {inline_keyboard: [[{text: 'a', callback_data: 'b'}]]},
			reply_parameters: {message_id: ctx.msg!.message_id},
		});
	});
	await assertQuiet(t, server, 7);
	const {payload} = server.log.find(({method}) => method === 'sendPhoto')!;
	t.deepEqual(payload['reply_markup'], {inline_keyboard: [[{text: 'a', callback_data: 'b'}]]});
	t.deepEqual(payload['caption_entities'], [{type: 'bold', offset: 0, length: 4}]);
	t.is(payload['caption'], 'look');
	t.deepEqual(caught, []);
});
