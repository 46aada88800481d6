import type {BotApi} from '@auto-typing/simulator';
import test from 'ava';
import {serve} from './caller.ts';
import {testRefusals} from './refusal.ts';

const forum = -1_000_000_000_001;
const group = -1_000_000_000_002;
const action = {chat_id: 7, action: 'typing'};
const message = {chat_id: 7, text: 'hi'};
const addForum = (server: BotApi) => server.addChat({id: forum, is_forum: true, topics: [5, 6], closed: [6]});

testRefusals([
	['blocked by the person', 'sendMessage', message, 403, 'Forbidden: bot was blocked by the user', server => server.block(7)],
	['blocked, and typing', 'sendChatAction', action, 403, 'Forbidden: bot was blocked by the user', server => server.block(7)],
	['the person is gone', 'sendChatAction', action, 403, 'Forbidden: user is deactivated', server => server.block(7, 'deactivated')],
	[
		'kicked from a group',
		'sendChatAction',
		{...action, chat_id: -5},
		403,
		'Forbidden: bot was kicked from the group chat',
		server => server.block(-5),
	],
	[
		'kicked from a supergroup',
		'sendChatAction',
		{...action, chat_id: group},
		403,
		'Forbidden: bot was kicked from the supergroup chat',
		server => server.block(group),
	],
	[
		'no rights, and typing',
		'sendChatAction',
		{...action, chat_id: group},
		400,
		'Bad Request: have no rights to send a message',
		server => server.block(group, 'restricted'),
	],
	[
		'no rights, and writing',
		'sendMessage',
		{...message, chat_id: group},
		400,
		'Bad Request: not enough rights to send text messages to the chat',
		server => server.block(group, 'restricted'),
	],
	[
		'an upgraded group',
		'sendChatAction',
		{...action, chat_id: -5},
		400,
		'Bad Request: group chat was upgraded to a supergroup chat',
		server => server.migrate(-5, group),
		{migrate_to_chat_id: group},
	],

	[
		'a message with the id of General',
		'sendMessage',
		{...message, chat_id: forum, message_thread_id: 1},
		400,
		'Bad Request: message thread not found',
		addForum,
	],
	[
		'a message into an unknown topic',
		'sendMessage',
		{...message, chat_id: forum, message_thread_id: 99},
		400,
		'Bad Request: message thread not found',
		addForum,
	],
	[
		'typing in an unknown topic',
		'sendChatAction',
		{...action, chat_id: forum, message_thread_id: 99},
		400,
		'Bad Request: message thread not found',
		addForum,
	],
	[
		'typing in a closed topic',
		'sendChatAction',
		{...action, chat_id: forum, message_thread_id: 6},
		400,
		'Bad Request: TOPIC_CLOSED',
		addForum,
	],
	[
		'typing in General where it has no id',
		'sendChatAction',
		{...action, chat_id: forum, message_thread_id: 1},
		400,
		'Bad Request: message thread not found',
		server => server.addChat({id: forum, topics: [5], general: 'none'}),
	],
	[
		'a thread below zero',
		'sendChatAction',
		{...action, message_thread_id: -1},
		400,
		'Bad Request: invalid message thread identifier specified',
	],
	[
		'typing in the reply thread of an ordinary supergroup',
		'sendChatAction',
		{...action, chat_id: group, message_thread_id: 5},
		400,
		'Bad Request: message thread not found',
	],
	['a thread in a private chat', 'sendChatAction', {...action, message_thread_id: 5}, 400, 'Bad Request: message thread not found'],

	[
		'an unknown business connection',
		'sendChatAction',
		{...action, business_connection_id: 'x'},
		400,
		'Bad Request: BUSINESS_CONNECTION_INVALID',
	],
	[
		'a business connection to another chat',
		'sendChatAction',
		{...action, business_connection_id: 'x'},
		400,
		'Bad Request: BUSINESS_PEER_INVALID',
		server => server.addBusinessConnection('x', 8),
	],
	[
		'a business connection that was ended',
		'sendMessage',
		{...message, business_connection_id: 'x'},
		400,
		'Bad Request: BUSINESS_CONNECTION_INVALID',
		server => {
			server.addBusinessConnection('x', 7);
			server.removeBusinessConnection('x');
		},
	],
	[
		'an account the bot has never met',
		'sendChatAction',
		action,
		400,
		'Bad Request: PEER_ID_INVALID',
		server => void server.fail({chatId: 7, outcome: {error_code: 400, description: 'Bad Request: PEER_ID_INVALID'}}),
	],
]);

test('401 for another token, 404 for what is none', async t => {
	const {server} = await serve(t);
	const get = async (path: string) => {
		const response = await fetch(server.url + path);
		return [response.status, await response.json()];
	};

	t.deepEqual(await get('/bot99:AAother/getMe'), [401, {ok: false, error_code: 401, description: 'Unauthorized'}]);
	for (const path of ['/', '/bot/getMe', '/botabc/getMe', `/bot${server.token}`, `/bot${server.token}/`, '//', '/%']) {
		t.deepEqual(await get(path), [404, {ok: false, error_code: 404, description: 'Not Found'}], path);
	}
});

test('a session may not be closed in its first ten minutes', async t => {
	const {call} = await serve(t);
	const {status, parameters, headers} = await call('close');
	const seconds = parameters?.retry_after ?? 0;
	t.is(status, 429);
	t.is(headers.get('retry-after'), String(seconds));
	t.true(seconds > 500 && seconds <= 600);
});

test('a bot that logged out gets nothing more', async t => {
	const {call} = await serve(t);
	t.true((await call('logOut')).result);
	t.like(await call('getMe'), {status: 400, description: 'Logged out'});
});

test('with known chats any other is refused, until somebody writes from it', async t => {
	const {server, call} = await serve(t, {knownChats: [7, {id: 8, username: 'Eight'}]});
	t.true((await call('sendMessage', {chat_id: 7, text: 'hi'})).ok);
	t.is((await call('sendMessage', {chat_id: '@eight', text: 'hi'})).result.chat.id, 8);
	t.like(await call('sendMessage', {chat_id: 9, text: 'hi'}), {status: 400, description: 'Bad Request: chat not found'});
	server.write({chat: 9, text: 'hello'});
	t.true((await call('sendMessage', {chat_id: 9, text: 'hi'})).ok);
});
