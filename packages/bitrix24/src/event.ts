import qs from 'qs';
import {show} from './show.ts';
import {isDialogId, type DialogTarget} from './target.ts';
import {isSameToken} from './token.ts';

/** A request that is no event of the portal. `status` is what to answer with; Koa does by itself. */
export class EventError extends Error {
	/** 400: no event, 403: not from the portal, 413: too large. */
	readonly status: 400 | 403 | 413;
	/** The message may be answered with: it holds nothing of the request. */
	readonly expose = true;

	constructor(status: EventError['status'], message: string) {
		super(message);
		this.name = 'EventError';
		this.status = status;
	}
}

/** Fields as PHP sends them: every value is a string, and every list an object with numbers for names. */
export interface Fields {
	readonly [name: string]: string | Fields | undefined;
}

/** The portal that says it sent an event. */
export interface Sender {
	readonly memberId: string | undefined;
	readonly domain: string | undefined;
}

/** The application token of a portal, or what looks it up where an application serves several. */
export type ApplicationToken = string | ((sender: Sender) => string | undefined);

/**
One event, such as a message to the bot.

Its `data` and `auth` have access tokens in them: they are getters, so that an event that is logged doesn't show them.
*/
export class Bitrix24Event {
	/** `ONIMBOTMESSAGEADD`, `ONIMBOTV2MESSAGEADD`, … */
	readonly name: string;
	/** The same for every delivery of one message or command: what to know a repetition by. None for what may happen twice, as a change may. */
	readonly id: string | undefined;
	/** The bot it is for. */
	readonly botId: number | undefined;
	/** Where to answer: a user's id, or `chatXXX`. */
	readonly dialogId: string | undefined;
	/** Who wrote the message. */
	readonly userId: number | undefined;
	readonly messageId: number | undefined;
	/** The text of the message. */
	readonly text: string | undefined;
	readonly #fields: Fields;

	constructor(fields: Fields) {
		const data = inner(fields, 'data');
		const [bot, params] = [inner(data, 'bot'), inner(data, 'PARAMS')];
		const [message, chat] = [inner(data, 'message'), inner(data, 'chat')];
		this.#fields = fields;
		this.name = leaf(fields, 'event') ?? '';
		// Version 1 has the bot's id in the name of a field.
		this.botId = integer(leaf(bot, 'id') ?? Object.keys(inner(data, 'BOT'))[0]);
		const dialogId = leaf(chat, 'dialogId') ?? leaf(data, 'dialogId') ?? leaf(params, 'DIALOG_ID');
		this.dialogId = isDialogId(dialogId) ? dialogId : undefined;
		this.userId = integer(leaf(inner(data, 'user'), 'id') ?? leaf(params, 'FROM_USER_ID'));
		this.messageId = integer(leaf(message, 'id') ?? leaf(params, 'MESSAGE_ID'));
		this.text = leaf(message, 'text') ?? leaf(params, 'MESSAGE');
		this.id =
			this.messageId === undefined || !this.name.endsWith('ADD')
				? undefined
				: [leaf(this.auth, 'member_id') ?? '', this.name, this.botId ?? '', this.messageId].join('/');
	}

	/** Whatever else the event tells. */
	get data(): Fields {
		return inner(this.#fields, 'data');
	}

	/** The portal, and the tokens to call it with. */
	get auth(): Fields {
		return inner(this.#fields, 'auth');
	}
}

/** More than any event has; a message is 20_000 characters at the most. */
const largest = 1_000_000;

/**
Parse an event, and see that it is from the portal.

It takes the raw body, because the usual parsers take `data[BOT][7]` for the seventh item of a list, and lose the id of every bot up to 20.

@param raw - The body of the request as it came: `ctx.request.rawBody` of `@koa/bodyparser`.
@param applicationToken - The portal's, from its first event (`ONAPPINSTALL`) or the settings of the local application.
@throws {EventError} If it is no event, is too large, or has another token: with the status to answer with.
@throws {TypeError} If `applicationToken` is neither a token nor a function that returns one.
@see https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/events/events.html#webhook-payload
@example
```ts
import {parseEvent} from '@auto-typing/bitrix24';

const raw = 'event=ONIMBOTMESSAGEADD&data%5BBOT%5D%5B7%5D%5BBOT_ID%5D=7&data%5BPARAMS%5D%5BDIALOG_ID%5D=27&auth%5Bapplication_token%5D=secret';
const {botId, dialogId} = parseEvent(raw, 'secret'); // 7, '27'
```
*/
export function parseEvent(raw: unknown, applicationToken: ApplicationToken): Bitrix24Event {
	// An empty one would let in every event without one.
	if (typeof applicationToken !== 'function' && (typeof applicationToken !== 'string' || applicationToken === '')) {
		throw new TypeError(`Expected \`applicationToken\` to be a string that is not empty, or a function, got ${typeof applicationToken}`);
	}

	const fields = parse(raw);
	if (!leaf(fields, 'event')) {
		throw new EventError(400, 'No event of Bitrix24');
	}

	const auth = inner(fields, 'auth');
	const sender = {memberId: leaf(auth, 'member_id'), domain: leaf(auth, 'domain')};
	const expected = typeof applicationToken === 'function' ? applicationToken(sender) : applicationToken;
	if (typeof (expected ?? '') !== 'string') {
		throw new TypeError(`Expected \`applicationToken\` to return a string, or nothing, got ${show(expected)}`); // A promise, say.
	}

	// The one at the top: that of the bot is not meant for this.
	if (!expected || !isSameToken(leaf(auth, 'application_token') ?? '', expected)) {
		throw new EventError(403, 'Not from the portal: another application token');
	}

	return new Bitrix24Event(fields);
}

/**
The dialog an event came from, or `undefined` if it came from none.

@example
```ts
import {parseEvent, targetOf} from '@auto-typing/bitrix24';

declare const raw: string;

targetOf(parseEvent(raw, 'secret')); // {dialogId: '27', botId: 7}
```
*/
export function targetOf({dialogId, botId}: Pick<Bitrix24Event, 'dialogId' | 'botId'>): DialogTarget | undefined {
	return dialogId === undefined ? undefined : {dialogId, ...(botId !== undefined && {botId})};
}

function parse(raw: unknown): Fields {
	if (typeof raw !== 'string' && !(raw instanceof Uint8Array)) {
		const isParsed = typeof raw === 'object' && raw !== null;
		throw new EventError(400, isParsed ? 'Expected the body as it came, got one that was parsed' : 'No form in the body');
	}

	if (raw.length > largest) {
		throw new EventError(413, 'Too large for an event');
	}

	try {
		return qs.parse(typeof raw === 'string' ? raw : new TextDecoder().decode(raw), {
			parseArrays: false,
			plainObjects: true, // Without a prototype nothing can be done to one.
			duplicates: 'last', // As in PHP.
			depth: 10,
			// What is cut off may be the token, which comes last.
			parameterLimit: 5000,
			throwOnLimitExceeded: true,
		}) as Fields;
	} catch {
		throw new EventError(413, 'Too many fields for an event');
	}
}

const none: Fields = {};

/** A group of fields; none if there is no such group. */
function inner(fields: Fields, name: string): Fields {
	const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
	return typeof value === 'object' && value !== null ? value : none;
}

function leaf(fields: Fields, name: string): string | undefined {
	const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
	return typeof value === 'string' ? value : undefined;
}

function integer(value: string | undefined): number | undefined {
	return value !== undefined && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : undefined;
}
