import {Settings, type Typing} from '@auto-typing/core';
import {telegramFacts, type ChatAction, type SettingsFor} from '@auto-typing/telegram';
import type {AutoTypingOptions} from './auto-typing.ts';

/** @see https://telegraf.js.org/interfaces/Telegraf.Options.html#handlerTimeout */
const telegrafsOwn = 90_000;

/** When Telegraf gives up what holds with these settings work for, in milliseconds after the start of the hold, or at a moment. */
const patience = new WeakMap<Settings<ChatAction>, {readonly after: number} | {readonly at: number}>();

/**
The options of a hold, which shows nothing any more when Telegraf has given its handler up.

Telegraf tells nobody about that but `bot.catch`, and a context doesn't know its bot: so the time it takes is an option here as it is there. A
hold inside another, or after it, goes by the time of that, since Telegraf counts from the start of the update.

@throws {TypeError | RangeError} For a wrong option: names it, what it got and what it expects.
*/
export function settingsWithin(options: AutoTypingOptions): SettingsFor {
	const {handlerTimeout} = options;
	check(handlerTimeout);
	const settings = new Settings(telegramFacts, options);
	const first = within(settings, {after: handlerTimeout ?? telegrafsOwn});
	return last => (last && handlerTimeout === undefined ? inside(last, settings) : first);
}

function inside({settings: around, from}: Typing<ChatAction>, settings: Settings<ChatAction>): Settings<ChatAction> {
	const limit = patience.get(around);
	if (!limit) {
		return settings;
	}

	// The one with `after` is that of an outermost hold, which begins to ask `delay` after its start.
	const at = 'at' in limit ? limit.at : from - around.delay + limit.after;
	return at === Infinity ? settings : within(settings, {at});
}

function within(settings: Settings<ChatAction>, limit: {readonly after: number} | {readonly at: number}): Settings<ChatAction> {
	const left = 'at' in limit ? Math.max(limit.at - performance.now(), 0) : limit.after;
	const {action, delay, interval, signal} = settings;
	const limited = new Settings(telegramFacts, {action, delay, interval, signal, maxDuration: Math.min(settings.maxDuration, left)});
	patience.set(limited, limit);
	return limited;
}

function check(handlerTimeout: number | undefined): void {
	if (handlerTimeout !== undefined && typeof handlerTimeout !== 'number') {
		throw new TypeError(
			`Expected \`handlerTimeout\` to be a number of milliseconds, got ${handlerTimeout === null ? 'null' : typeof handlerTimeout}`,
		);
	}

	// Written so that NaN fails as well.
	if (handlerTimeout !== undefined && !(handlerTimeout >= 0)) {
		throw new RangeError(`Expected \`handlerTimeout\` to be a number of at least 0, got ${handlerTimeout}`);
	}
}
