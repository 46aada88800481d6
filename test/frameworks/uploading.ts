import {Upload, type BotApi} from '@auto-typing/simulator';
import type {ExecutionContext} from 'ava';
import {isAction, isMessage, seen, until} from './observing.ts';
import type {Framework, MessageCtx, World} from './telegram-framework.ts';

export const size = 300_000;
export const bytes = (): Uint8Array => new Uint8Array(size).fill(7);

/** A file that takes until `count` calls with this action have been answered. */
export async function* slow(server: BotApi, action: string, count = 2): AsyncGenerator<Uint8Array> {
	yield bytes().subarray(0, size / 2);
	await seen(server, arrival => isAction(arrival) && arrival.payload['action'] === action, count);
	yield bytes().subarray(size / 2);
}

export function uploaded(server: BotApi, chat = 7): number[] {
	return server.log
		.filter(arrival => isMessage(arrival) && arrival.chatId === chat)
		.map(({payload}) => Object.values(payload).reduce<number>((sum, value) => sum + (value instanceof Upload ? value.size : 0), 0));
}

/** One handler, one message, and what came of it. */
export async function answer(
	t: ExecutionContext,
	{world, install, poll}: Framework,
	handler: (ctx: MessageCtx, server: BotApi) => Promise<unknown>,
	options = {},
): Promise<World> {
	const w = await world(t);
	const {server, bot} = w;
	install(w, options);
	let done = false;
	bot.on('message', async ctx => {
		try {
			await handler(ctx, server);
		} finally {
			done = true;
		}
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await until(() => done);
	return w;
}
