// oxlint-disable typescript/no-misused-promises -- GramJS awaits its handlers, though its types say nothing of it
import {autoTyping, withTyping, type AutoTypingOptions, type TypingFlavor} from '@auto-typing/gramjs';
import {actionTypes, wireAction, type MtprotoAction} from '@auto-typing/mtproto';
import test from 'ava';
import {Api, TelegramClient} from 'telegram';
import {StopPropagation} from 'telegram/client/updates.js';
import {NewMessage, Raw} from 'telegram/events/index.js';
import {
	assertNoKey,
	assertQuiet,
	heard,
	install,
	isCancel,
	isMessage,
	isTyping,
	quick,
	seen,
	story,
	until,
	wait,
	world,
	type Event,
} from './gramjs-harness.ts';
import {clientOf} from '../simulator/gramjs.ts';

const alice = 555;

test('autoTyping and withTyping together are a nested hold on one indicator: the calls of one, the action of the inner', async t => {
	const w = await world(t);
	const {server, client} = w;
	const options = heard(w, {onEvent: undefined});
	autoTyping(client, options);
	autoTyping(client, {...options, onEvent: event => void w.events.push(event)});
	const inner = withTyping(
		async (event: Event) => {
			t.deepEqual(event.typing.action, 'record_voice');
			await seen(server, isTyping, 2);
		},
		{...options, action: 'record_voice'},
	);
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		const outer = event.typing;
		await inner(event);
		t.is(event.typing, outer, 'the outer one is back');
		await seen(server, isTyping, 3);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel);
	t.deepEqual(story(server, alice), ['typing', 'recordaudio', 'typing', 'cancel']);
	t.is(server.chat(alice).calls, 3);
	t.is(w.events.filter(({type}) => type === 'end').length, 3, 'two around all, and one around the inner');
	t.deepEqual(w.caught, []);
	await assertQuiet(t, server, alice);
});

test('only handlers of that client that are added later are covered; the class and other clients stay as they are', async t => {
	const w = await world(t);
	const {client, server} = w;
	const names = ['invoke', 'sendFile', 'addEventHandler', 'removeEventHandler', 'listEventHandlers'] as const;
	const before = names.map(name => TelegramClient.prototype[name]);
	const typings: unknown[] = [];
	client.addEventHandler((event: Event) => void typings.push(event.typing), new NewMessage({}));
	install(w);
	client.addEventHandler((event: Event) => void typings.push(event.typing), new NewMessage({}));
	const other = await clientOf(t, server);
	t.deepEqual(
		names.map(name => TelegramClient.prototype[name]),
		before,
	);
	t.deepEqual(
		names.map(name => Object.hasOwn(client, name)),
		[true, true, true, true, true],
	);
	t.false(names.some(name => Object.hasOwn(other, name)));
	t.deepEqual(
		Object.keys(client).filter(key => names.includes(key as (typeof names)[number])),
		[],
	);
	server.write({peer: alice, text: 'hello'});
	await until(() => typings.length === 2);
	t.is(typings[0], undefined);
	t.truthy(typings[1]);
});

test('removeEventHandler takes what the user added, before or after; listEventHandlers shows it', async t => {
	const w = await world(t);
	const {client, server} = w;
	const heardOf: string[] = [];
	const early = () => void heardOf.push('early');
	const late = () => void heardOf.push('late');
	const wrapped = withTyping(() => void heardOf.push('wrapped'), quick);
	client.addEventHandler(early, new NewMessage({}));
	const typing = install(w);
	client.addEventHandler(late, new NewMessage({}));
	client.addEventHandler(late, new Raw({types: [Api.UpdateNewMessage]}));
	client.addEventHandler(wrapped, new NewMessage({}));
	t.deepEqual(
		client.listEventHandlers().map(([, callback]) => callback),
		[early, late, late, wrapped],
	);
	server.write({peer: alice, text: 'one'});
	await until(() => heardOf.length === 4);
	// By another filter than it was added with: GramJS goes by the handler then.
	client.removeEventHandler(late, new NewMessage({}));
	t.deepEqual(
		client.listEventHandlers().map(([, callback]) => callback),
		[early, wrapped],
	);
	client.removeEventHandler(early, new NewMessage({}));
	server.write({peer: alice, text: 'two'});
	await until(() => heardOf.length === 5);
	client.addEventHandler(late, new NewMessage({}));
	await typing.close();
	t.deepEqual(
		client.listEventHandlers().map(([, callback]) => callback),
		[wrapped, late],
		'what is left is their own again',
	);
	client.removeEventHandler(wrapped, new NewMessage({}));
	client.removeEventHandler(late, new NewMessage({}));
	t.deepEqual(client.listEventHandlers(), []);
	t.deepEqual(heardOf, ['early', 'late', 'late', 'wrapped', 'wrapped']);
});

