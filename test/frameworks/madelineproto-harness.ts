import {
	MadelineProto,
	autoTyping,
	type AutoTypingOptions,
	type ClientTypingControl,
	type MadelineProtoOptions,
} from '@auto-typing/madelineproto';
import {MtprotoService, TelegramApiServer, type ChatView, type MtprotoCall, type TelegramApiServerOptions} from '@auto-typing/simulator';
import type {ExecutionContext} from 'ava';

export {until, wait} from './harness.ts';

/** Short enough for handlers of a second; a call has two thirds of the interval, on however busy a machine. */
export const quick = {delay: 20, interval: 1000} as const satisfies AutoTypingOptions;

export const forum = -1_000_000_000_043;
export const alice = 555;

type Heard = Parameters<NonNullable<AutoTypingOptions['onEvent']>>[0];

export interface World {
	readonly server: TelegramApiServer;
	readonly service: MtprotoService;
	readonly client: MadelineProto;
	/** What reached `onError` of the client. */
	readonly caught: unknown[];
	/** What `onError` and `onEvent` of the typing heard, but for what only tells of a busy machine. */
	readonly errors: unknown[];
	readonly events: Heard[];
}

/** A server with a bot, and a client that listens. The typing is up to the test. */
export async function world(
	t: ExecutionContext,
	{server: serverOptions, ...options}: MadelineProtoOptions & {server?: TelegramApiServerOptions} = {},
): Promise<World> {
	const service =
		serverOptions?.service ??
		new MtprotoService({
			account: {id: 777, bot: true},
			peers: [
				{id: alice, username: 'alice'},
				{id: forum, topics: [43, 44]},
			],
		});
	const server = await TelegramApiServer.start({service, ...serverOptions});
	t.teardown(async () => server.close());
	const caught: unknown[] = [];
	const client = new MadelineProto(server.url, {onError: error => void caught.push(error), ...options});
	t.teardown(async () => client.close());
	return {server, service, client, caught, errors: [], events: []};
}

/** `autoTyping` with short times, everything it says kept, and a client that listens. */
export async function install({client, errors, events}: World, options: AutoTypingOptions = {}): Promise<ClientTypingControl> {
	const typing = autoTyping(client, {
		...quick,
		onError: error => void ((error as Error).name === 'TimeoutError' || errors.push(error)),
		onEvent: event => void events.push(event),
		...options,
	});
	await client.start();
	return typing;
}

export const isTyping = ({method}: MtprotoCall): boolean => method === 'messages.setTyping';

export function actionOf({payload}: MtprotoCall): string {
	return (payload['action'] as {_: string} | undefined)?._ ?? '';
}

/** What reached a chat, in order: the actions, and the methods that are none. Repetitions are one. */
export function story(service: MtprotoService, peer: number): string[] {
	return service.log
		.filter(call => call.peer === peer)
		.map(call => (isTyping(call) ? actionOf(call).replace(/^sendMessage(.*)Action$/, '$1') : call.method))
		.filter((item, index, all) => item !== all[index - 1]);
}

/** Nothing is shown in the chat any more, nor some time later. */
export function assertDark(t: ExecutionContext, view: ChatView<MtprotoCall>, from: number): void {
	t.is(view.after(from), 0, JSON.stringify(view.spans));
}
