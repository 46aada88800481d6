// Runs where the packed packages were installed by npm: each can be imported, and a bot answers one message, with a fake network.
import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {autoTyping} from '@auto-typing/grammy';
import {Bot} from 'grammy';

const {dependencies} = JSON.parse(readFileSync('package.json', 'utf8'));
const own = Object.keys(dependencies).filter(name => name.startsWith('@auto-typing/'));
for (const name of own) {
	const exported = Object.keys(await import(name));
	if (exported.length === 0) throw new Error(`Expected ${name} to export something`);
	console.log(`${name}: ${exported.join(', ')}`);
}

const calls = [];
const bot = new Bot('1:token', {botInfo: {id: 1, is_bot: true, first_name: 'Bot', username: 'bot'}});
const chat = {id: 5, type: 'private', first_name: 'Ann'};

bot.api.config.use(async (_next, method, payload) => {
	calls.push([method, payload.action ?? payload.text]);
	return {ok: true, result: method === 'sendMessage' ? {message_id: 2, date: 0, chat, text: payload.text} : true};
});
bot.use(autoTyping({delay: 0}));
bot.on('message:text', async ctx => {
	await sleep(50);
	await ctx.reply('Hello');
});

await bot.handleUpdate({
	update_id: 1,
	message: {message_id: 1, date: 0, chat, from: {id: 5, is_bot: false, first_name: 'Ann'}, text: 'Hi'},
});
await sleep(50);

const expected = [
	['sendChatAction', 'typing'],
	['sendMessage', 'Hello'],
];
if (JSON.stringify(calls) !== JSON.stringify(expected))
	throw new Error(`Expected ${JSON.stringify(expected)}, got ${JSON.stringify(calls)}`);
console.log('the installed packages type, then answer');
