import {once, type EventEmitter} from 'node:events';
import {createServer, request as httpRequest, type IncomingHttpHeaders, type RequestOptions, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {Indicator} from '@auto-typing/core';
import {autoTyping, type AutoTypingOptions, type TypingMiddleware, type TypingState} from '@auto-typing/koa';
import {BotApi} from '@auto-typing/simulator';
import {targetOf, telegram, type ChatAction, type ChatTarget} from '@auto-typing/telegram';
import {bodyParser} from '@koa/bodyparser';
import {Router} from '@koa/router';
import type {ExecutionContext} from 'ava';
import Koa from 'koa';
import {quick} from './harness.ts';

type State = TypingState<ChatAction>;
export type Ctx = Koa.ParameterizedContext<State>;
export type Handler = (ctx: Ctx) => unknown;
export type Options = AutoTypingOptions<ChatAction, Koa.ParameterizedContext>;

/** What a client got. */
export interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
	/** When all of it was there. */
	readonly at: number;
}

export interface World {
	readonly server: BotApi;
	readonly indicator: Indicator<ChatTarget, ChatAction>;
	/** What reached `app.on('error')`. */
	readonly errors: Array<{readonly error: Error & {status?: number; headerSent?: boolean}; readonly ctx: Ctx}>;
	/** Calls a method of the Bot API, by plain `fetch`. */
	call(method: string, payload: object, signal?: AbortSignal): Promise<unknown>;
	/** Sends a message where the request of `ctx` came from, past the indicator. */
	reply(ctx: Ctx, text: string): Promise<void>;
}

/** A service, and the indicator of a bot that knows no framework. */
export async function world(t: ExecutionContext): Promise<World> {
	const server = await BotApi.start();
	t.teardown(async () => server.close());
	const call = async (method: string, payload: object, signal?: AbortSignal) => {
		const response = await fetch(`${server.url}/bot${server.token}/${method}`, {
			method: 'POST',
			headers: {'content-type': 'application/json'},
			body: JSON.stringify(payload),
			...(signal && {signal}),
		});
		const answer: unknown = await response.json();
		if (!response.ok) {
			throw Object.assign(new Error(`${method} was refused`), answer);
		}

		return answer;
	};

	const indicator = new Indicator(
		telegram(async (payload, signal) => call('sendChatAction', payload, signal)),
		quick,
	);
	t.teardown(async () => indicator.close());
	return {
		server,
		indicator,
		errors: [],
		call,
		async reply(ctx, text) {
			const target = targetOf(ctx.request.body as object)!;
			await indicator.message(target, async () => call('sendMessage', {chat_id: target.chatId, text}));
		},
	};
}

/** An application, whatever its state and its context. */
type App = Pick<Koa, 'callback' | 'currentContext'> & Pick<EventEmitter, 'on'>;

export interface Site {
	readonly app: App;
	readonly http: Server;
	readonly url: string;
	readonly typing: TypingMiddleware<State>;
}

/** The recommended set-up: the parser before the middleware, both on the route of the webhook. */
export async function site(
	t: ExecutionContext,
	world: World,
	handler: Handler,
	options?: Options,
	{before = []}: {before?: readonly Koa.Middleware[]} = {},
): Promise<Site> {
	const typing = autoTyping(world.indicator, ctx => targetOf(ctx.request.body as object), options);
	const app = new Koa({asyncLocalStorage: true});
	for (const middleware of before) {
		app.use(middleware);
	}

	const router = new Router();
	router.post('/bot', bodyParser(), typing, async ctx => {
		await handler(ctx);
	});
	app.use(router.routes());
	return {typing, ...(await listen(t, world, app))};
}

/** Puts an application on a real socket. */
export async function listen(t: ExecutionContext, {errors}: World, app: App): Promise<Omit<Site, 'typing'>> {
	app.on('error', (error: Error, ctx: Ctx) => errors.push({error, ctx}));
	// oxlint-disable-next-line typescript/no-misused-promises -- as `app.listen` does
	const http = createServer(app.callback());
	http.listen(0, '127.0.0.1');
	await once(http, 'listening');
	t.teardown(() => {
		http.closeAllConnections();
		http.close();
	});
	return {app, http, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/bot`};
}

let lastId = 0;

/** An update as Telegram posts it. */
export function update(chat: number, text = 'hello', id: number = ++lastId): object {
	return {update_id: id, message: {message_id: id, date: 1, chat: {id: chat, type: 'private'}, text}};
}

/** Posts an update, or whatever else, to the webhook. */
export async function post(url: string, body: object | string, options: RequestOptions = {}): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const headers = {'content-type': 'application/json', ...(options.headers as Record<string, string>)};
		httpRequest(url, {method: 'POST', agent: false, ...options, headers})
			.on('error', reject)
			.on('response', response => {
				const chunks: Buffer[] = [];
				response
					.on('error', reject)
					.on('data', (chunk: Buffer) => chunks.push(chunk))
					.on('end', () => {
						const {statusCode: status = 0, headers} = response;
						resolve({status, headers, body: Buffer.concat(chunks).toString(), at: performance.now()});
					});
			})
			.end(typeof body === 'string' ? body : JSON.stringify(body));
	});
}

/** A promise to be settled from elsewhere: what a handler waits for. */
export interface Gate {
	readonly passed: Promise<void>;
	open(): void;
}

export function gate(): Gate {
	let open!: () => void;
	const passed = new Promise<void>(resolve => {
		open = resolve;
	});
	return {passed, open};
}
