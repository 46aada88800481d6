import type {Limit, Platform} from '@auto-typing/core';
import {bitrix24Actions, statusCode, type Bitrix24Action} from './action.ts';
import {typingMethods, type Call} from './call.ts';
import {classify} from './classify.ts';
import {refusalIn} from './refusal.ts';
import {show} from './show.ts';
import {checkBotId, dialogIdOf, type DialogTarget} from './target.ts';

export interface Bitrix24Options {
	/** Calls a method of the REST API. See `fromSdk` and `fromWebhook`; one of your own rejects with an error that has the vendor's `code`. */
	readonly call: Call;

	/** The bot. Version 2 needs it, here or in every target; version 1 takes the first one of the application. */
	readonly botId?: number | undefined;

	/** The token of the bot, as it was registered. Version 2, and by webhook only: OAuth needs none. */
	readonly botToken?: string | undefined;

	/** The same for version 1. */
	readonly clientId?: string | undefined;

	/**
	Which method shows it: 1 is `imbot.chat.sendTyping`, which the vendor has deprecated, and which older portals have only; 2 is
	`imbot.v2.Chat.InputAction.notify`.

	@default 2 where a `botId`, a `botToken` or a `duration` is given, else 1; and 1 where a `clientId` is, which only that knows
	*/
	readonly version?: 1 | 2 | undefined;

	/**
	How long one call stays visible, in milliseconds: whole seconds from 1000 to 600_000. Version 2 only. What is not cleared by a message stays
	for as long, and a shorter one costs more calls.

	@default 30_000
	*/
	readonly duration?: number | undefined;
}

/**
Not documented. The vendor's mobile client shows version 1 for 25 s, an older web client for 35 s: this is safe for both.

@see https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-send-typing.html
*/
const ttlOfVersion1 = 25_000;
const intervalOfVersion1 = 15_000;

/**
One request a second: half of what a portal lets in from one address. The rest is for all else that runs there.

Counted over the default refresh interval, so that chats which began together go on together: twenty in version 2, fourteen in version 1.

@see https://apidocs.bitrix24.com/limits.html
*/
function share(interval: number): Limit {
	return {limit: interval / 1000, interval};
}

/**
Bitrix24.

It offers no call that takes an indicator down. Whether a message does is not documented; in the vendor's web client it does.

@throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects.
@see https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/ui/chat-input-action-notify.html
@example
```ts
import {bitrix24, fromWebhook} from '@auto-typing/bitrix24';
import {Indicator} from '@auto-typing/core';

const indicator = new Indicator(
	bitrix24({call: fromWebhook(process.env.BITRIX24_WEBHOOK!), botId: 567, botToken: process.env.BITRIX24_BOT_TOKEN!}),
	{action: 'thinking'},
);
```
*/
export function bitrix24(options: Bitrix24Options): Platform<DialogTarget, Bitrix24Action> {
	checkOptions(options);
	const {call, botId, botToken, clientId, version = usualVersion(options), duration = 30_000} = options;
	const method = typingMethods[version];
	const botOf = (target: DialogTarget) => {
		checkBotId(target.botId);
		const id = target.botId ?? botId;
		if (version === 2 && id === undefined) {
			throw new TypeError('Expected a `botId`, in the options or in the target: version 2 needs it');
		}

		return id;
	};

	return {
		name: 'bitrix24',
		action: 'typing',
		...(version === 1
			? {ttl: ttlOfVersion1, interval: intervalOfVersion1, actions: ['typing'], limit: share(intervalOfVersion1)}
			: {ttl: duration, interval: duration * 0.8, actions: bitrix24Actions, limit: share(24_000)}),
		// Two bots in one chat are two people to whoever looks at it.
		key: target => `${botOf(target) ?? ''}/${dialogIdOf(target)}`,
		async send(target, action, signal) {
			const dialogId = dialogIdOf(target);
			const id = botOf(target);
			const status = statusCode(action);
			const params =
				version === 1
					? {...(id !== undefined && {BOT_ID: id}), DIALOG_ID: dialogId, ...(clientId !== undefined && {CLIENT_ID: clientId})}
					: {
							botId: id,
							...(botToken !== undefined && {botToken}),
							dialogId,
							...(status !== undefined && {statusMessageCode: status}),
							duration: duration / 1000,
						};
			const refusal = refusalIn(method, await call(method, params, signal));
			if (refusal) {
				throw refusal;
			}
		},
		classify,
	};
}

function usualVersion({botId, botToken, clientId, duration}: Bitrix24Options): 1 | 2 {
	return clientId === undefined && (botId ?? botToken ?? duration) !== undefined ? 2 : 1;
}

function checkOptions(options: Bitrix24Options): void {
	// `bitrix24(fromWebhook(url))`: its `call` would be that of every function.
	if (typeof options === 'function') {
		throw new TypeError('Expected `options` to be an object with a `call`, got function');
	}

	const {call, botId, botToken, clientId, version, duration} = (options as Bitrix24Options | undefined) ?? ({} as Bitrix24Options);
	if (typeof call !== 'function') {
		// Never the value: it may be the address of a webhook.
		throw new TypeError(`Expected \`call\` to be a function, such as \`fromWebhook(url)\`, got ${call === null ? 'null' : typeof call}`);
	}

	checkBotId(botId);
	if (version !== undefined && version !== 1 && version !== 2) {
		throw new RangeError(`Expected \`version\` to be 1 or 2, got ${show(version)}`);
	}

	// Never the value: it may be the secret.
	for (const [name, value] of Object.entries({botToken, clientId})) {
		if (value !== undefined && (typeof value !== 'string' || value === '')) {
			throw new TypeError(`Expected \`${name}\` to be a string that is not empty, got ${value === '' ? 'an empty one' : typeof value}`);
		}
	}

	if (clientId !== undefined && (version === 2 || botToken !== undefined)) {
		throw new TypeError('Expected a `botToken` for version 2 or a `clientId` for version 1, got the other one or both');
	}

	if ((version ?? usualVersion(options)) === 1 && (botToken ?? duration) !== undefined) {
		throw new TypeError('Expected `botToken` and `duration` for version 2 only, got them for version 1');
	}

	// The vendor counts in seconds: 30 is no short one, but a mistake.
	if (duration !== undefined && !(Number.isInteger(duration) && duration % 1000 === 0 && duration >= 1000 && duration <= 600_000)) {
		throw new RangeError(`Expected \`duration\` to be whole seconds in milliseconds, from 1000 to 600000, got ${show(duration)}`);
	}
}
