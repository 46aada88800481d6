import {inspect} from 'node:util';
import {autoTyping, type AutoTypingOptions, type TypingControl, type TypingFlavor} from '@auto-typing/gramjs';
import type {MtprotoCall, MtprotoServer, MtprotoServerOptions} from '@auto-typing/simulator';
import type {ExecutionContext} from 'ava';
import type {TelegramClient} from 'telegram';
import type {NewMessageEvent} from 'telegram/events/index.js';
import type {StringSession} from 'telegram/sessions/index.js';
import {clientOf, serve, type ClientOptions} from '../simulator/gramjs.ts';

export type Event = NewMessageEvent & TypingFlavor;
type Heard = Parameters<NonNullable<AutoTypingOptions['onEvent']>>[0];

/** For handlers of milliseconds. A call has two thirds of the interval, which is enough on a busy machine. */
export const quick = {delay: 20, interval: 3000} as const satisfies AutoTypingOptions;

export interface World {
	readonly server: MtprotoServer;
	readonly client: TelegramClient;
	/** What reached `client.onError`. */
	readonly caught: unknown[];
	/** What `onError` and `onEvent` heard. */
	readonly errors: unknown[];
	readonly events: Heard[];
}

export interface WorldOptions extends MtprotoServerOptions {
	readonly transport?: 'tcp' | 'ws';
	/** Whether the account is a bot. */
	readonly bot?: boolean;
	readonly client?: ClientOptions;
}

/** A service, and a real client that is connected to it. */
export async function world(
	t: ExecutionContext,
	{transport = 'tcp', bot = false, client: parameters, ...options}: WorldOptions = {},
): Promise<World> {
	const server = await serve(t, {account: {bot}, ...options});
	const client = await clientOf(t, server, {transport: transport === 'tcp' ? 'full' : 'websocket', retryDelay: 50, ...parameters});
	const caught: unknown[] = [];
	client.onError = async error => void caught.push(error);
	await client.connect();
	return {server, client, caught, errors: [], events: []};
}

/** `autoTyping` with short times, everything it says kept. */
export function install(w: World, options: AutoTypingOptions = {}): TypingControl {
	return autoTyping(w.client, heard(w, options));
}

export function heard({errors, events}: World, options: AutoTypingOptions = {}): AutoTypingOptions {
	return {...quick, onError: error => void errors.push(error), onEvent: event => void events.push(event), ...options};
}

export const isTyping = ({method, payload}: MtprotoCall): boolean => method === 'messages.setTyping' && !isCancel({method, payload});

export function isCancel({method, payload}: Pick<MtprotoCall, 'method' | 'payload'>): boolean {
	return method === 'messages.setTyping' && actionOf(payload) === 'sendMessageCancelAction';
}

export function actionOf(payload: MtprotoCall['payload']): string {
	return (payload['action'] as {_: string})._;
}

export const isMessage = ({method}: MtprotoCall): boolean =>
	/^messages\.(?:send(?:Message|Media|MultiMedia)|forwardMessages)$/.test(method);

/** Resolves once `count` calls that match have arrived, those of the past included. */
export async function seen(server: MtprotoServer, match: (call: MtprotoCall) => boolean, count = 1): Promise<void> {
	const story = () => server.log.map(({method, payload}) => (method === 'messages.setTyping' ? actionOf(payload) : method)).join(', ');
	await until(() => server.log.filter(call => call.outcome !== 'pending' && match(call)).length >= count, story);
}

/** Resolves once it is back after a message in that chat. */
export async function seenAgain(server: MtprotoServer, chat: number, topic?: number): Promise<void> {
	const isHere = (call: MtprotoCall) => call.peer === chat && (topic === undefined || call.topic === topic) && call.effect;
	await seen(server, call => isHere(call) && isMessage(call));
	const {at} = server.log.find(call => isHere(call) && isMessage(call))!;
	await seen(server, call => isHere(call) && isTyping(call) && call.at > at);
}

export async function wait(ms: number): Promise<void> {
	return new Promise(resolve => {
		setTimeout(resolve, ms);
	});
}

export async function until(condition: () => boolean, what: () => string = () => String(condition)): Promise<void> {
	const end = performance.now() + 20_000;
	while (!condition()) {
		if (performance.now() > end) {
			throw new Error(`Waited in vain; ${what()}`);
		}

		await wait(5);
	}
}

/** What happened in a chat, in order: `typing`, `cancel`, `sendMessage`… Repetitions are one. */
export function story(server: MtprotoServer, chat: number, topic?: number): string[] {
	return server.log
		.filter(
			call =>
				call.peer === chat && (topic === undefined || call.topic === topic) && (call.method === 'messages.setTyping' || isMessage(call)),
		)
		.map(({method, payload}) =>
			method === 'messages.setTyping'
				? actionOf(payload).replace(/^sendMessage(?<name>.*)Action$/, (_match, name: string) => name.toLowerCase())
				: method.replace('messages.', ''),
		)
		.filter((item, index, items) => item !== items[index - 1]);
}

/** A message or a cancel is the last that happened, and the person saw nothing after it. */
export async function assertQuiet(t: ExecutionContext, server: MtprotoServer, chat: number, topic?: number): Promise<void> {
	await wait(300);
	const here = server.log.filter(call => call.peer === chat && call.effect && (topic === undefined || call.topic === topic));
	const last = here.findLast(call => isMessage(call) || isCancel(call));
	t.truthy(last, 'something took it down');
	t.is(server.chat(chat, topic === undefined ? {} : {topic}).after(last!.at), 0, story(server, chat, topic).join(', '));
	t.false(isTyping(here.at(-1)!), story(server, chat, topic).join(', '));
}

/** Searches everything in sight for the key of the session. */
export function assertNoKey(t: ExecutionContext, {client}: World, ...heard: unknown[]): void {
	const key = client.session.getAuthKey()!.getKey()!;
	const saved = (client.session as StringSession).save();
	const traces = [key.toString('hex').slice(0, 40), key.toString('base64').slice(0, 40), saved.slice(20, 80), inspect(key).slice(8, 60)];
	for (const value of heard.flat()) {
		const text = inspect(value, {depth: 12, showHidden: true, getters: true, showProxy: true, maxStringLength: Infinity}) + String(value);
		for (const trace of traces) {
			t.false(text.includes(trace), 'the key of the session is in sight');
		}
	}
}
