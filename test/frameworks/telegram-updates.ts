import type {BotApi} from '@auto-typing/simulator';
import {assertQuiet, isAction, quick, seen, story, suite, until, wait} from './telegram.ts';

const {both, on} = suite();
export {on as updates};

type Push = Parameters<BotApi['push']>[0];

const date = Math.floor(Date.now() / 1000);
const user = {id: 7, is_bot: false, first_name: 'Ada'};
const chat = {id: 7, type: 'private', first_name: 'Ada'};
const message = {message_id: 901, date, chat, from: user, text: 'hi'};
const channel = {id: -1_000_000_000_077, type: 'channel', title: 'News'};
const group = {id: -1_000_000_000_007, type: 'supergroup', title: 'Group'};
const member = {chat: group, from: user, date, old_chat_member: {status: 'left', user}, new_chat_member: {status: 'member', user}};
const boost = {boost_id: 'b', add_date: date, expiration_date: date, source: {source: 'premium', user}};
const query = {id: 'q', from: user, chat_instance: 'c', data: 'x'};

const withChat: Array<[string, number, object, string?]> = [
	['message', 7, message],
	['edited_message', 7, {...message, edit_date: date}],
	['channel_post', channel.id, {message_id: 902, date, chat: channel, sender_chat: channel, text: 'hi'}],
	['edited_channel_post', channel.id, {message_id: 902, date, chat: channel, sender_chat: channel, text: 'hi', edit_date: date}],
	['business_message', 7, {...message, business_connection_id: 'work'}, 'work'],
	['edited_business_message', 7, {...message, business_connection_id: 'work', edit_date: date}, 'work'],
	['deleted_business_messages', 7, {business_connection_id: 'work', chat, message_ids: [1]}, 'work'],
	['callback_query', 7, {...query, message}],
	['callback_query', 7, {...query, message: {chat, message_id: 901, date: 0}}],
	['callback_query', 7, {...query, message: {...message, business_connection_id: 'work'}}, 'work'],
	['message_reaction', 7, {chat, message_id: 901, user, date, old_reaction: [], new_reaction: [{type: 'emoji', emoji: '👍'}]}],
	['message_reaction_count', group.id, {chat: group, message_id: 901, date, reactions: []}],
	['my_chat_member', group.id, member],
	['chat_member', group.id, member],
	['chat_join_request', group.id, {chat: group, from: user, user_chat_id: 7, date}],
	['chat_boost', group.id, {chat: group, boost}],
	['removed_chat_boost', group.id, {chat: group, boost_id: 'b', remove_date: date, source: boost.source}],
];

for (const [index, [kind, id, content, businessConnection]] of withChat.entries()) {
	both(`${kind} (${index}) has a chat: shown there until the reply`, async (t, {world, install, poll, client}) => {
		const w = await world(t);
		const {server, bot} = w;
		server.addBusinessConnection('work', 7);
		server.addChat({id: channel.id, type: 'channel'});
		install(w);
		bot.use(async ctx => {
			await seen(server, isAction, 2);
			await client(ctx).sendMessage(id, 'done', businessConnection === undefined ? {} : {business_connection_id: businessConnection});
		});
		await poll(t, bot, [kind]);
		await until(() => server.log.some(({method}) => method === 'getUpdates')); // Only then does the service know which kinds are wanted.
		server.push({[kind]: content});
		await seen(server, 'sendMessage');
		const part = businessConnection === undefined ? {} : {businessConnection};
		await assertQuiet(t, server, id, part);
		const view = server.chat(id, part);
		t.is(view.spans.length, 1);
		t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
		t.deepEqual(w.errors, []);
		t.deepEqual(w.caught, []);
	});
}

