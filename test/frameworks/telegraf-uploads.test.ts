import {createReadStream} from 'node:fs';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {connect, createServer as createTcpServer, type AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {Upload, type BotApi} from '@auto-typing/simulator';
import {autoTyping} from '@auto-typing/telegraf';
import test, {type ExecutionContext} from 'ava';
import {Input} from 'telegraf';
import type {InputFile} from 'telegraf/types';
import {
	acts,
	assertQuiet,
	install,
	isAction,
	isMessage,
	makeBot,
	poll,
	quick,
	seen,
	story,
	until,
	wait,
	world,
	type Ctx,
} from './telegraf-harness.ts';

const size = 300_000;
const bytes = (): Buffer => Buffer.alloc(size, 7);

/** A file that takes until `count` calls with this action have been answered. */
function slow(server: BotApi, action: string, count = 2): {source: Readable} {
	async function* content(): AsyncGenerator<Buffer> {
		yield bytes().subarray(0, size / 2);
		await seen(server, arrival => isAction(arrival) && arrival.payload['action'] === action, count);
		yield bytes().subarray(size / 2);
	}

	return {source: Readable.from(content(), {objectMode: false})};
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

const kinds: Array<[string, string, (ctx: Ctx, file: {source: Readable}) => Promise<unknown>]> = [
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
			await send(ctx, slow(server, action));
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
		() => ({source: bytes()}),
		() => Input.fromBuffer(bytes(), 'named.jpg'),
		() => Input.fromLocalFile(path),
		() => Input.fromReadableStream(createReadStream(path)),
		() => ({source: Readable.from([bytes()])}),
		() => Input.fromURLStream(url),
		() => ({source: Buffer.alloc(size)}),
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

test('a file that Telegraf downloads first, slowly: its action meanwhile, nothing after it', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		const web = createServer((_request, response) => {
			response.write(bytes());
			void seen(server, arrival => arrival.payload['action'] === 'upload_document', 2).then(() => response.end(bytes()));
		});
		await new Promise<void>(resolve => {
			web.listen(0, '127.0.0.1', resolve);
		});
		t.teardown(() => web.close());
		await seen(server, isAction);
		await ctx.replyWithDocument({url: `http://127.0.0.1:${(web.address() as AddressInfo).port}/report.pdf`});
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_document', 'sendDocument']);
	t.deepEqual(uploaded(server), [2 * size]);
	t.deepEqual(caught, []);
});

test('names of files survive', async t => {
	const folder = await mkdtemp(join(tmpdir(), 'typing-'));
	t.teardown(async () => rm(folder, {recursive: true}));
	await writeFile(join(folder, 'table.csv'), bytes());
	const w = await answer(t, async ctx => {
		await ctx.replyWithDocument({source: bytes(), filename: 'report.pdf'});
		await ctx.replyWithDocument({source: join(folder, 'table.csv')});
		await ctx.replyWithDocument({source: bytes()});
	});
	const names = w.server.log.flatMap(({payload}) =>
		Object.values(payload)
			.filter(value => value instanceof Upload)
			.map(({filename}) => filename),
	);
	t.deepEqual(names, ['report.pdf', 'table.csv', 'document.dat']);
});

/** A line that lets nothing through from when a file is under way until `isOpen`. */
async function narrows(t: ExecutionContext, server: BotApi, isOpen: () => boolean): Promise<string> {
	const line = createTcpServer(socket => {
		const onward = connect(Number(new URL(server.url).port), '127.0.0.1');
		let passed = 0;
		socket.on('data', (chunk: Buffer) => {
			passed += chunk.length;
			onward.write(chunk);
			if (passed > 200_000 && !isOpen()) {
				socket.pause();
				void until(isOpen).then(() => socket.resume());
			}
		});
		onward.pipe(socket);
		socket.on('close', () => onward.destroy()).on('error', () => {});
		onward.on('error', () => {});
	});
	await new Promise<void>(resolve => {
		line.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => line.close());
	return `http://127.0.0.1:${(line.address() as AddressInfo).port}`;
}

test('a large buffer over a slow line: its action until its last bytes leave, though Telegraf takes all of it at once', async t => {
	const w = await world(t);
	const {server} = w;
	const large = 32 * 1024 * 1024;
	const documents = () => server.log.filter(arrival => isAction(arrival) && arrival.payload['action'] === 'upload_document').length;
	const apiRoot = await narrows(t, server, () => documents() >= 4);
	const bot = makeBot(server, {apiRoot});
	bot.use(autoTyping(quick));
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await ctx.replyWithDocument({source: Buffer.alloc(large, 7)});
	});
	await bot.handleUpdate(server.write({chat: 7, text: 'hello'}) as never);
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_document', 'sendDocument']);
	t.deepEqual(uploaded(server), [large]);
	t.true(documents() >= 4);
});

test('an id or an address of a file is no upload, nor is the address of a button', async t => {
	const {server} = await answer(t, async (ctx, server) => {
		const {photo} = await ctx.replyWithPhoto({source: bytes()});
		const before = server.log.length;
		const id = photo[0]!.file_id;
		await ctx.replyWithPhoto(id);
		await ctx.replyWithPhoto(Input.fromURL('https://example.com/photo.jpg'));
		await ctx.replyWithMediaGroup([
			{type: 'photo', media: id},
			{type: 'photo', media: id},
		]);
		const url = 'https://example.com';
		await ctx.reply('look', {
			reply_markup: {inline_keyboard: [[{text: 'a', url}], [{text: 'b', web_app: {url}}], [{text: 'c', login_url: {url}}]]},
			link_preview_options: {url},
		});
		t.false(server.log.slice(before).some(arrival => isAction(arrival) && arrival.payload['action'] !== 'typing'));
	});
	await assertQuiet(t, server, 7);
});

test('an album: the action of its first file, until its last byte', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		await seen(server, isAction);
		await ctx.replyWithMediaGroup([
			{type: 'photo', media: {source: bytes()}},
			{type: 'video', media: slow(server, 'upload_photo'), caption: 'second'},
			{type: 'photo', media: slow(server, 'upload_photo', 4)},
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
		await ctx.replyWithVideo(slow(server, 'upload_video'), {thumbnail: {source: Buffer.alloc(10)}});
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_video', 'sendVideo']);
	t.deepEqual(uploaded(server), [size + 10]);
});

test('after a photo in the middle the earlier action comes back', async t => {
	const {server} = await answer(t, async (ctx, server) => {
		ctx.typing.action = 'find_location';
		await seen(server, isAction);
		await ctx.replyWithPhoto(slow(server, 'upload_photo'));
		const before = server.chat(7).calls;
		await seen(server, isAction, before + 2);
		t.is(ctx.typing.action, 'find_location');
		await ctx.reply('done');
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['find_location', 'upload_photo', 'sendPhoto', 'find_location', 'sendMessage']);
});

test('a photo that is the first thing a handler does', async t => {
	const {server} = await answer(t, async (ctx, server) => ctx.replyWithPhoto(slow(server, 'upload_photo')));
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['upload_photo', 'sendPhoto']);
});

test('an upload while ctx.typing is paused', async t => {
	const {server} = await answer(t, async (ctx, server) => {
		ctx.typing.pause();
		await ctx.replyWithPhoto(slow(server, 'upload_photo'));
		await wait(100);
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['upload_photo', 'sendPhoto']);
});

test('a path where nothing is: the handler gets the error that Telegraf means it to get, typing goes on', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		await t.throwsAsync(ctx.replyWithPhoto({source: '/nowhere/photo.jpg'}), {code: 'ENOENT'});
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
		await t.throwsAsync(ctx.replyWithPhoto(slow(server, 'upload_photo')), {message: /IMAGE_PROCESS_FAILED/});
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
		await t.throwsAsync(ctx.replyWithPhoto({source: bytes()}), {any: true, name: 'FetchError'});
		await ctx.replyWithPhoto({source: bytes()});
	});
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).messages.length, 1);
	t.deepEqual(caught, []);
});

