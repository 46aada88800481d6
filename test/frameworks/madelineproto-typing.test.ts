import {autoTyping, MadelineProtoError, withTyping, type MessageEvent, type MtprotoAction} from '@auto-typing/madelineproto';
import {MtprotoService} from '@auto-typing/simulator';
import test from 'ava';
import {alice, assertDark, actionOf, forum, install, isTyping, quick, story, until, wait, world} from './madelineproto-harness.ts';

const typing = 'sendMessageTypingAction';

test('eleven seconds of work are one span, which ends with the reply', async t => {
	t.timeout(60_000);
	const w = await world(t);
	await install(w, {delay: 200, interval: 4500});
	const {service, client, errors, caught} = w;
	client.onMessage(async event => {
		await wait(11_000);
		await event.reply('done');
	});
	const from = performance.now();
	service.write({peer: alice, text: 'hello'});
	await until(() => service.chat(alice).messages.length > 0);
	await wait(500);
	const view = service.chat(alice);
	const {at} = view.messages[0]!;
	t.is(view.spans.length, 1, JSON.stringify(view.spans));
	t.deepEqual(view.dark(view.spans[0]!.from, at), []);
	t.is(view.spans[0]?.to, at);
	t.true(view.spans[0]!.from - from < 3000);
	t.is(view.spans[0]?.action, typing);
	assertDark(t, view, at);
	t.true(service.log.filter(isTyping).length <= 5, story(service, alice).join());
	t.deepEqual([...errors, ...caught], []);
});

test('a channel shows nobody typing: nothing is sent there, and its reader may go on', async t => {
	const news = -1_000_000_000_888;
	const w = await world(t);
	await install(w, {delay: 0});
	const {service, client, errors, caught, events} = w;
	service.addPeer({id: news, broadcast: true});
	// Who only reads a channel may not write there. That says nothing of the work on what is read.
	service.fail({method: 'messages.setTyping', outcome: {message: 'CHAT_WRITE_FORBIDDEN', code: 403}});
	let isDone = false;
	client.onMessage(async event => {
		await wait(50);
		t.false(event.typing.signal.aborted);
		isDone = true;
	});
	service.write({peer: news, text: 'news'});
	await until(() => isDone);
	t.false(service.log.some(isTyping));
	t.true(events.some(({type, reason}) => type === 'skip' && reason === 'unseen'));
	t.deepEqual([...errors, ...caught], []);
});

test('eleven seconds of work without a message end with a cancel', async t => {
	t.timeout(60_000);
	const w = await world(t);
	const {service, client} = w;
	let endedAt = 0;
	client.onMessage(
		withTyping(async () => {
			await wait(11_000);
			endedAt = performance.now();
		}),
	);
	await client.start();
	service.write({peer: alice, text: 'hello'});
	await until(() => story(service, alice).at(-1) === 'Cancel');
	const view = service.chat(alice);
	t.is(view.spans.length, 1);
	t.deepEqual(view.dark(view.spans[0]!.from, endedAt), []);
	t.true(view.spans[0]!.to >= endedAt);
	t.true(view.spans[0]!.to < endedAt + 3000, 'not left to run out');
	assertDark(t, view, view.spans[0]!.to);
	t.is(service.log.filter(call => actionOf(call) === 'sendMessageCancelAction').length, 1);
});

test('a quick handler costs no call at all', async t => {
	const w = await world(t);
	await install(w, {delay: 5000});
	w.client.onMessage(async event => event.reply('hi'));
	w.service.write({peer: alice, text: 'hello'});
	await until(() => w.service.chat(alice).messages.length > 0);
	await wait(100);
	t.deepEqual(story(w.service, alice), ['messages.sendMessage']);
});