const withoutChat: Array<[string, object]> = [
	['inline_query', {id: 'i', from: user, query: 'x', offset: ''}],
	['chosen_inline_result', {result_id: 'r', from: user, query: 'x'}],
	['callback_query', {...query, inline_message_id: 'm'}],
	['shipping_query', {id: 's', from: user, invoice_payload: 'p', shipping_address: {}}],
	['pre_checkout_query', {id: 'p', from: user, currency: 'XTR', total_amount: 1, invoice_payload: 'p'}],
	[
		'poll',
		{
			id: 'p',
			question: '?',
			options: [],
			total_voter_count: 0,
			is_closed: true,
			is_anonymous: true,
			type: 'regular',
			allows_multiple_answers: false,
		},
	],
	['poll_answer', {poll_id: 'p', user, option_ids: [0]}],
	['purchased_paid_media', {from: user, paid_media_payload: 'x'}],
	['business_connection', {id: 'work', user, user_chat_id: 7, date, is_enabled: true}],
	['something_new', {id: 'x', from: user}],
];

both('updates without a chat: ctx.typing can be used, is never aborted, and nothing is sent', async (t, {world, install}) => {
	const w = await world(t);
	const {server, bot} = w;
	const typing = install(w, {delay: 0});
	let handled = 0;
	bot.use(async (ctx, next) => {
		if (ctx.chat) return next();
		ctx.typing.action = 'upload_photo';
		t.throws(
			() => {
				ctx.typing.action = 'dancing' as 'typing';
			},
			{instanceOf: TypeError},
		);
		ctx.typing.pause();
		ctx.typing.resume();
		const {signal} = ctx.typing;
		typing.cancel(ctx);
		await wait(30);
		t.false(signal.aborted);
		ctx.typing.stop();
		t.true(ctx.typing.ended);
		handled++;
		return undefined;
	});
	for (const [kind, content] of withoutChat) {
		await bot.handleUpdate({update_id: handled + 1, [kind]: content});
	}

	t.is(handled, withoutChat.length);
	t.is(server.log.length, 0);
	t.deepEqual(w.errors, []);
});

both('updates without a chat through withTyping, and around it', async (t, {withTyping, world, install}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {delay: 0});
	const held: unknown[] = [];
	bot.on(
		'inline_query',
		withTyping(
			async ctx => {
				held.push(ctx.typing);
				await wait(30);
			},
			{delay: 0},
		),
	);
	await bot.handleUpdate({update_id: 1, inline_query: withoutChat[0]![1]});
	t.is(held.length, 1);
	t.is(server.log.length, 0);
});

const forum = -1_000_000_000_001;
const plain = -1_000_000_000_002;

both('a topic: shown there and nowhere else', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	server.addChat({id: forum, is_forum: true, topics: [5, 6]});
	install(w);
	bot.on('message', async ctx => {
		await seen(server, isAction, 2);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: forum, thread: 5, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, forum, {thread: 5});
	t.is(server.chat(forum, {thread: 5}).spans.length, 1);
	t.is(server.chat(forum).calls, 0);
	t.is(server.chat(forum, {thread: 6}).calls, 0);
	t.deepEqual(w.errors, []);
});

both('a message to another topic clears nothing here', async (t, {world, install, poll, client}) => {
	const w = await world(t);
	const {server, bot} = w;
	server.addChat({id: forum, is_forum: true, topics: [5, 6]});
	install(w, {interval: 4000});
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await client(ctx).sendMessage(forum, 'elsewhere', {message_thread_id: 6});
		await client(ctx).sendMessage(forum, 'general');
		await wait(150);
		t.is(server.chat(forum, {thread: 5}).calls, 1);
		t.is(server.chat(forum, {thread: 5}).visible(performance.now()), 'typing');
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: forum, thread: 5, text: 'hello'});
	await seen(server, 'sendMessage', 3);
	await assertQuiet(t, server, forum, {thread: 5});
	t.deepEqual(w.caught, []);
});

