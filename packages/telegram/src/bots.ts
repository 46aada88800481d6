import {BotTyping, type TelegramTypingOptions} from './bot-typing.ts';
import type {Framework} from './framework.ts';

/** For contexts that were made without their bot, as in some tests. */
const nobody = {};

/** The bots of one framework, each with its one indicator: any number of installations find the same one, and share one budget. */
export class Bots<Context, Client extends object> {
	readonly framework: Framework<Context, Client>;
	readonly #bots = new WeakMap<object, Array<BotTyping<Client>>>();

	constructor(framework: Framework<Context, Client>) {
		this.framework = framework;
	}

	/** The one of the bot that made `ctx`. Two bots may have been given one description of themselves, but not one token and one server. */
	of(ctx: Context, client: Client, options: TelegramTypingOptions): BotTyping<Client> {
		const bot = this.framework.botOf(ctx) ?? nobody;
		const sharers = this.#bots.get(bot) ?? [];
		let typing = sharers.find(sharer => sharer.owns(client));
		if (!typing) {
			typing = new BotTyping(this.framework, client, options);
			sharers.push(typing);
			this.#bots.set(bot, sharers);
		}

		return typing;
	}
}