test('a message in between takes it down, and it comes back while the work goes on', async t => {
	const w = await world(t);
	await install(w);
	const {service, client} = w;
	client.onMessage(async event => {
		await wait(300);
		await event.reply('one moment');
		await wait(900);
		await event.reply('done');
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => service.chat(alice).messages.length === 2);
	await wait(300);
	const view = service.chat(alice);
	t.deepEqual(story(service, alice), ['Typing', 'messages.sendMessage', 'Typing', 'messages.sendMessage']);
	t.is(view.spans.length, 2);
	t.is(view.spans[0]?.to, view.messages[0]?.at);
	assertDark(t, view, view.messages[1]!.at);
	t.deepEqual(w.errors, []);
});

test('two handlers in a chat share an indicator, and the reply of one does not end it for the other', async t => {
	const w = await world(t);
	await install(w);
	const {service, client} = w;
	client.onMessage(async event => {
		await wait(event.text === 'quick' ? 500 : 1800);
		await event.reply(event.text);
	});
	service.write({peer: alice, text: 'slow'});
	service.write({peer: alice, text: 'quick'});
	await until(() => service.chat(alice).messages.length === 2);
	await wait(300);
	const view = service.chat(alice);
	t.deepEqual(
		view.messages.map(({at}) => view.visible(at - 1)),
		[typing, typing],
	);
	t.deepEqual(story(service, alice), ['Typing', 'messages.sendMessage', 'Typing', 'messages.sendMessage']);
	assertDark(t, view, view.messages[1]!.at);
	t.true(view.calls <= 6, `${view.calls} calls for two handlers of 0.5 and 1.8 s, one every second`);
});

test('two topics have an indicator each', async t => {
	const w = await world(t);
	await install(w);
	const {service, client} = w;
	client.onMessage(async event => {
		await wait(event.topMsgId === 43 ? 400 : 1000);
		await event.reply(`in ${event.topMsgId}`);
	});
	service.write({peer: forum, from: alice, text: 'a', topic: 43});
	service.write({peer: forum, from: alice, text: 'b', topic: 44});
	await until(() => service.chat(forum, {topic: 44}).messages.length === 1);
	await wait(300);
	const [one, two] = [service.chat(forum, {topic: 43}), service.chat(forum, {topic: 44})];
	t.deepEqual([one.spans.length, two.spans.length, service.chat(forum).calls], [1, 1, 0]);
	t.is(one.spans[0]?.to, one.messages[0]?.at);
	t.is(two.spans[0]?.to, two.messages[0]?.at);
	t.true(two.covered(two.spans[0]!.from, two.messages[0]!.at) === 1);
	t.deepEqual(w.errors, []);
});

test('a quoting answer in a topic is seen, although it does not name the topic', async t => {
	const w = await world(t);
	await install(w);
	const {service, client} = w;
	client.onMessage(async event => {
		await wait(300);
		await client.sendMessage(event.peer, 'quoting', {reply_to_msg_id: event.message.id});
	});
	service.write({peer: forum, from: alice, text: 'a', topic: 43, replyTo: 43});
	await until(() => service.chat(forum, {topic: 43}).messages.length === 1);
	await wait(300);
	const view = service.chat(forum, {topic: 43});
	t.is(view.spans[0]?.to, view.messages[0]?.at);
	t.deepEqual(story(service, forum), ['Typing', 'messages.sendMessage']);
});

test('and so is that of the second handler, and that of another account, when the first is done with the message', async t => {
	const service = new MtprotoService({account: {id: 777, bot: true}, peers: [{id: alice}, {id: forum, topics: [43]}]});
	const other = service.addAccount({id: 778, bot: true});
	const w = await world(t, {server: {service, sessions: {one: service.account, two: other}}});
	await install(w, {interval: 4000});
	const quote = async ({client, session, message, peer}: MessageEvent) =>
		client.sendMessage(peer, 'done', {reply_to: {_: 'inputReplyToMessage', reply_to_msg_id: message.id}}, {session});
	w.client.onMessage(withTyping(async () => wait(100), quick));
	w.client.onMessage(async event => {
		const {session} = event;
		const view = service.chat(forum, {topic: 43, account: session === 'one' ? service.account : other});
		await until(() => view.spans.length === 1);
		await wait(session === 'one' ? 0 : 300);
		await quote(event);
		await until(() => view.spans.length === 2);
	});
	const message = service.write({peer: forum, from: alice, topic: 43, text: 'hello'});
	service.push({_: 'updateNewChannelMessage', message, pts: 2, pts_count: 1}, [forum, alice], other);
	for (const account of [service.account, other]) {
		const view = service.chat(forum, {topic: 43, account});
		await until(() => view.spans.length === 2);
		const dark = view.spans[1]!.from - view.messages[0]!.at;
		t.true(dark < 2000, `back after ${dark} ms`);
	}
});

test('forbidden in the middle: the handler is told, and nothing more is asked', async t => {
	const w = await world(t);
	await install(w);
	const {service, client} = w;
	let aborted = false;
	let result = '';
	client.onMessage(async event => {
		await wait(300);
		service.fail({method: 'messages.setTyping', outcome: {message: 'CHAT_WRITE_FORBIDDEN'}});
		event.typing.action = 'record_voice';
		await until(() => event.typing.signal.aborted);
		aborted = true;
		await wait(1500);
		result = 'done';
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => result !== '');
	t.true(aborted);
	t.is(service.chat(alice).refused.filter(isTyping).length, service.log.filter(call => call.refused).length);
	t.true(service.log.filter(call => call.refused && actionOf(call) !== 'sendMessageCancelAction').length === 1);
	const [error] = w.errors as [MadelineProtoError];
	t.true(error instanceof MadelineProtoError);
	t.like(error, {message: 'CHAT_WRITE_FORBIDDEN', code: 403, status: 403, method: 'messages.setTyping'});
	t.is(error.exception, 'danog\\MadelineProto\\RPCError\\ChatWriteForbiddenError');
	t.deepEqual(w.caught, []);
});

test('a flood wait of 3 seconds is slept on by the server: shown late, and over with the reply', async t => {
	const w = await world(t);
	await install(w, {delay: 20, interval: 4500});
	const {service, client} = w;
	service.fail({method: 'messages.setTyping', outcome: {message: 'FLOOD_WAIT_3'}, times: 1});
	client.onMessage(async event => {
		await wait(5000);
		await event.reply('done');
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => service.chat(alice).messages.length === 1);
	await wait(500);
	const view = service.chat(alice);
	t.is(view.spans.length, 1);
	t.is(view.spans[0]?.to, view.messages[0]?.at);
	assertDark(t, view, view.messages[0]!.at);
	t.deepEqual(w.errors, []);
});

test('what the server slept on is taken down when the reply was faster', async t => {
	const w = await world(t);
	await install(w, {delay: 20, interval: 4500});
	const {service, client} = w;
	service.fail({method: 'messages.setTyping', outcome: {message: 'FLOOD_WAIT_1'}, times: 1});
	client.onMessage(async event => {
		await wait(200);
		await event.reply('done');
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => story(service, alice).at(-1) === 'Cancel' && service.chat(alice).spans.length > 0);
	const view = service.chat(alice);
	t.true(view.spans[0]!.from > view.messages[0]!.at, 'it came after the reply');
	t.true(view.spans[0]!.to - view.spans[0]!.from < 2000, 'and was gone at once');
});

test('a flood wait of 30 seconds is obeyed: not a call, and the reply goes out', async t => {
	const w = await world(t);
	await install(w);
	const {service, client} = w;
	service.fail({method: 'messages.setTyping', outcome: {message: 'FLOOD_WAIT_30'}, times: 1});
	client.onMessage(async event => {
		await wait(2500);
		await event.reply('done');
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => service.chat(alice).messages.length === 1);
	await wait(200);
	t.is(service.log.filter(isTyping).length, 1);
	t.like(w.errors[0], {message: 'FLOOD_WAIT_30', code: 420});
	t.true(w.events.some(({type, reason}) => type === 'wait' && reason === 'silence'));
});

test('a server that never answers a typing call holds nobody up', async t => {
	const w = await world(t);
	await install(w, {delay: 20, interval: 4500});
	const {service, client} = w;
	service.fail({method: 'messages.setTyping', outcome: 'hang'});
	let [asked, answered, ended] = [0, 0, 0];
	client.onMessage(async event => {
		await wait(500);
		asked = performance.now();
		await event.reply('done');
		answered = performance.now();
	});
	client.use({
		async handle(_event, next) {
			await next();
			ended = performance.now();
		},
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => ended > 0);
	t.true(answered - asked < 1500, `the reply took ${answered - asked} ms`);
	t.true(ended - answered < 500);
	t.is(service.chat(alice).messages.length, 1);
	const from = performance.now();
	await client.close();
	t.true(performance.now() - from < 7000, 'closing is bounded');
});

test('a socket dropped in the middle: tried again, nothing stale after the reply', async t => {
	const w = await world(t);
	await install(w);
	const {service, client} = w;
	service.fail({method: 'messages.setTyping', outcome: 'drop', times: 2});
	client.onMessage(async event => {
		await wait(2500);
		await event.reply('done');
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => service.chat(alice).messages.length === 1);
	await wait(500);
	const view = service.chat(alice);
	t.is(view.spans.length, 1);
	t.is(view.spans[0]?.to, view.messages[0]?.at);
	assertDark(t, view, view.messages[0]!.at);
	t.is(w.errors.length, 2);
	t.deepEqual(w.caught, []);
});

test('garbage instead of an answer harms nobody', async t => {
	const w = await world(t);
	await install(w);
	const {server, service, client} = w;
	server.garble('html');
	server.garble('malformed');
	client.onMessage(async event => {
		await wait(1500);
		await event.reply('done');
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => service.chat(alice).messages.length === 1);
	await wait(200);
	t.deepEqual(
		w.errors.map(error => (error as MadelineProtoError).status),
		[502, 200],
	);
	t.is(service.chat(alice).after(service.chat(alice).messages[0]!.at), 0);
	server.garble('html');
	await t.throwsAsync(client.sendMessage(alice, 'hi'), {instanceOf: MadelineProtoError, message: /answered 502/});
	server.garble('malformed');
	await t.throwsAsync(client.sendMessage(alice, 'hi'), {instanceOf: MadelineProtoError, message: /answered 200/});
});

test('close in the middle of a handler: told, taken down, and over', async t => {
	const w = await world(t);
	await install(w);
	const {server, service, client} = w;
	let reason: unknown;
	client.onMessage(async event => {
		await until(() => event.typing.signal.aborted);
		reason = event.typing.signal.reason;
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => service.chat(alice).spans.length > 0);
	await client.close();
	const closedAt = performance.now();
	await until(() => reason !== undefined);
	t.is((reason as Error).name, 'AbortError');
	t.is(story(service, alice).at(-1), 'Cancel');
	assertDark(t, service.chat(alice), closedAt);
	await until(() => server.listeners === 0);
	service.write({peer: alice, text: 'too late'});
	await wait(300);
	t.is(story(service, alice).at(-1), 'Cancel');
	t.deepEqual(w.caught, []);
	await t.notThrowsAsync(client.close());
});

test('a /stop ends the work of its chat, and no other', async t => {
	const w = await world(t);
	const typing = await install(w);
	const {service, client} = w;
	const ended: string[] = [];
	client.onMessage(async event => {
		if (event.text === '/stop') {
			typing.cancel(event, new Error('stopped'));
			return;
		}

		await until(() => event.typing.signal.aborted || event.text === 'short');
		ended.push(`${event.peer} ${(event.typing.signal.reason as Error | undefined)?.message}`);
	});
	service.write({peer: alice, text: 'long'});
	service.write({peer: 556, text: 'long'});
	await until(() => service.chat(alice).spans.length > 0 && service.chat(556).spans.length > 0);
	service.write({peer: alice, text: '/stop'});
	await until(() => story(service, alice).at(-1) === 'Cancel' && ended.length > 0);
	t.deepEqual(ended, [`${alice} stopped`]);
	t.is(service.chat(556).visible(performance.now()), 'sendMessageTypingAction');
});

test('autoTyping twice, and withTyping inside: one indicator, the innermost action', async t => {
	const w = await world(t);
	await install(w);
	autoTyping(w.client, quick);
	const {service, client} = w;
	const handler = async (event: MessageEvent) => {
		await wait(900);
		await event.reply('done');
	};
	client.onMessage(withTyping(handler, {...quick, action: 'record_video_note'}));
	service.write({peer: alice, text: 'hello'});
	await until(() => service.chat(alice).messages.length === 1);
	await wait(300);
	t.deepEqual(story(service, alice), ['RecordRound', 'messages.sendMessage']);
	t.true(service.log.filter(isTyping).length <= 3);
});

test('while a file is on its way the chat shows it, and nothing after it has landed', async t => {
	const w = await world(t);
	await install(w);
	const {server, service, client} = w;
	server.uploadTime = 1500;
	let done = false;
	client.onMessage(async event => {
		await wait(300);
		await client.call('messages.sendMedia', {
			peer: event.peer,
			message: 'look',
			media: {_: 'inputMediaUploadedPhoto', file: 'https://example.com/cat.jpg'},
		});
		done = true;
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => done);
	await wait(400);
	const view = service.chat(alice);
	const {at} = view.messages[0]!;
	t.deepEqual(
		view.spans.map(({action}) => action.replace(/^sendMessage(.*)Action$/, '$1')),
		['Typing', 'UploadPhoto'],
	);
	t.deepEqual(view.dark(view.spans[0]!.from, at), []);
	t.true(view.after(at + 500) === 0, JSON.stringify(view.spans));
});

test('what was shown between the landing of a file and the answer is taken down', async t => {
	const w = await world(t);
	await install(w);
	const {service, client} = w;
	service.fail({method: 'messages.sendMedia', outcome: {latency: 1500}}); // It lands at once, and is answered late.
	let answeredAt = 0;
	client.onMessage(async event => {
		await until(() => service.chat(alice).calls > 0);
		const media = {_: 'inputMediaUploadedDocument', file: '/tmp/a.pdf', attributes: []};
		await client.call('messages.sendMedia', {peer: event.peer, message: '', media});
		answeredAt = performance.now();
	});
	service.write({peer: alice, text: 'hello'});
	await until(() => answeredAt > 0);
	await wait(300);
	const view = service.chat(alice);
	t.true(view.after(view.messages[0]!.at) > 0, 'nobody could know that it had landed');
	assertDark(t, view, answeredAt);
	t.is(story(service, alice).at(-1), 'Cancel');
});

test('run, for what no message began', async t => {
	const w = await world(t);
	const typing = await install(w);
	const {service, client} = w;
	let progress = 0;
	const told = () => service.log.filter(isTyping).map(({payload}) => (payload['action'] as {progress?: number}).progress);
	const action: MtprotoAction = {
		type: 'upload_document',
		get progress() {
			return progress;
		},
	};
	const result = await typing.run(
		{peer: '@alice'},
		async () => {
			await until(() => told().length > 0);
			progress = 60;
			await until(() => told().includes(60));
			await client.sendMessage('@alice', 'done');
			return 5;
		},
		{delay: 0, interval: 2000, action},
	);
	t.is(result, 5);
	await wait(200);
	t.is(told()[0], 0);
	t.is(told().at(-1), 60);
	t.is(service.chat(alice).spans[0]?.to, service.chat(alice).messages[0]?.at);
});
