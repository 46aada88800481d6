import test from 'ava';
import {Api} from 'telegram';
import {clientOf, serve, type Transport} from './gramjs.ts';

const typing = new Api.SendMessageTypingAction();

for (const transport of ['full', 'abridged', 'obfuscated', 'websocket'] as const satisfies readonly Transport[]) {
	test(`${transport}: logs in as a bot with a key of its own`, async t => {
		const server = await serve(t, {account: {bot: true}});
		const client = await clientOf(t, server, {transport, account: null});
		await client.start({botAuthToken: server.token});
		const me = await client.getMe();
		t.true(me.bot);
		t.is(me.username, 'typing_bot');
		await client.invoke(new Api.messages.SetTyping({peer: 'alice', action: typing}));
		t.is(server.chat(555).spans.length, 1);
	});
}

test('a bot with a wrong token is not let in, and neither is a client that did not log in', async t => {
	const server = await serve(t, {account: {bot: true}});
	const client = await clientOf(t, server, {account: null});
	await client.connect();
	const login = new Api.auth.ImportBotAuthorization({apiId: 1, apiHash: 'hash', botAuthToken: '1:wrong'});
	await t.throwsAsync(client.invoke(login), {message: /ACCESS_TOKEN_INVALID/});
	await t.throwsAsync(client.invoke(new Api.messages.SetTyping({peer: 'alice', action: typing})), {message: /AUTH_KEY_UNREGISTERED/});
	t.is(server.chat(555).calls, 0);
});
