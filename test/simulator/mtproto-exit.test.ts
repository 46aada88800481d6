import test from 'ava';
import {node} from '../repo/process.ts';

const program = `
import {createConnection} from 'node:net';
import {MtprotoServer} from '@auto-typing/simulator';
import {Api, Logger, TelegramClient} from 'telegram';
import {AuthKey} from 'telegram/crypto/AuthKey.js';
import {ConnectionTCPFull} from 'telegram/network/connection/index.js';
import {StringSession} from 'telegram/sessions/index.js';

const server = await MtprotoServer.start({peers: [{id: 555, username: 'alice'}]});
class Aimed extends ConnectionTCPFull {
	constructor(parameters) {
		super({...parameters, port: server.port});
	}
}
const session = new StringSession('');
session.setDC(2, '127.0.0.1', 443);
const key = new AuthKey();
await key.setKey(server.presharedKey());
session.setAuthKey(key);
const client = new TelegramClient(session, 1, 'hash', {connection: Aimed, baseLogger: new Logger('none')});
await client.connect();
await new Promise(resolve => createConnection({port: server.port, host: '127.0.0.1'}, resolve).unref().on('error', () => {}));
const type = () => client.invoke(new Api.messages.SetTyping({peer: 'alice', action: new Api.SendMessageTypingAction()}));
server.fail({method: 'messages.setTyping', times: 1, outcome: 'hang'});
void type();
await server.next('messages.setTyping');
server.fail({method: 'messages.setTyping', times: 1, outcome: {latency: 60_000}});
void type();
await server.next('messages.setTyping');
server.latency = 60_000;
void type();
await new Promise(resolve => setTimeout(resolve, 20));
await client.destroy();
await server.close();
await server.close();
const closed = performance.now();
process.on('exit', () => console.log(Math.round(performance.now() - closed)));
`;

test('after `close` nothing keeps the process: no socket, no late answer, nothing under way', async t => {
	const flags = ['--conditions=@auto-typing/source', '--import=@oxc-node/core/register', '--input-type=module'];
	const {code, output} = await node([...flags, '--eval', program], {timeout: 25_000});
	t.is(code, 0, output);
	t.regex(output, /^\d+\n$/);
	t.true(Number(output) < 2000, `${output.trim()} ms`);
});
