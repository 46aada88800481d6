import {refusal} from './refusal.ts';
import type {Bitrix24Bot} from './options.ts';

/** One call on its way through a method. */
interface RestCall {
	readonly params: Readonly<Record<string, unknown>>;
	/** How it was let in: a webhook has to say which bot it is, an application is known by its token. */
	readonly by: 'webhook' | 'oauth';
	readonly bots: ReadonlyMap<number, Bitrix24Bot>;
	/** The dialogs the bot is no member of. */
	readonly closed: ReadonlySet<string>;
	/** The number of the next message. */
	readonly nextId: () => number;
}

/** What a method did. */
interface Done {
	readonly result: unknown;
	readonly bot: Bitrix24Bot;
	/** The message that it sent. */
	readonly messageId?: number;
	/** Whether anybody could see it. */
	readonly effect: boolean;
}

/** A method of the REST API. */
interface RestMethod {
	readonly name: string;
	/** What it does in a dialog: shows the indicator, puts a message there, or changes one. */
	readonly does: 'typing' | 'message' | 'change';
	readonly run: (call: RestCall) => Done;
}

/** Version 1: upper case, and the first bot of the application by default. */
function botOfVersion1({params, by, bots}: RestCall): Bitrix24Bot {
	const [first] = bots.values();
	const bot = params['BOT_ID'] === undefined ? first : bots.get(Number(params['BOT_ID']));
	if (!bot) throw refusal('BOT_ID_ERROR');
	// The application of a webhook is told by its CLIENT_ID.
	if (by === 'webhook' && params['CLIENT_ID'] !== bot.clientId) throw refusal('APP_ID_ERROR');
	return bot;
}

function botOfVersion2({params, by, bots}: RestCall): Bitrix24Bot {
	if (by === 'webhook' && !params['botToken']) throw refusal('BOT_TOKEN_NOT_SPECIFIED');
	if (params['botId'] === undefined) throw refusal('BOT_ID_REQUIRED');
	const bot = bots.get(Number(params['botId']));
	if (!bot) throw refusal('BOT_NOT_FOUND');
	if (by === 'webhook' && params['botToken'] !== bot.botToken) throw refusal('BOT_OWNERSHIP_ERROR');
	return bot;
}

/** The dialog a call names, in either version's spelling. */
export function dialogOf(params: Readonly<Record<string, unknown>>): string | undefined {
	const id = params['DIALOG_ID'] ?? params['dialogId'];
	return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

/** The message a call names, in either version's spelling. */
export function messageOf(params: Readonly<Record<string, unknown>>): number {
	return Number(params['MESSAGE_ID'] ?? params['messageId']);
}

/** The text of a message, in either version's spelling. */
export function textOf(params: Readonly<Record<string, unknown>>): string | undefined {
	const text = params['MESSAGE'] ?? (params['fields'] as {message?: unknown} | undefined)?.message;
	return typeof text === 'string' ? text : undefined;
}

function dialogOfVersion1({params}: RestCall): string {
	const dialog = dialogOf(params);
	if (!dialog) throw refusal('DIALOG_ID_EMPTY');
	return dialog;
}

/** @throws {RestRefusal} Where the bot is no member. */
function dialogOfVersion2({params, closed}: RestCall): string {
	const dialog = dialogOf(params) ?? '';
	if (!/^(?:chat)?\d+$/.test(dialog) || closed.has(dialog)) throw refusal('ACCESS_DENIED');
	return dialog;
}

const list: readonly RestMethod[] = [
	{
		name: 'imbot.chat.sendTyping',
		does: 'typing',
		run(call) {
			const bot = botOfVersion1(call);
			// "Returns true immediately after the command is sent": nobody looks whether anybody can see it.
			return {result: true, bot, effect: !call.closed.has(dialogOfVersion1(call))};
		},
	},
	{
		name: 'imbot.v2.Chat.InputAction.notify',
		does: 'typing',
		run(call) {
			const bot = botOfVersion2(call);
			dialogOfVersion2(call);
			return {result: {result: true}, bot, effect: true};
		},
	},
	{
		name: 'imbot.message.add',
		does: 'message',
		run(call) {
			const bot = botOfVersion1(call);
			if (call.closed.has(dialogOfVersion1(call))) throw refusal('ACCESS_ERROR');
			if (!textOf(call.params)) throw refusal('MESSAGE_EMPTY');
			const messageId = call.nextId();
			return {result: messageId, bot, effect: true, messageId};
		},
	},
	...['imbot.v2.Chat.Message.send', 'imbot.v2.Command.answer', 'imbot.v2.File.upload'].map((name): RestMethod => ({
		name,
		does: 'message',
		run(call) {
			const bot = botOfVersion2(call);
			dialogOfVersion2(call);
			const messageId = call.nextId();
			return {result: {id: messageId, uuidMap: {}}, bot, effect: true, messageId};
		},
	})),
	...['imbot.message.update', 'imbot.message.delete'].map((name): RestMethod => ({
		name,
		does: 'change',
		run: call => ({result: true, bot: botOfVersion1(call), effect: true}),
	})),
	...['imbot.v2.Chat.Message.update', 'imbot.v2.Chat.Message.delete'].map((name): RestMethod => ({
		name,
		does: 'change',
		run: call => ({result: {result: true}, bot: botOfVersion2(call), effect: true}),
	})),
];

/** By lower-case name: the vendor doesn't mind the case. */
export const methods: ReadonlyMap<string, RestMethod> = new Map(list.map(method => [method.name.toLowerCase(), method]));
