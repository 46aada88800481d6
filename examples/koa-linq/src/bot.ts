import {setTimeout as sleep} from 'node:timers/promises';
import {Indicator, type TypingEvent} from '@auto-typing/core';
import {autoTyping, type TypingState} from '@auto-typing/koa';
import {linq, targetOf, unwrap, watch, type ChatTarget} from '@auto-typing/linq';
import {bodyParser} from '@koa/bodyparser';
import {Router} from '@koa/router';
import LinqAPIV3, {type ClientOptions} from '@linqapp/sdk';
import Koa from 'koa';

interface State extends TypingState<'typing'> {
	event: LinqAPIV3.UnwrapWebhookEvent;
}

export interface Agent {
	readonly app: Koa;

	/** Waits for the work in progress, ten seconds at the most, and takes down what is left. */
	close(): Promise<void>;
}

/** An agent that answers every message after some thought. @param onEvent - Told what the indicator does. */
export function createAgent(options: ClientOptions, onEvent?: (event: TypingEvent<ChatTarget, 'typing'>) => void): Agent {
	const indicator = new Indicator(linq(new LinqAPIV3(options)), {onEvent});
	// Its messages go out through the indicator, so that nothing is seen after a reply.
	const client = new LinqAPIV3({...options, fetch: watch(indicator)});
	// Linq waits for the answer to a webhook and not for the work, and delivers again what it isn't sure of.
	const typing = autoTyping<ChatTarget, 'typing', State>(indicator, ctx => targetOf(ctx.state.event), {
		respond: 200,
		once: ctx => ctx.state.event.event_id,
	});

	const router = new Router<State>();
	router.post(
		'/linq',
		async (ctx, next) => {
			ctx.state.event = unwrap(client, ctx.request.rawBody, ctx.headers);
			await next();
		},
		typing,
		async ctx => {
			const {event_type: type, data} = ctx.state.event as LinqAPIV3.MessageReceivedWebhookEvent;
			if (type === 'message.received' && data.direction === 'inbound') {
				const value = await think(data.parts, ctx.state.typing.signal);
				await client.chats.messages.send(data.chat.id, {message: {parts: [{type: 'text', value}]}});
			}
		},
	);

	const app = new Koa();
	app.use(bodyParser());
	app.use(router.routes());
	// The message only: what is inside of an error may be anything.
	app.on('error', (error: Error) => console.error(error.message));
	return {
		app,
		async close() {
			await typing.drain(10_000);
			await indicator.close();
		},
	};
}

/** Where a model would be asked. @param signal - Ends it when nobody waits for the answer any more. */
async function think(parts: LinqAPIV3.MessageEventV2['parts'], signal: AbortSignal): Promise<string> {
	await sleep(6000, undefined, {signal});
	const text = parts.map(part => (part.type === 'text' ? part.value : '')).join(' ');
	return `“${text.trim()}” has ${text.trim().split(/\s+/).length} words.`;
}
