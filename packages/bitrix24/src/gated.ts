import type {Indicator} from '@auto-typing/core';
import type {Bitrix24Action} from './action.ts';
import type {Call} from './call.ts';
import {refusalIn} from './refusal.ts';
import {isDialogId, type DialogTarget} from './target.ts';

/** The methods by which a bot puts a message into a dialog that they name. `imbot.command.answer` of version 1 names none. */
const sendsMessage = /^imbot\.(?:message\.add|v2\.(?:chat\.message\.send|command\.answer|file\.upload))(?:\.json)?$/i;

/** The methods that change a message which they name by its number only. */
const changesMessage = /^imbot\.(?:message|v2\.chat\.message)\.(?:update|delete)(?:\.json)?$/i;

/** How many messages to remember the dialog of: those that are still being written. */
const most = 1000;

/**
Where a call puts a message, or `undefined` if it puts none anywhere.

@param method - The method of the REST API.
@param params - Its parameters.
@example
```ts
import {messageTarget} from '@auto-typing/bitrix24';

messageTarget('imbot.v2.Chat.Message.send', {botId: 567, dialogId: 'chat27', fields: {message: 'Hello'}}); // {dialogId: 'chat27', botId: 567}
messageTarget('imbot.v2.Chat.Message.update', {botId: 567, messageId: 1}); // undefined: it clears nothing
```
*/
export function messageTarget(method: string, params: object): DialogTarget | undefined {
	if (!sendsMessage.test(method) || typeof params !== 'object' || params === null) {
		return undefined;
	}

	const {
		dialogId,
		botId,
		DIALOG_ID = dialogId,
		BOT_ID = botId,
	} = params as {dialogId?: unknown; botId?: unknown; DIALOG_ID?: unknown; BOT_ID?: unknown};
	if (!isDialogId(DIALOG_ID)) {
		return undefined; // The portal will say so.
	}

	const bot = Number(BOT_ID);
	return {dialogId: DIALOG_ID, ...(Number.isSafeInteger(bot) && bot > 0 && {botId: bot})};
}

/**
The same call, but the indicator sees the bot's messages: nothing is shown after them.

An answer that is written bit by bit, by changing one message, is seen too: the vendor's web client takes the indicator down for that as well.

@param indicator - The indicator of the bot.
@param call - Any call, such as that of `fromSdk`. Its answers and its errors pass through untouched.
@throws {TypeError} If `indicator` or `call` is none.
@see https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-send.html
@example
```ts
import {bitrix24, fromWebhook, gated} from '@auto-typing/bitrix24';
import {Indicator} from '@auto-typing/core';

const call = fromWebhook(process.env.BITRIX24_WEBHOOK!);
const bot = {botId: 567, botToken: process.env.BITRIX24_BOT_TOKEN!};
const indicator = new Indicator(bitrix24({call, ...bot}));
const api = gated(indicator, call);

await indicator.run({dialogId: '27'}, async () => api('imbot.v2.Chat.Message.send', {...bot, dialogId: '27', fields: {message: 'Hello'}}));
```
*/
export function gated<Answer>(indicator: Indicator<DialogTarget, Bitrix24Action>, call: Call<Answer>): Call<Answer> {
	if (typeof (indicator as Partial<typeof indicator> | undefined)?.message !== 'function') {
		throw new TypeError(
			`Expected \`indicator\` to be an Indicator, as \`new Indicator(bitrix24({…}))\` makes one, got ${typeof indicator}`,
		);
	}

	if (typeof call !== 'function') {
		throw new TypeError(`Expected \`call\` to be a function, such as \`fromSdk(b24)\`, got ${typeof call}`);
	}

	const dialogs = new Map<unknown, DialogTarget>();
	return async (method, params, signal) => {
		const sent = messageTarget(method, params);
		const target = sent ?? (changesMessage.test(method) ? dialogs.get(messageIdOf(params)) : undefined);
		if (!target) {
			return call(method, params, signal);
		}

		let refused: {readonly answer: Answer; readonly error: Error} | undefined;
		try {
			return await indicator.message(target, async () => {
				const answer = await call(method, params, signal);
				const error = refusalIn(method, answer);
				if (error) {
					// To the engine a refusal is an exception, to whoever called it may be an answer.
					refused = {answer, error};
					throw error;
				}

				if (sent) {
					remember(dialogs, messageIdIn(answer), sent);
				}

				return answer;
			});
		} catch (error) {
			if (refused && error === refused.error) {
				return refused.answer;
			}

			throw error;
		}
	};
}

function remember(dialogs: Map<unknown, DialogTarget>, id: number | undefined, target: DialogTarget): void {
	if (id !== undefined) {
		dialogs.set(id, target);
		if (dialogs.size > most) {
			dialogs.delete(dialogs.keys().next().value);
		}
	}
}

/** The number of the message that a call is about. */
function messageIdOf(params: object): number {
	const {messageId, MESSAGE_ID = messageId} = params as {messageId?: unknown; MESSAGE_ID?: unknown};
	return Number(MESSAGE_ID);
}

/** The number of the message that was sent: `result`, or `result.id` in version 2. */
function messageIdIn(answer: unknown): number | undefined {
	const {getData} = (answer ?? {}) as {readonly getData?: unknown};
	const body = (typeof getData === 'function' ? (answer as {getData(): unknown}).getData() : answer) as {result?: unknown} | undefined;
	const {id} = (body?.result ?? {}) as {id?: unknown};
	const number = Number(id ?? body?.result);
	return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
