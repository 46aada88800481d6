import {bitrix24, gated, parseEvent, targetOf, type ApplicationToken, type Call} from '@auto-typing/bitrix24';
import {Indicator} from '@auto-typing/core';
import {autoTyping} from '@auto-typing/koa';
import {bodyParser} from '@koa/bodyparser';
import {Router} from '@koa/router';
import Koa from 'koa';

/** What a bot needs to know of its portal. */
export interface Portal {
	readonly call: Call;
	readonly botId: number;
	/** By webhook only: an application by OAuth needs none. */
	readonly botToken?: string | undefined;
	readonly applicationToken: ApplicationToken;
}

/** A bot that takes its time, as Koa middleware. */
export function createBot({call, botId, botToken, applicationToken}: Portal, work: (text: string, signal: AbortSignal) => Promise<string>) {
	const indicator = new Indicator(bitrix24({call, botId, botToken}), {action: 'thinking'});
	const api = gated(indicator, call); // Nothing is shown after what is sent through it.
	const typing = autoTyping(indicator, ctx => targetOf(ctx.state.event), {respond: 200, once: ctx => ctx.state.event.id});
	const router = new Router();
	router.post(
		'/bitrix24',
		async (ctx, next) => {
			ctx.state['event'] = parseEvent(ctx.request.rawBody, applicationToken);
			return next();
		},
		typing,
		async ctx => {
			const {event, typing: hold} = ctx.state;
			if (event.text === undefined) return; // No message: the bot was added to a chat, say.
			const answer = await work(event.text, hold.signal);
			hold.action = 'composing'; // Shows at once.
			await new Promise(resolve => setTimeout(resolve, 1500));
			const bot = {botId, ...(botToken !== undefined && {botToken})};
			await api('imbot.v2.Chat.Message.send', {...bot, dialogId: event.dialogId, fields: {message: answer}});
		},
	);
	const app = new Koa();
	// The raw body is what counts: `ctx.request.body` has lost the ids of small bots.
	app.use(bodyParser({enableTypes: ['form'], formLimit: '1mb'})).use(router.routes());
	return {app, typing};
}
