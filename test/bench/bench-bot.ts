import {Bot, type ApiClientOptions, type Context} from 'grammy';
import type {Contender} from './contender.ts';

const botInfo = {
	id: 1,
	is_bot: true,
	first_name: 'Bench',
	username: 'bench_bot',
	can_join_groups: true,
	can_read_all_group_messages: false,
	supports_inline_queries: false,
	can_connect_to_business: false,
	has_main_web_app: false,
	has_topics_enabled: false,
	allows_users_to_create_topics: false,
	can_manage_bots: false,
} satisfies Record<string, unknown>;

/** A bot as its authors write one, with typing by `contender` and one handler. */
export function benchBot(contender: Contender, client: ApiClientOptions, handler: (ctx: Context) => Promise<unknown>): Bot {
	// An object of its own: a bot is known by it, and every run is to be a bot of its own.
	const bot = new Bot('1:bench', {botInfo: {...botInfo} as never, client});
	contender.install(bot);
	bot.on('message:text', handler);
	return bot;
}

/** A message somebody wrote in a private chat. */
export function written(chatId: number): Parameters<Bot['handleUpdate']>[0] {
	const from = {id: chatId, is_bot: false, first_name: 'Someone'};
	return {
		update_id: chatId,
		message: {message_id: 1, date: 0, chat: {id: chatId, type: 'private', first_name: 'Someone'}, from, text: 'hello'},
	};
}
