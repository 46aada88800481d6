import type {Context} from 'grammy';
import {benchBot, written} from './bench-bot.ts';
import type {Contender} from './contender.ts';
import {Service, type ServiceOptions} from './service.ts';
import {virtually} from './virtual-time.ts';

/** Who writes to the bot, and when. */
export interface Writing {
	readonly at: number;
	readonly chatId: number;
}

/** Play a scene on virtual time: people write, a bot with typing by `contender` works on it, and the service keeps the log. */
export async function play(
	contender: Contender,
	options: ServiceOptions,
	writings: readonly Writing[],
	duration: number,
	handler: (ctx: Context) => Promise<unknown>,
): Promise<Service> {
	const service = new Service(options);
	const bot = benchBot(contender, {fetch: service.fetch}, handler);
	await virtually(duration, () => {
		for (const {at, chatId} of writings) {
			setTimeout(() => void bot.handleUpdate(written(chatId)), at);
		}
	});
	return service;
}
