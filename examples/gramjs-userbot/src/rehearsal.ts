import {setTimeout as sleep} from 'node:timers/promises';
import {MtprotoServer, type MtprotoCall} from '@auto-typing/simulator';
import {TelegramClient} from 'telegram';
import {AuthKey} from 'telegram/crypto/AuthKey.js';
import {Logger, LogLevel} from 'telegram/extensions/Logger.js';
import {ConnectionTCPFull} from 'telegram/network/connection/index.js';
import {StringSession} from 'telegram/sessions/index.js';
import {installCommands} from './userbot.ts';

const ada = 42;

/** Against a simulated Telegram: what Ada sees while you give your commands in the chat with her. */
export async function rehearse(): Promise<void> {
	const server = await MtprotoServer.start({latency: 60, peers: [{id: ada, first_name: 'Ada'}]});
	const client = await connect(server);
	const typing = installCommands(client);
	const from = performance.now();
	const say = (text: string) => console.log(`${((performance.now() - from) / 1000).toFixed(1).padStart(4)} s  ${text}`);
	const write = (text: string) => {
		say(`you: ${text}`);
		server.write({peer: ada, from: server.account, text, fields: {out: true}});
	};

	server.service.listen(call => {
		const text = describe(call);
		if (text) say(`Ada sees: ${text}`);
	});
	server.fail({method: 'upload.saveFilePart', outcome: {latency: 400}}); // A slow line

	write('.ask Why is the sky blue?');
	const {at} = await server.next('messages.sendMessage');
	console.log(`        The indicator was up for ${(server.chat(ada).covered(from, at) * 100).toFixed(1)} % of the time it took.`);
	write('.file');
	await server.next('messages.sendMedia');
	write('.ask Why is the sea?');
	await sleep(2500);
	write('.stop');
	await server.next(({payload}) => actionOf(payload) === 'sendMessageCancelAction');

	await typing.close();
	await client.destroy();
	await server.close();
}

/** A client with a session of its own, which finds the server of this machine in the place of Telegram's. */
async function connect(server: MtprotoServer): Promise<TelegramClient> {
	const {port} = server;
	class Connection extends ConnectionTCPFull {
		constructor(options: ConstructorParameters<typeof ConnectionTCPFull>[0]) {
			super({...options, port});
		}
	}

	const session = new StringSession('');
	session.setDC(2, '127.0.0.1', 443);
	const key = new AuthKey();
	await key.setKey(server.presharedKey());
	session.setAuthKey(key);
	const client = new TelegramClient(session, 1, 'hash', {connection: Connection, baseLogger: new Logger(LogLevel.NONE)});
	await client.connect();
	return client;
}

function describe({method, payload}: MtprotoCall): string | undefined {
	const action = actionOf(payload);
	if (action === 'sendMessageCancelAction') return 'nothing any more';
	if (action === 'sendMessageUploadDocumentAction') return `sending a file, ${(payload['action'] as {progress: number}).progress} %…`;
	if (action) return 'typing…';
	if (method === 'messages.sendMessage') return `“${String(payload['message'])}”`;
	return method === 'messages.sendMedia' ? `a file: “${String(payload['message'])}”` : undefined;
}

function actionOf(payload: MtprotoCall['payload']): string | undefined {
	return (payload['action'] as {_?: string} | undefined)?._;
}
