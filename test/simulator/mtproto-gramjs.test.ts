import test from 'ava';
import {Api} from 'telegram';
import {NewMessage, type NewMessageEvent} from 'telegram/events/index.js';
import {connected, type Transport} from './gramjs.ts';

const typing = new Api.SendMessageTypingAction();

for (const transport of ['full', 'abridged', 'obfuscated', 'websocket'] as const satisfies readonly Transport[]) {
	test(`${transport}: connects with a shared key, is told of a message, types, answers`, async t => {
		const {server, client} = await connected(t, {transport});
		const expected = {full: 'full', abridged: 'abridged', obfuscated: 'obfuscated abridged', websocket: 'obfuscated abridged'};
		t.deepEqual(server.transports, [expected[transport]]);
		t.is(((await client.getMe()) as Api.User).username, 'typist');
		const told = new Promise<NewMessageEvent>(resolve => {
			client.addEventHandler(resolve, new NewMessage({}));
		});
		server.write({peer: 555, text: 'hello'});
		const {message} = await told;
		t.is(message.message, 'hello');
		const peer = (await message.getInputChat())!;
		t.true(await client.invoke(new Api.messages.SetTyping({peer, action: typing})));
		await client.sendMessage(peer, {message: 'x'.repeat(4000)});
		const [shown] = server.chat(555).spans;
		t.is(shown?.action, 'sendMessageTypingAction');
		t.is(shown?.to, server.chat(555).messages[0]!.at);
	});
}
