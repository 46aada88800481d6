import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {connect, createServer as createTcpServer, type AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Upload, type BotApi} from '@auto-typing/simulator';
import type {ExecutionContext} from 'ava';
import {answer, bytes, size, slow, uploaded} from './uploading.ts';
import {acts, assertQuiet, isAction, quick, seen, story, suite, until, wait, type Ctx, type File} from './telegram.ts';

const {both, on} = suite();
export {on as uploads};

const kinds: Array<[string, string, (ctx: Ctx, file: File) => Promise<unknown>]> = [
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
	both(`${method} of a slow file: "${action}" while it uploads, nothing after it`, async (t, framework) => {
		const {file} = framework;
		const {server, caught, errors} = await answer(t, framework, async (ctx, server) => {
			await seen(server, isAction, 1);
			await send(ctx, file(slow(server, action)));
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

both('files from everywhere arrive whole, and nothing shows after them', async (t, {world, install, poll, files}) => {
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
	const sources = files(bytes(), path, url);
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		for (const source of sources) {
			const count = server.log.filter(arrival => isAction(arrival)).length;
			await seen(server, isAction, count + 1);
			await ctx.replyWithPhoto(source);
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

both('a file that the framework downloads first, slowly: its action meanwhile, nothing after it', async (t, framework) => {
	const {fileAt} = framework;
	const {server, caught} = await answer(t, framework, async (ctx, server) => {
		const web = createServer((_request, response) => {
			response.write(bytes());
			void seen(server, arrival => arrival.payload['action'] === 'upload_document', 2).then(() => response.end(bytes()));
		});
		await new Promise<void>(resolve => {
			web.listen(0, '127.0.0.1', resolve);
		});
		t.teardown(() => web.close());
		await seen(server, isAction);
		await ctx.replyWithDocument(fileAt({url: `http://127.0.0.1:${(web.address() as AddressInfo).port}/report.pdf`}));
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_document', 'sendDocument']);
	t.deepEqual(uploaded(server), [2 * size]);
	t.deepEqual(caught, []);
});

both('names of files survive', async (t, framework) => {
	const {file, fileAt} = framework;
	const folder = await mkdtemp(join(tmpdir(), 'typing-'));
	t.teardown(async () => rm(folder, {recursive: true}));
	await writeFile(join(folder, 'table.csv'), bytes());
	const w = await answer(t, framework, async ctx => {
		await ctx.replyWithDocument(file(bytes(), 'report.pdf'));
		await ctx.replyWithDocument(fileAt({path: join(folder, 'table.csv')}));
		await ctx.replyWithDocument(file(bytes()));
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

both(
	'a large buffer over a slow line: its action until its last bytes leave, though a framework takes all of it at once',
	async (t, {autoTyping, world, makeBot, file}) => {
		const w = await world(t);
		const {server} = w;
		const large = 32 * 1024 * 1024;
		const documents = () => server.log.filter(arrival => isAction(arrival) && arrival.payload['action'] === 'upload_document').length;
		const apiRoot = await narrows(t, server, () => documents() >= 4);
		const bot = makeBot(server, {apiRoot});
		bot.use(autoTyping(quick));
		bot.on('message', async ctx => {
			await seen(server, isAction);
			await ctx.replyWithDocument(file(new Uint8Array(large).fill(7)));
		});
		await bot.handleUpdate(server.write({chat: 7, text: 'hello'}));
		await assertQuiet(t, server, 7);
		t.deepEqual(acts(story(server, 7)), ['typing', 'upload_document', 'sendDocument']);
		t.deepEqual(uploaded(server), [large]);
		t.true(documents() >= 4);
	},
);

both('an id or an address of a file is no upload, nor is the address of a button', async (t, framework) => {
	const {file} = framework;
	const {server} = await answer(t, framework, async (ctx, server) => {
		const {photo} = await ctx.replyWithPhoto(file(bytes()));
		const before = server.log.length;
		const id = photo[0]!.file_id;
		await ctx.replyWithPhoto(id);
		await ctx.replyWithPhoto('https://example.com/photo.jpg');
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

both('an album: the action of its first file, until its last byte', async (t, framework) => {
	const {file} = framework;
	const {server, caught} = await answer(t, framework, async (ctx, server) => {
		await seen(server, isAction);
		await ctx.replyWithMediaGroup([
			{type: 'photo', media: file(bytes())},
			{type: 'video', media: file(slow(server, 'upload_photo')), caption: 'second'},
			{type: 'photo', media: file(slow(server, 'upload_photo', 4))},
		]);
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_photo', 'sendMediaGroup']);
	t.deepEqual(uploaded(server), [3 * size]);
	t.deepEqual(caught, []);
});

both('a file with a thumbnail shows the action of the file', async (t, framework) => {
	const {file} = framework;
	const {server} = await answer(t, framework, async (ctx, server) => {
		await seen(server, isAction);
		await ctx.replyWithVideo(file(slow(server, 'upload_video')), {thumbnail: file(new Uint8Array(10))});
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_video', 'sendVideo']);
	t.deepEqual(uploaded(server), [size + 10]);
});

both('after a photo in the middle the earlier action comes back', async (t, framework) => {
	const {file} = framework;
	const {server} = await answer(t, framework, async (ctx, server) => {
		ctx.typing.action = 'find_location';
		await seen(server, isAction);
		await ctx.replyWithPhoto(file(slow(server, 'upload_photo')));
		const before = server.chat(7).calls;
		await seen(server, isAction, before + 2);
		t.is(ctx.typing.action, 'find_location');
		await ctx.reply('done');
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['find_location', 'upload_photo', 'sendPhoto', 'find_location', 'sendMessage']);
});

both('a photo that is the first thing a handler does', async (t, framework) => {
	const {file} = framework;
	const {server} = await answer(t, framework, async (ctx, server) => ctx.replyWithPhoto(file(slow(server, 'upload_photo'))));
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['upload_photo', 'sendPhoto']);
});

both('an upload while ctx.typing is paused', async (t, framework) => {
	const {file} = framework;
	const {server} = await answer(t, framework, async (ctx, server) => {
		ctx.typing.pause();
		await ctx.replyWithPhoto(file(slow(server, 'upload_photo')));
		await wait(100);
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['upload_photo', 'sendPhoto']);
});

both('a path where nothing is: the handler gets the error, typing goes on', async (t, framework) => {
	const {fileAt, unreadable} = framework;
	const {server, caught} = await answer(t, framework, async (ctx, server) => {
		await t.throwsAsync(ctx.replyWithPhoto(fileAt({path: '/nowhere/photo.jpg'})), unreadable);
		await seen(server, arrival => arrival.payload['action'] === 'typing', 2);
		await ctx.reply('sorry');
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(caught, []);
});

both('a photo the server refuses clears nothing', async (t, framework) => {
	const {file} = framework;
	const {server, caught} = await answer(t, framework, async (ctx, server) => {
		await seen(server, isAction);
		server.fail({method: 'sendPhoto', times: 1, outcome: {error_code: 400, description: 'Bad Request: IMAGE_PROCESS_FAILED'}});
		await t.throwsAsync(ctx.replyWithPhoto(file(slow(server, 'upload_photo'))), {message: /IMAGE_PROCESS_FAILED/});
		await seen(server, isAction, server.chat(7).calls + 2);
		await ctx.reply('sorry');
	});
	await assertQuiet(t, server, 7);
	t.deepEqual(acts(story(server, 7)), ['typing', 'upload_photo', 'sendPhoto', 'typing', 'sendMessage']);
	t.deepEqual(caught, []);
});

both('a connection that is reset in the middle of an upload', async (t, framework) => {
	const {file, unreachable} = framework;
	const {server, caught} = await answer(t, framework, async (ctx, server) => {
		await seen(server, isAction);
		server.fail({method: 'sendPhoto', times: 1, outcome: 'reset'});
		await t.throwsAsync(ctx.replyWithPhoto(file(bytes())), unreachable);
		await ctx.replyWithPhoto(file(bytes()));
	});
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).messages.length, 1);
	t.deepEqual(caught, []);
});

both('editMessageMedia shows its action while it uploads, and is no message: what was shown before comes back', async (t, framework) => {
	const {editMedia, file} = framework;
	const {server, caught} = await answer(t, framework, async (ctx, server) => {
		const {message_id: id} = await ctx.replyWithPhoto(file(bytes()));
		const {calls} = server.chat(7);
		await seen(server, isAction, calls + 1);
		await editMedia(ctx, 7, id, {type: 'video', media: file(slow(server, 'upload_video'))});
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

both('editMessageMedia while a message uploads its own file: shown, and still so when the message is out', async (t, framework) => {
	const {editMedia, file} = framework;
	const {server, caught} = await answer(t, framework, async (ctx, server) => {
		const {message_id: id} = await ctx.replyWithPhoto(file(bytes()));
		const sent = ctx.replyWithDocument(file(slow(server, 'upload_video', 1)));
		await seen(server, arrival => isAction(arrival) && arrival.payload['action'] === 'upload_document');
		await editMedia(ctx, 7, id, {type: 'video', media: file(slow(server, 'upload_video'))});
		await sent;
	});
	t.true(server.chat(7).spans.some(({action}) => action === 'upload_video'));
	t.deepEqual(caught, []);
});

both('editMessageMedia in the General topic of a forum: shown there throughout', async (t, framework) => {
	const {editMedia, file, world, install, poll} = framework;
	const forum = -1_000_000_000_001;
	const w = await world(t);
	const {server, bot} = w;
	server.addChat({id: forum, is_forum: true, topics: [5]});
	install(w);
	bot.on('message', async ctx => {
		const {message_id: id} = await ctx.replyWithPhoto(file(bytes()));
		const {calls} = server.chat(forum);
		await seen(server, isAction, calls + 1);
		await editMedia(ctx, forum, id, {type: 'video', media: file(slow(server, 'upload_video'))});
		const edited = server.log.length;
		await until(() => server.log.slice(edited).filter(arrival => isAction(arrival)).length >= 2);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: forum, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, forum);
	t.true(server.chat(forum).spans.some(({action}) => action === 'upload_video'));
	t.deepEqual(
		server.log.filter(arrival => isAction(arrival) && !arrival.effect).map(({payload}) => payload),
		[],
		'all of them were seen',
	);
	t.deepEqual(w.caught, []);
});

both(
	'editMessageMedia by the id of a file, of an inline message, and where nobody works: nothing is uploaded, nothing shown',
	async (t, framework) => {
		const {client, editMedia, editInlineMedia, file} = framework;
		const {server, caught} = await answer(
			t,
			framework,
			async (ctx, server) => {
				const {message_id: id, photo} = await ctx.replyWithPhoto(file(bytes()));
				const elsewhere = await client(ctx).sendPhoto(8, file(bytes()));
				const {calls} = server.chat(7);
				await seen(server, isAction, calls + 1);
				const before = server.log.length;
				await editMedia(ctx, 7, id, {type: 'document', media: photo[0]!.file_id});
				await editMedia(ctx, 8, elsewhere.message_id, {type: 'video', media: file(bytes())});
				await editInlineMedia(ctx, 'inline', {type: 'video', media: photo[0]!.file_id}).catch(() => {});
				await wait(150);
				t.false(server.log.slice(before).some(arrival => isAction(arrival)));
				await ctx.reply('done');
			},
			{interval: 4500},
		);
		await assertQuiet(t, server, 7);
		t.is(server.chat(8).calls, 0);
		t.deepEqual(caught, []);
	},
);

both('two uploads at once in one chat', async (t, framework) => {
	const {file} = framework;
	const {server, caught} = await answer(t, framework, async (ctx, server) => {
		await seen(server, isAction);
		await Promise.all([ctx.replyWithPhoto(file(bytes())), ctx.replyWithDocument(file(slow(server, 'upload_document', 2)))]);
	});
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).messages.length, 2);
	t.deepEqual(caught, []);
});

both('one file twice in one album', async (t, framework) => {
	const {file} = framework;
	const {server, caught} = await answer(t, framework, async ctx => {
		const photo = file(bytes());
		await ctx.replyWithMediaGroup([
			{type: 'photo', media: photo},
			{type: 'photo', media: photo},
		]);
		await ctx.replyWithPhoto(photo);
	});
	await assertQuiet(t, server, 7);
	t.is(server.chat(7).messages.length, 2);
	t.deepEqual(caught, []);
});

both('an upload beside other parameters: reply markup, entities and a reply survive', async (t, framework) => {
	const {file} = framework;
	const {server, caught} = await answer(t, framework, async ctx => {
		await ctx.replyWithPhoto(file(bytes()), {
			caption: 'look',
			caption_entities: [{type: 'bold', offset: 0, length: 4}],
			reply_markup: {inline_keyboard: [[{text: 'a', callback_data: 'b'}]]},
			reply_parameters: {message_id: ctx.msg.message_id},
		});
	});
	await assertQuiet(t, server, 7);
	const {payload} = server.log.find(({method}) => method === 'sendPhoto')!;
	t.deepEqual(payload['reply_markup'], {inline_keyboard: [[{text: 'a', callback_data: 'b'}]]});
	t.deepEqual(payload['caption_entities'], [{type: 'bold', offset: 0, length: 4}]);
	t.is(payload['caption'], 'look');
	t.deepEqual(caught, []);
});
