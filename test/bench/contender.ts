import {autoTyping} from '@auto-typing/grammy';
import {autoChatAction, chatAction, type AutoChatActionFlavor} from '@grammyjs/auto-chat-action';
import type {Bot, Context} from 'grammy';

/** A way to show typing, as its users set it up. */
export interface Contender {
	readonly name: string;
	install(bot: Bot): void;
}

/** grammY and nothing else. */
export const bare: Contender = {name: 'bare', install() {}};

/** A middleware that does nothing: what grammY itself pays for one more. */
export const empty: Contender = {
	name: 'an empty middleware',
	install(bot) {
		// oxlint-disable-next-line typescript/promise-function-async -- a promise of its own would be something
		bot.use((_ctx, next) => next());
	},
};

export const ours: Contender = {
	name: 'auto-typing',
	install(bot) {
		bot.use(autoTyping());
	},
};

/** Without a limit that matters, as nobody else has one. */
export const oursUnlimited: Contender = {
	name: 'auto-typing, no limit',
	install(bot) {
		bot.use(autoTyping({limit: {limit: 1_000_000, interval: 1000}}));
	},
};

/** What most bots do. */
export const loop: Contender = {
	name: 'setInterval(4000)',
	install(bot) {
		bot.use(async (ctx, next) => {
			const send = () => {
				ctx.replyWithChatAction('typing').catch(() => {});
			};

			send();
			const timer = setInterval(send, 4000);
			try {
				await next();
			} finally {
				clearInterval(timer);
			}
		});
	},
};

export const autoChatActionPlugin: Contender = {
	name: 'auto-chat-action',
	install(bot) {
		const flavored = bot as unknown as Bot<Context & AutoChatActionFlavor>;
		flavored.use(autoChatAction(), chatAction('typing'));
	},
};

const contenders: readonly Contender[] = [bare, empty, ours, oursUnlimited, loop, autoChatActionPlugin];

/** The one of that name, as another process was told it. */
export function contenderNamed(name: string | undefined): Contender {
	const contender = contenders.find(one => one.name === name);
	if (!contender) {
		throw new TypeError(`There is no contender ${String(name)}`);
	}

	return contender;
}