test('a handler removed by its filter is removed, as GramJS does it', async t => {
	const w = await world(t);
	const {client} = w;
	install(w);
	const filter = new NewMessage({});
	client.addEventHandler(() => {}, filter);
	client.addEventHandler(() => {}, filter);
	client.removeEventHandler(() => {}, filter);
	t.deepEqual(client.listEventHandlers(), []);
});

test('one handler with the same options is one function', t => {
	const handler = () => {};
	t.is(withTyping(handler), withTyping(handler));
	t.is(withTyping(handler, quick), withTyping(handler, quick));
	t.not(withTyping(handler), withTyping(handler, quick) as unknown);
	t.not(
		withTyping(handler),
		withTyping(() => {}),
	);
});

test('StopPropagation and errors pass through, and the next handler of an update waits for the one before', async t => {
	const w = await world(t);
	const {client, server, caught} = w;
	install(w);
	const ran: string[] = [];
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		ran.push('first');
		if (event.message.text === 'throw') {
			throw new RangeError('Oh');
		}
	}, new NewMessage({}));
	client.addEventHandler((event: Event) => {
		ran.push('second');
		if (event.message.text === 'stop') {
			throw new StopPropagation();
		}
	}, new NewMessage({}));
	client.addEventHandler(() => void ran.push('third'), new NewMessage({}));
	server.write({peer: alice, text: 'stop'});
	await until(() => ran.length === 2);
	await wait(50);
	t.deepEqual(ran, ['first', 'second']);
	t.deepEqual(caught, []);
	server.write({peer: alice, text: 'throw'});
	await until(() => ran.length === 5);
	t.deepEqual(ran.slice(2), ['first', 'second', 'third']);
	t.deepEqual(
		caught.map(error => String(error)),
		['RangeError: Oh'],
	);
	await seen(server, isCancel);
	await assertQuiet(t, server, alice);
});

test('what a handler returns and throws is what the caller gets', async t => {
	const event = {message: {peerId: undefined}} as unknown as Event;
	t.is(await withTyping(() => 42)(event), 42);
	t.is(await withTyping(async () => 'later')(event), 'later');
	const error = new RangeError('Oh');
	t.is(
		await t.throwsAsync(
			withTyping(() => {
				throw error;
			})(event),
		),
		error,
	);
});

test('an event without a chat, or of a shape nobody knows, passes with a hold that holds nothing', async t => {
	const w = await world(t);
	const {client, server} = w;
	install(w);
	const events: Array<object & Partial<TypingFlavor>> = [];
	client.addEventHandler(async (event: object) => {
		events.push(event);
		await wait(100);
	}, new Raw({}));
	server.service.push({_: 'updateUserTyping', user_id: alice, action: {_: 'sendMessageTypingAction'}});
	server.service.push({
		_: 'updateInlineBotCallbackQuery',
		query_id: 1n,
		user_id: alice,
		msg_id: {_: 'inputBotInlineMessageID', dc_id: 2, id: 1n, access_hash: 1n},
		chat_instance: 1n,
	});
	await until(() => events.some(event => event instanceof Api.UpdateInlineBotCallbackQuery));
	t.true(events.every(({typing}) => typing !== undefined));
	for (const odd of [{}, {message: null}, {message: {peerId: 'nobody'}}, {messages: []}, {query: {className: 'UpdateBotCallbackQuery'}}]) {
		let typing: unknown;
		await withTyping((event: object) => void ({typing} = event as TypingFlavor))({...odd, client});
		t.truthy(typing, JSON.stringify(odd));
	}

	t.is(await withTyping((_event: object) => 'ran')(Object.freeze({client})), 'ran');

	await wait(200);
	t.false(server.log.some(isTyping));
});

