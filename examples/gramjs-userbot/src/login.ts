import {createInterface} from 'node:readline/promises';
import {TelegramClient} from 'telegram';
import {Logger, LogLevel} from 'telegram/extensions/Logger.js';
import {StringSession} from 'telegram/sessions/index.js';

/** Logs in once, and prints the session string that `npm start` takes. */
const {API_ID: id, API_HASH: hash} = process.env;
if (!id || !hash || !/^[1-9]\d*$/.test(id)) {
	console.error('Logging in needs API_ID, a number, and API_HASH, both from https://my.telegram.org/apps.');
	process.exit(1);
}

const terminal = createInterface({input: process.stdin, output: process.stdout});
terminal.once('close', () => process.exit(1)); // Ctrl-C at a question
const session = new StringSession('');
const client = new TelegramClient(session, Number(id), hash, {baseLogger: new Logger(LogLevel.NONE)});
client.onError = async error => console.error(error.message);
await client.start({
	phoneNumber: async () => terminal.question('Phone number, with its country code: '),
	phoneCode: async () => terminal.question('The code that Telegram has sent you: '),
	password: async () => terminal.question('Your password for two-step verification: '),
	onError: error => console.error(error.message),
});
console.log('Logged in. SESSION is the next line: who has it can read all your chats.');
console.log(session.save());
process.exit();