test('editMessageMedia shows its action while it uploads, and is no message: what was shown before comes back', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		const {message_id: id} = await ctx.replyWithPhoto({source: bytes()});
		const {calls} = server.chat(7);
		await seen(server, isAction, calls + 1);
		await ctx.telegram.editMessageMedia(7, id, undefined, {type: 'video', media: slow(server, 'upload_video')});
		const before = server.chat(7).calls;
		await seen(server, arrival => isAction(arrival) && arrival.payload['action'] === 'typing', 2);
		t.true(server.chat(7).calls > before);
		await ctx.reply('done');
	});
	await assertQuiet(t, server, 7);
	const acted = acts(story(server, 7));
	t.deepEqual(acted.slice(acted.indexOf('sendPhoto') + 1), ['typing', 'upload_video', 'editMessageMedia', 'typing', 'sendMessage']);
	t.is(server.chat(7).messages.length, 2);
	t.deepEqual(caught, []);
});

test('two uploads at once in one chat', async t => {
	const {server, caught} = await answer(t, async (ctx, server) => {
		await seen(server, isAction);
		await Promise.all([ctx.replyWithPhoto({source: bytes()}), ctx.replyWithDocument(slow(server, 'upload_document', 2))]);
	});
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).messages.length, 2);
	t.deepEqual(caught, []);
});

test('one file twice in one album', async t => {
	const {server, caught} = await answer(t, async ctx => {
		const file = {source: bytes()};
		await ctx.replyWithMediaGroup([
			{type: 'photo', media: file},
			{type: 'photo', media: file},
		]);
		await ctx.replyWithPhoto(file);
	});
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).messages.length, 2);
	t.deepEqual(caught, []);
});

test('an upload beside other parameters: reply markup, entities and a reply survive', async t => {
	const {server, caught} = await answer(t, async ctx => {
		await ctx.replyWithPhoto(
			{source: bytes()},
			{
				caption: 'look',
				reply_markup: {inline_keyboard: [[{text: 'a', callback_data: 'b'}]]},
			},
		);
	});
	await assertQuiet(t, server, 7);
	const {payload} = server.log.find(({method}) => method === 'sendPhoto')!;
	t.deepEqual(payload['reply_markup'], {inline_keyboard: [[{text: 'a', callback_data: 'b'}]]});
	t.is(payload['caption'], 'look');
	t.deepEqual(caught, []);
});