test('a raw update is one event to all its handlers: each has a hold of its own, and a delay', async t => {
	const w = await world(t);
	const {client, server} = w;
	install(w, {delay: 300});
	const filter = new Raw({types: [Api.UpdateNewMessage]});
	const holds: unknown[] = [];
	for (const time of [500, 100, 100]) {
		client.addEventHandler(async (event: object) => {
			holds.push((event as TypingFlavor).typing);
			await wait(time);
		}, filter);
	}

	server.write({peer: alice, text: 'work'});
	await until(() => holds.length === 3);
	await wait(300);
	t.is(new Set(holds).size, 3);
	t.deepEqual(story(server, alice), ['typing', 'cancel'], 'the quick ones show nothing');
});

test('event.typing steers: another action with a progress, a pause, and the signal', async t => {
	const w = await world(t);
	const {client, server} = w;
	install(w);
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		event.typing.action = {type: 'upload_document', progress: 40};
		await seen(server, isTyping, 2);
		event.typing.pause();
		await seen(server, isCancel);
		event.typing.resume();
		await seen(server, isTyping, 3);
		event.typing.action = {type: 'emoji_interaction', emoticon: '🎉', msgId: event.message.id, interaction: {v: 1, a: [{t: 0, i: 1}]}};
		await seen(server, isTyping, 4);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel, 2);
	t.deepEqual(story(server, alice), ['typing', 'uploaddocument', 'cancel', 'uploaddocument', 'sendMessageEmojiInteraction', 'cancel']);
	const [, upload, , emoji] = server.log.filter(isTyping);
	t.is((upload!.payload['action'] as {progress?: number}).progress, 40);
	t.like(emoji!.payload['action'], {emoticon: '🎉', interaction: {_: 'dataJSON', data: '{"v":1,"a":[{"t":0,"i":1}]}'}});
	t.deepEqual(w.errors, []);
});

