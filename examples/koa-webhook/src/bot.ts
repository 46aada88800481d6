import {createHash, timingSafeEqual} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import {Indicator} from '@auto-typing/core';
import {autoTyping, type TypingMiddleware} from '@auto-typing/koa';
import {targetOf, telegram, type ChatAction, type ChatTarget} from '@auto-typing/telegram';
import {bodyParser} from '@koa/bodyparser';
import {Router} from '@koa/router';
import Koa, {type Context, type Next} from 'koa';
import type {BotApiClient} from './bot-api-client.ts';

/** The part of an update that this bot looks at. @see https://core.telegram.org/bots/api#update */
interface Update {
	readonly update_id: number;
	readonly message?: {readonly text?: string; readonly chat: {readonly id: number}};
}

export interface WebhookBot {
	readonly app: Koa;
	readonly typing: Pick<TypingMiddleware, 'drain' | 'running'>;
	readonly indicator: Indicator<ChatTarget, ChatAction>;
}

/**
Answers every message slowly, behind `POST /telegram`.

@param secret - The `secret_token` of the webhook: whoever doesn't know it is not Telegram.
*/
export function createBot(call: BotApiClient, secret: string): WebhookBot {
	const indicator = new Indicator(telegram(async (payload, signal) => call('sendChatAction', payload, signal)));
	const typing = autoTyping(indicator, ctx => targetOf(ctx.request.body as Update), {
		respond: 200, // Telegram waits for the answer before it sends this chat's next update, and no longer than a minute.
		once: ctx => (ctx.request.body as Update).update_id, // What it believes undelivered comes again.
	});

	const router = new Router();
	router.post('/telegram', checkSecret(secret), bodyParser({onError: (error, ctx) => ctx.throw(error)}), typing, async ctx => {
		const {message} = ctx.request.body as Update;
		if (message?.text === undefined) return;
		const target = targetOf(ctx.request.body as Update)!;
		const place = {chat_id: target.chatId, message_thread_id: target.threadId};
		const say = async (text: string) => indicator.message(target, async () => call('sendMessage', {...place, text}));
		if (message.text === '/stop') {
			indicator.cancel(target);
			await say('Stopped.');
			return;
		}

		const {signal} = ctx.state.typing;
		await sleep(4000, undefined, {signal}); // A model, a report, a download: hand it the signal.
		await say(`You said ${message.text.length} characters.`);
	});

	const app = new Koa();
	app.use(router.routes()).use(router.allowedMethods());
	app.on('error', (error: Error & {expose?: boolean}, ctx?: Context) => {
		// A bad request, which has heard of it; or stopped, by the person or at the end of the process: nobody waits for this any more.
		if (error.expose || ctx?.state['typing']?.signal.aborted) return;
		console.error(error.message); // The message only: the rest of an error may have more in it than a log should.
	});
	return {app, typing, indicator};
}

/** Refuses whoever doesn't know the secret, before anything of the request is read. Takes the same time whatever they guess. */
function checkSecret(secret: string): (ctx: Context, next: Next) => Promise<void> {
	const digest = (text: string) => createHash('sha256').update(text).digest();
	const expected = digest(secret);
	return async (ctx, next) => {
		if (!timingSafeEqual(digest(ctx.get('X-Telegram-Bot-Api-Secret-Token')), expected)) ctx.throw(401, 'Expected the secret token');
		if (!ctx.is('json')) ctx.throw(415, 'Expected JSON');
		await next();
	};
}