for (const general of ['thread', 'none'] as const) {
	both(
		`the General topic of a forum that takes it ${general === 'thread' ? 'as thread 1' : 'without a thread'}`,
		async (t, {world, install, poll}) => {
			const w = await world(t);
			const {server, bot} = w;
			server.addChat({id: forum, is_forum: true, topics: [5], general});
			install(w);
			let accepted = 0;
			server.listen(arrival => {
				if (isAction(arrival) && arrival.effect) accepted++;
			});
			bot.on('message', async ctx => {
				const before = accepted;
				await until(() => accepted >= before + 2);
				await ctx.reply('done');
			});
			await poll(t, bot);
			server.write({chat: forum, text: 'hello'});
			await seen(server, 'sendMessage');
			await assertQuiet(t, server, forum);
			const view = server.chat(forum);
			t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
			t.is(server.log.filter(({refused}) => refused).length, general === 'thread' ? 0 : 1);
			server.write({chat: forum, text: 'again'});
			await seen(server, 'sendMessage', 2);
			t.is(server.log.filter(({refused}) => refused).length, general === 'thread' ? 0 : 1, 'remembered');
			t.is(w.errors.length, general === 'thread' ? 0 : 1);
			t.deepEqual(w.caught, []);
		},
	);
}

both('a callback query under a message in a topic', async (t, {world, install, poll, answerQuery}) => {
	const w = await world(t);
	const {server, bot} = w;
	server.addChat({id: forum, is_forum: true, topics: [5]});
	install(w);
	bot.on('callback_query', async ctx => {
		await answerQuery(ctx);
		await seen(server, isAction, 2);
		await ctx.reply('done');
	});
	await poll(t, bot);
	const chat = {id: forum, type: 'supergroup', title: 'Forum', is_forum: true};
	server.push({
		callback_query: {...query, message: {message_id: 950, date, chat, is_topic_message: true, message_thread_id: 5, text: 'x'}},
	} as Push);
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, forum, {thread: 5});
	t.deepEqual(w.errors, []);
	t.deepEqual(w.caught, []);
});

both('the button that stops a draft in a topic of a private chat: cancel() finds the work there', async (t, {world, install}) => {
	const w = await world(t);
	const {server, bot} = w;
	server.addChat({id: 7, topics: [5]});
	const typing = install(w);
	let signal: AbortSignal | undefined;
	bot.use(async ctx => {
		if ('stopped_message_generation' in ctx.update) {
			typing.cancel(ctx);
			return;
		}

		({signal} = ctx.typing);
		await seen(server, isAction);
		await bot.handleUpdate({update_id: 2, stopped_message_generation: {chat, message_thread_id: 5, draft_id: 1}});
	});
	await bot.handleUpdate({update_id: 1, message: {...message, is_topic_message: true, message_thread_id: 5}});
	t.true(signal!.aborted);
	t.true(server.chat(7, {thread: 5}).calls > 0);
});

both('the reply thread of an ordinary supergroup is no topic', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.on('message', async ctx => {
		t.is(ctx.msg.message_thread_id, 42);
		await seen(server, isAction, 2);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: plain, thread: 42, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, plain);
	t.deepEqual(w.errors, []);
});

both('a closed topic: given up, heard once, the handler goes on', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	server.addChat({id: forum, is_forum: true, topics: [5], closed: [5]});
	install(w);
	bot.on('message', async ctx => {
		await until(() => w.errors.length > 0);
		t.false(ctx.typing.signal.aborted);
		await wait(300);
	});
	await poll(t, bot);
	server.write({chat: forum, thread: 5, text: 'hello'});
	server.write({chat: forum, thread: 5, text: 'hello'});
	await until(() => w.events.filter(({type}) => type === 'end').length === 2);
	t.is(w.errors.length, 1);
	t.is(server.log.filter(arrival => isAction(arrival)).length, 1);
});

