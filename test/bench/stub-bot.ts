import type {Bot, Context, Transformer} from 'grammy';
import {benchBot} from './bench-bot.ts';
import type {Contender} from './contender.ts';

/** In place of the network: answers at once. */
const network: Transformer = async (_previous, method) =>
	({ok: true, result: method === 'sendMessage' ? {message_id: 1, date: 0, chat: {id: 1, type: 'private'}, text: 'done'} : true}) as never;

/** A bot without a network, so that what is measured is the middleware. */
export function stubBot(contender: Contender, handler: (ctx: Context) => Promise<unknown>): Bot {
	const bot = benchBot(contender, {}, handler);
	bot.api.config.use(network);
	return bot;
}
