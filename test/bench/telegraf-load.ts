import {autoTyping} from '@auto-typing/telegraf';
import {Telegraf, Telegram} from 'telegraf';
import type {Update} from 'telegraf/types';
import {written} from './bench-bot.ts';
import {load} from './load.ts';

/** In place of the network, in this process alone. */
Telegram.prototype.callApi = async () => true as never;

await load((contender, handler) => {
	const bot = new Telegraf('1:bench');
	bot.botInfo = {id: 1, is_bot: true, first_name: 'Bench', username: 'bench_bot'} as NonNullable<typeof bot.botInfo>;
	if (contender === 'ours') {
		bot.use(autoTyping({limit: {limit: 1_000_000, interval: 1000}}));
	} else if (contender === 'empty') {
		// oxlint-disable-next-line typescript/promise-function-async -- a promise of its own would be something
		bot.use((_ctx, next) => next());
	}

	bot.on('message', handler);
	return async chatId => bot.handleUpdate(written(chatId) as Update);
});
