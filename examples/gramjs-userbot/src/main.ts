import {once} from 'node:events';
import {TelegramClient} from 'telegram';
import {Logger, LogLevel} from 'telegram/extensions/Logger.js';
import {StringSession} from 'telegram/sessions/index.js';
import {rehearse} from './rehearsal.ts';
import {installCommands} from './userbot.ts';

const needed = ['API_ID', 'API_HASH', 'SESSION'] as const;

/** On the real service, with your account, until Ctrl-C. */
async function perform(id: number, hash: string, session: string): Promise<void> {
	const client = new TelegramClient(new StringSession(session), id, hash, {baseLogger: new Logger(LogLevel.NONE)});
	client.onError = async error => console.error(error.message);
	await client.connect();
	if (!(await client.checkAuthorization())) {
		throw new Error('Telegram does not know this SESSION any more. Make another one, as the README says.');
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
		await perform(Number(id), hash!, session!);
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
