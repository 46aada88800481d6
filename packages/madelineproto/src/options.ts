import type {MessageEvent} from './message-event.ts';

/** How to reach a TelegramApiServer. */
export interface MadelineProtoOptions {
	/**
	The session to use and to hear of, where the server has several.

	@default the only one; events of all
	*/
	readonly session?: string | undefined;

	/** The user of Basic authentication: one of the server's `PASSWORDS`. Both may stand in the URL, too. */
	readonly username?: string | undefined;
	readonly password?: string | undefined;

	/**
	How often the connection for events has to give a sign of life, in milliseconds. One that gives none is made anew.

	@default 15_000
	*/
	readonly heartbeat?: number | undefined;

	/**
	Hears of what a handler throws, with its event, and of a connection for events that is gone.

	@default prints it
	*/
	readonly onError?: ((error: unknown, event: MessageEvent | undefined) => unknown) | undefined;
}

/** The default of `onError`. */
export function print(error: unknown): void {
	console.error(error);
}

/** @throws {TypeError | RangeError} Names the option, what it got and what it expects. */
export function checkOptions(options: MadelineProtoOptions): MadelineProtoOptions {
	if (typeof options !== 'object' || options === null) {
		throw new TypeError(`Expected \`options\` to be an object, got ${options === null ? 'null' : typeof options}`);
	}

	const {heartbeat, onError} = options;
	if (heartbeat !== undefined && !(typeof heartbeat === 'number' && heartbeat >= 1 && heartbeat <= 2 ** 31 - 1)) {
		throw new RangeError(
			`Expected \`heartbeat\` to be a number of milliseconds of at least 1, got ${typeof heartbeat === 'number' ? heartbeat : typeof heartbeat}`,
		);
	}

	if (onError !== undefined) {
		checkFunction('onError', onError);
	}

	return options;
}

/** @throws {TypeError} Names it, and what it got. */
export function checkFunction(name: string, value: unknown): void {
	if (typeof value !== 'function') {
		throw new TypeError(`Expected \`${name}\` to be a function, got ${value === null ? 'null' : typeof value}`);
	}
}
