import {once} from 'node:events';
import {TelegramClient} from 'telegram';
import {Logger, LogLevel} from 'telegram/extensions/Logger.js';
import {StringSession} from 'telegram/sessions/index.js';
import {rehearse} from './rehearsal.ts';
import {installCommands} from './userbot.ts';

const needed = ['API_ID', 'API_HASH', 'SESSION'] as const;

/** @throws {Error} GramJS says of a text that is no session only that no more data are left to read. */
function parse(session: string): StringSession {
	try {
		return new StringSession(session);
	} catch {
		throw new Error('SESSION is no session string of GramJS. `npm run login` makes one.');
	}
}

/** On the real service, with your account, until Ctrl-C. */
async function perform(id: string, hash: string, session: string): Promise<void> {
	if (!/^[1-9]\d*$/.test(id)) {
		throw new Error('API_ID must be a number, as on https://my.telegram.org/apps.');
	}

	const client = new TelegramClient(parse(session), Number(id), hash, {baseLogger: new Logger(LogLevel.NONE)});
	client.onError = async error => console.error(error.message);
	await client.connect();
	if (!(await client.checkAuthorization())) {
		throw new Error('Telegram does not know this SESSION any more. `npm run login` makes another one.');
	}

	const typing = installCommands(client);
	console.log('This is for real, on Telegram, with your account. Ctrl-C ends it.');
	console.log('Write “.ask something” or “.file” in a chat, on another device of yours, and “.stop” to stop it.');
	await once(process, 'SIGINT');
	await typing.close();
	await client.destroy();
}

try {
	const missing = needed.filter(name => !process.env[name]);
	const [id, hash, session] = needed.map(name => process.env[name] ?? '');
	if (missing.length === 0) {
		await perform(id!, hash!, session!);
	} else if (missing.length === needed.length) {
		await rehearse();
	} else {
		throw new Error(`For real it needs ${needed.join(', ')}; ${missing.join(' and ')} not set.`);
	}

	// GramJS forgets about the connection it uploads by, which would keep the process alive.
	process.exit();
} catch (error) {
	// The message only: nothing of the session.
	console.error((error as Error).message);
	process.exit(1);
}
