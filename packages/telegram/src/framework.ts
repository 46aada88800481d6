import type {Gate} from '@auto-typing/core';
import type {ChatActionPayload} from './telegram.ts';

/**
Lets one call of the Bot API out: a message waits for what would land after it, and clears the indicator; any other call passes.

@param perform - Makes the call, once. It is handed a gate if files are uploaded that clear the indicator when they arrive.
*/
export type LetOut = <Result>(method: string, payload: object, perform: (gate?: Gate) => Promise<Result>) => Promise<Result>;

/** How the middleware reaches one bot. */
export interface Connection<Client> {
	/** Whether `client` is one of this bot's. */
	owns(client: Client): boolean;

	/** Send a chat action as `client` would, but not through it: it may spend the webhook reply. */
	send(client: Client, payload: ChatActionPayload, signal: AbortSignal): Promise<unknown>;

	/** Let the calls that go out through `client` be let out. Watching it twice changes nothing. */
	watch(client: Client): void;
}

/** What the middleware must know of a bot framework. */
export interface Framework<Context, Client> {
	/** One object for the whole life of the bot that made `ctx`. */
	botOf(ctx: Context): object | undefined;

	/** What the handlers of `ctx` call the Bot API by. `undefined` for what is none, such as a fake in a bot's own tests: then nothing is shown. */
	clientOf(ctx: Context): Client | undefined;

	/** Whether the Bot API can be called by it. A bot itself is none: its client is a member of it. */
	isClient(value: unknown): value is Client;

	/** Whether a value in a payload is a file that has to be uploaded. `name` is its key. */
	readonly isFile: (value: unknown, name: string) => boolean;

	/** Connect to the bot that `client` belongs to. Keep no reference to `client`: it may hold an update in memory. */
	readonly connect: (client: Client, letOut: LetOut) => Connection<Client>;

	/** Whether the calls of `ctx` are recorded and replayed, so that no chat action may be among them. Never, by default. */
	isReplayed?(ctx: Context): boolean;
}
