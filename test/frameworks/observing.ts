import {inspect} from 'node:util';
import type {Arrival, BotApi} from '@auto-typing/simulator';
import type {ExecutionContext} from 'ava';

// What the tests of every Telegram framework look at: the service, never the framework.

/** Short enough for handlers of milliseconds; the person still sees each call for five seconds. */
export const quick = {delay: 20, interval: 600} as const;

export const isAction = ({method}: Arrival): boolean => method === 'sendChatAction';

/** Whatever puts a message into a chat. */
export const isMessage = ({method}: Arrival): boolean => method !== 'sendChatAction' && /^(?:send|copy|forward)/.test(method);

/** Resolves once `count` requests that match have been answered, those of the past included. */
export async function seen(server: BotApi, match: string | ((arrival: Arrival) => boolean), count = 1): Promise<void> {
	const matches = typeof match === 'string' ? ({method}: Arrival) => method === match : match;
	const enough = () => server.log.filter(arrival => arrival.outcome !== 'pending' && matches(arrival)).length >= count;
	if (enough()) {
		return;
	}

	await new Promise<void>((resolve, reject) => {
		const timer = setTimeout(() => {
			end();
			reject(
				new Error(
					`Waited in vain for ${count} × ${String(match)}; got ${server.log.map(({method, payload}) => `${method} ${JSON.stringify(payload['action'])}`).join(', ')}`,
				),
			);
		}, 15_000);
		const end = server.listen(() => {
			if (enough()) {
				clearTimeout(timer);
				end();
				resolve();
			}
		});
	});
}

export function here(chat: number): (arrival: Arrival) => boolean {
	return arrival => isAction(arrival) && arrival.chatId === chat;
}

export async function wait(ms: number): Promise<void> {
	return new Promise(resolve => {
		setTimeout(resolve, ms);
	});
}

/** Polls `condition`; for what no request tells. */
export async function until(condition: () => boolean, what = String(condition)): Promise<void> {
	const end = performance.now() + 15_000;
	while (!condition()) {
		if (performance.now() > end) {
			throw new Error(`Waited in vain for ${what}`);
		}

		await wait(5);
	}
}

/** What happened in a chat, in order: `typing`, `sendMessage`… */
export function story(server: BotApi, chat: number): string[] {
	return server.log
		.filter(({chatId}) => chatId === chat)
		.map(({method, payload}) => (method === 'sendChatAction' ? String(payload['action']) : method));
}

/** Consecutive repetitions are one. */
export function acts(list: readonly string[]): string[] {
	return list.filter((item, index) => item !== list[index - 1]);
}

/** Nothing shown once the last message has landed, even some time later. */
export async function assertQuiet(
	t: ExecutionContext,
	server: BotApi,
	chat: number,
	part: {thread?: number; businessConnection?: string} = {},
): Promise<void> {
	await wait(250);
	const view = server.chat(chat, part);
	const last = view.messages.at(-1);
	t.truthy(last, 'a message has landed');
	t.is(view.after(last!.at), 0, `nothing is shown after the reply: ${story(server, chat).join(', ')}`);
	const here = server.log.filter(arrival => arrival.chatId === chat);
	t.false(isAction(here.at(-1)!), `the reply is the last call: ${story(server, chat).join(', ')}`);
}

/** Searches everything in sight. */
export function assertNoToken(t: ExecutionContext, server: BotApi, ...heard: unknown[]): void {
	const secret = server.token.split(':')[1]!;
	for (const value of heard.flat()) {
		const text =
			inspect(value, {depth: 10, showHidden: true}) +
			inspect(value, {depth: 10, showHidden: true, getters: true, showProxy: true}) +
			json(value);
		t.false(text.includes(secret), `the token is in ${text}`);
	}
}

function json(value: unknown): string {
	try {
		const own =
			typeof value === 'object' && value !== null
				? Object.fromEntries(Object.getOwnPropertyNames(value).map(name => [name, (value as Record<string, unknown>)[name]]))
				: {};
		return `${JSON.stringify(value)}${JSON.stringify(own)}${String(value)}`;
	} catch {
		return '';
	}
}
