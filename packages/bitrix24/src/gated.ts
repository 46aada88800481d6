import type {Indicator} from '@auto-typing/core';
import type {Bitrix24Action} from './action.ts';
import type {Call} from './call.ts';
import {refusalIn} from './refusal.ts';
import {isDialogId, type DialogTarget} from './target.ts';

/** The methods by which a bot puts a message into a dialog that they name. `imbot.command.answer` of version 1 names none. */
const sendsMessage = /^imbot\.(?:message\.add|v2\.(?:chat\.message\.send|command\.answer|file\.upload))(?:\.json)?$/i;

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

@param indicator - The indicator of the bot.
@param call - Any call, such as that of `fromSdk`. Its answers and its errors pass through untouched.
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
	return async (method, params, signal) => {
		const target = messageTarget(method, params);
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
