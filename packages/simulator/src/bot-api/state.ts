import type {UserFromGetMe} from '@grammyjs/types';
import {Chats, type Place} from './chats.ts';
import {Messages} from './messages.ts';
import type {Payload} from './parameters.ts';
import {Updates} from './updates.ts';
import type {Webhook, WebhookOptions} from './webhook.ts';

/** Everything the service remembers of its one bot. */
export interface State {
	readonly botInfo: UserFromGetMe;
	readonly startedAt: number;
	readonly chats: Chats;
	readonly messages: Messages;
	readonly updates: Updates;
	/** Sizes of the files by id, in bytes. */
	readonly files: Map<string, number>;
	/** Callback queries nobody has answered yet. */
	readonly callbackQueries: Set<string>;
	commands: unknown;
	loggedOut: boolean;
	webhook: Webhook | undefined;
	/** The parts of a webhook that the service sets, not the bot. */
	readonly webhookDefaults: () => Pick<WebhookOptions, 'timeout' | 'retry' | 'onReply'>;
}

export function createState(botInfo: UserFromGetMe, webhookDefaults: State['webhookDefaults']): State {
	return {
		botInfo,
		startedAt: performance.now(),
		chats: new Chats(),
		messages: new Messages(),
		updates: new Updates(),
		files: new Map(),
		callbackQueries: new Set(),
		commands: [],
		loggedOut: false,
		webhook: undefined,
		webhookDefaults,
	};
}

/** One request on its way through a method. */
export interface Call {
	readonly payload: Payload;
	/** Where it goes; only for methods that address a chat. */
	readonly place: Place | undefined;
	/** Aborted when the client hangs up. */
	readonly signal: AbortSignal;
	readonly state: State;
}

/** A Bot API method. */
export interface Method {
	readonly name: string;
	/**
	How it addresses a chat: `'send'` puts a message into it, `'action'` is a chat action, `'known'` needs the chat to exist.
	Those with one count against the rate limits. Without one it needs no chat.
	*/
	readonly chat?: 'send' | 'action' | 'known';
	/** Gives the `result`. @throws {Refusal} as the service would */
	readonly run: (call: Call) => unknown;
}

/** An answer that carries a description beside its result, as `setWebhook` gives. */
export class Described {
	readonly result: unknown;
	readonly description: string;

	constructor(result: unknown, description: string) {
		this.result = result;
		this.description = description;
	}
}