both(
	"a business chat: shown through its connection, apart from the bot's own chat with that person",
	async (t, {world, install, poll, client, replyInBusiness}) => {
		const w = await world(t);
		const {server, bot} = w;
		server.addBusinessConnection('work', 7);
		install(w);
		bot.use(async ctx => {
			await seen(server, isAction, 1);
			await client(ctx).sendMessage(7, 'not through the connection');
			await wait(60);
			await replyInBusiness(ctx, 'work', 7, 'done');
		});
		await poll(t, bot);
		server.write({chat: 7, businessConnection: 'work', text: 'hello'});
		await seen(server, 'sendMessage', 2);
		await assertQuiet(t, server, 7, {businessConnection: 'work'});
		t.is(server.chat(7).calls, 0);
		t.is(server.chat(7).messages.length, 1);
		t.is(server.chat(7, {businessConnection: 'work'}).spans.length, 1);
		t.deepEqual(w.errors, []);
		t.deepEqual(w.caught, []);
	},
);

both('a business connection that was ended: given up, heard once', async (t, {world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w);
	bot.use(async () => {
		await until(() => w.errors.length > 0);
		await wait(300);
	});
	await poll(t, bot);
	server.write({chat: 7, businessConnection: 'gone', text: 'hello'});
	await until(() => w.events.some(({type}) => type === 'end'));
	t.is(w.errors.length, 1);
	t.is(server.log.filter(arrival => isAction(arrival)).length, 1);
});

both('a group that became a supergroup: shown in the new one, and its messages clear it', async (t, {world, install, poll, client}) => {
	const w = await world(t);
	const {server, bot} = w;
	const next = -1_000_000_000_055;
	install(w);
	bot.on('message', async ctx => {
		server.migrate(-5, next);
		await until(() => server.chat(next).calls >= 2);
		await client(ctx).sendMessage(next, 'done');
	});
	await poll(t, bot);
	server.write({chat: -5, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, next);
	t.is(server.chat(-5).calls, 1);
	t.is(w.errors.length, 1);
	t.deepEqual(w.caught, []);
	const view = server.chat(next);
	t.is(view.dark(view.spans[0]!.from, view.messages[0]!.at).length, 0);
});

both('a chat named by a string of digits is the same chat', async (t, {world, install, poll, client}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 4000});
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await client(ctx).sendMessage(String(ctx.chat.id), 'one moment');
		await seen(server, isAction, 2);
		await client(ctx).sendMessage(String(ctx.chat.id), 'done');
	});
	await poll(t, bot);
	server.write({chat: plain, text: 'hello'});
	await seen(server, 'sendMessage', 2);
	await assertQuiet(t, server, plain);
	t.deepEqual(story(server, plain), ['typing', 'sendMessage', 'typing', 'sendMessage']);
});

both('a message to another chat clears nothing here, and nothing is left there', async (t, {world, install, poll, client}) => {
	const w = await world(t);
	const {server, bot} = w;
	install(w, {interval: 4000});
	bot.on('message', async ctx => {
		await seen(server, isAction);
		await client(ctx).sendMessage(8, 'for you');
		await wait(150);
		t.is(server.chat(7).calls, 1);
		await ctx.reply('done');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage', 2);
	await assertQuiet(t, server, 7);
	t.is(server.chat(8).calls, 0);
});

both(
	'a context that does not know its bot: shown all the same, cancelled and closed all the same',
	async (t, {autoTyping, world, strayContext}) => {
		const w = await world(t);
		const {server, bot} = w;
		const typing = autoTyping(quick);
		const make = (text: string) => strayContext(bot, server.write({chat: 7, text}));
		await typing(make('a'), async () => {
			await seen(server, isAction, 2);
		});
		const working = make('b');
		const work = typing(working, async () => {
			await until(() => working.typing.signal.aborted);
		});
		await wait(60);
		typing.cancel(make('c'));
		await work;
		const closing = make('d');
		const more = typing(closing, async () => {
			await until(() => closing.typing.signal.aborted);
		});
		await wait(60);
		await typing.close();
		await more;
		const {calls} = server.chat(7);
		await wait(250);
		t.is(server.chat(7).calls, calls);
	},
);