test('every action there is goes over the wire as the schema has it', async t => {
	const w = await world(t);
	const {client, server} = w;
	install(w);
	const actions = actionTypes.map((type): MtprotoAction => {
		const emoji = {emoticon: '🎉', msgId: 1, interaction: {v: 1, a: [{t: 0, i: 1}]}};
		return type.startsWith('emoji')
			? ({type, ...emoji} as MtprotoAction)
			: type.startsWith('upload')
				? ({type, progress: 40} as MtprotoAction)
				: (type as 'typing');
	});
	client.addEventHandler(async (event: Event) => {
		for (const [index, action] of actions.entries()) {
			event.typing.action = action;
			await seen(server, isTyping, index + 1);
		}
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isCancel);
	const arrived = server.log.filter(isTyping).map(({payload}) => payload['action'] as object);
	t.is(arrived.length, 17, 'the eighteenth is the cancel');
	for (const [index, action] of actions.entries()) {
		t.like(arrived[index], wireAction(action));
	}

	t.deepEqual(w.errors, []);
});

test('cancel() ends the work of the chat, and of no other', async t => {
	const w = await world(t);
	const {client, server} = w;
	const typing = install(w);
	const ended: string[] = [];
	client.addEventHandler(async (event: Event) => {
		if (event.message.text === '/stop') {
			typing.cancel(event, 'stopped');
			return;
		}

		await until(() => event.typing.signal.aborted || ended.length > 0);
		ended.push(`${String(event.chatId)}: ${String(event.typing.signal.reason)}`);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	server.write({peer: 556, text: 'work'});
	await seen(server, isTyping, 2);
	server.write({peer: alice, text: '/stop'});
	await until(() => ended.length === 2);
	t.deepEqual(ended, ['555: stopped', '556: undefined']);
});

test('close() aborts the work, takes down what is shown, and is for good', async t => {
	const w = await world(t);
	const {client, server} = w;
	const typing = install(w);
	let reason: unknown;
	const handler = async (event: Event) => {
		await until(() => event.typing.signal.aborted);
		({reason} = event.typing.signal);
	};
	client.addEventHandler(handler, new NewMessage({}));
	const wrapped = withTyping(async () => wait(200), quick);
	server.write({peer: alice, text: 'work'});
	await seen(server, isTyping);
	await typing.close();
	t.is((reason as Error).name, 'AbortError');
	t.true(server.log.some(isCancel), 'when it settles the cancel has gone out');
	client.removeEventHandler(handler, new NewMessage({}));
	client.addEventHandler(wrapped, new NewMessage({}));
	install(w);
	server.write({peer: alice, text: 'more work'});
	await wait(400);
	t.deepEqual(story(server, alice), ['typing', 'cancel']);
	await typing.close();
});

test('after close() handlers run as ever, those added before and after: with a hold that is aborted, and shows nothing', async t => {
	const w = await world(t);
	const {client, server} = w;
	const typing = install(w);
	const aborted: boolean[] = [];
	const handler = async (event: Event) => {
		aborted.push(event.typing.signal.aborted);
		await wait(100);
	};
	client.addEventHandler(handler, new NewMessage({}));
	await typing.close();
	client.addEventHandler(async (event: Event) => handler(event), new NewMessage({}));
	t.is(client.listEventHandlers()[0]?.[1], handler);
	server.write({peer: alice, text: 'work'});
	await until(() => aborted.length === 2 || w.caught.length > 0);
	t.deepEqual(aborted, [true, true]);
	t.deepEqual(w.caught, []);
	t.false(server.log.some(isTyping));
	client.removeEventHandler(handler, undefined as never);
	t.is(client.listEventHandlers().length, 1);
});

test('a client that somebody else has changed on top of us still works after close()', async t => {
	const w = await world(t);
	const {client, server} = w;
	const typing = install(w);
	const invoke = client.invoke.bind(client);
	const invoked: string[] = [];
	client.invoke = async (request, ...rest) => {
		invoked.push((request as {className?: string}).className!);
		return invoke(request, ...rest);
	};
	client.addEventHandler(async (event: Event) => {
		await seen(server, isTyping);
		await event.message.respond({message: 'done'});
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await seen(server, isMessage);
	t.true(invoked.includes('messages.SetTyping'), "typing goes through the user's own function, as everything does");
	await typing.close();
	await client.sendMessage(alice, {message: 'bye'});
	t.is(invoked.at(-1), 'messages.SendMessage');
});

test('no key of a session in events, errors and targets', async t => {
	const w = await world(t);
	const {client, server} = w;
	install(w);
	server.fail({method: 'messages.setTyping', outcome: {message: 'PEER_ID_INVALID'}, times: 1});
	const typings: unknown[] = [];
	client.addEventHandler(async (event: Event) => {
		typings.push(event.typing);
		await until(() => w.errors.length > 0);
	}, new NewMessage({}));
	server.write({peer: alice, text: 'work'});
	await until(() => w.events.some(({type}) => type === 'end'));
	t.true(w.events.length > 2);
	t.deepEqual({...w.events[0]!.target}, {peer: '555', topMsgId: undefined, isBroadcast: false});
	assertNoKey(t, w, w.events, w.errors, typings);
});

test('wrong options and arguments throw at once, and say what they expect', async t => {
	const {client} = await world(t);
	const wrong: Array<readonly [() => unknown, typeof TypeError | typeof RangeError, RegExp]> = [
		[() => autoTyping(client, {interval: 6000}), RangeError, /`interval`.*6000/],
		[() => autoTyping(client, {delay: '1' as never}), TypeError, /`delay`/],
		[() => autoTyping(client, {action: 'thinking' as never}), TypeError, /`action`.*typing.*"thinking"/],
		[() => autoTyping(client, {onEvent: 1 as never}), TypeError, /`onEvent`/],
		[() => autoTyping(client, null as never), TypeError, /`options`/],
		[() => autoTyping({} as never), TypeError, /`client`.*TelegramClient/],
		[() => autoTyping(null as never), TypeError, /`client`.*null/],
		[() => withTyping(null as never), TypeError, /`handler`.*null/],
		[() => withTyping({} as never), TypeError, /`handler`.*object/],
		[() => withTyping(() => {}, {interval: 0} satisfies AutoTypingOptions), RangeError, /`interval`/],
		[() => withTyping(() => {}).cancel(undefined as never), TypeError, /`event`.*undefined/],
		[() => withTyping(() => {}).cancel('@alice' as never), TypeError, /`event`.*string/],
	];
	for (const [call, instanceOf, message] of wrong) {
		t.throws(call, {instanceOf, message});
	}

	t.false(Object.hasOwn(client, 'invoke'), 'and leave the client alone');
});
