import * as spans from './span.ts';
import type {Shown, Span} from './span.ts';

/** One request as a service logged it: the least a chat view needs to know of it. */
export interface Entry {
	/** When it took effect, in milliseconds on any clock that only moves forward. */
	readonly at: number;
	readonly method: string;
	readonly payload: Readonly<Record<string, unknown>>;
	/** Whether the person could see what it did: false for a refusal, or a typing call into a place nobody looks at. */
	readonly effect: boolean;
	/** Whether the service turned it down. */
	readonly refused: boolean;
}

/** What a chat service's clients do with a request. One object per platform. */
export interface Rules<E extends Entry = Entry> {
	/** How long one typing call stays visible, in milliseconds; a function where the call itself says so. */
	readonly ttl: number | ((entry: E) => number);
	/** The action a typing call asks for; `undefined` for every other request. */
	shows(entry: E): string | undefined;
	/** Whether the request takes the indicator down. */
	clears(entry: E): boolean;
	/** Whether the request is a message to the chat. Whatever clears, unless the platform has a `stop` too. */
	message?(entry: E): boolean;
}

/** A message of the bot that landed in the chat. */
export interface Landed {
	readonly at: number;
	readonly method: string;
	readonly text?: string;
}

/**
What one person saw in one chat, worked out from the log of what reached the service.

It is a pure function of that log and the platform's rules, evaluated when it is asked: hold on to a view while the chat goes
on and it stays up to date. A span that is still running ends where its ttl will, which may be in the future.
*/
export class ChatView<E extends Entry = Entry> {
	readonly #log: () => readonly E[];
	readonly #rules: Rules<E>;

	/**
	@param log - the requests of one chat and topic in the order they took effect, or a function that returns them
	*/
	constructor(log: readonly E[] | (() => readonly E[]), rules: Rules<E>) {
		this.#log = typeof log === 'function' ? log : () => log;
		this.#rules = rules;
	}

	/** When an indicator was visible, and which. Renewals of one action that meet or overlap are one span. */
	get spans(): readonly Shown[] {
		const shown: Array<{from: number; to: number; action: string}> = [];
		for (const entry of this.#log()) {
			if (!entry.effect) continue;
			const last = shown.at(-1);
			const action = this.#rules.shows(entry);
			if (action !== undefined) {
				const {ttl} = this.#rules;
				const to = entry.at + (typeof ttl === 'function' ? ttl(entry) : ttl);
				if (last && last.action === action && last.to >= entry.at) {
					// A renewal restarts the ttl; it never adds to what is left of it.
					last.to = to;
					continue;
				}

				if (last && last.to > entry.at) last.to = entry.at;
				shown.push({from: entry.at, to, action});
			} else if (last && last.to > entry.at && this.#rules.clears(entry)) {
				last.to = entry.at;
			}
		}

		return shown.filter(span => span.to > span.from);
	}

	/** The bot's messages that landed. */
	get messages(): readonly Landed[] {
		const isMessage = (entry: E) => this.#rules.message?.(entry) ?? this.#rules.clears(entry);
		return this.#log()
			.filter(entry => entry.effect && isMessage(entry))
			.map(({at, method, payload}) => {
				const text = payload['text'] ?? payload['caption'];
				return typeof text === 'string' ? {at, method, text} : {at, method};
			});
	}

	/** The requests the service turned down, typing calls and messages alike. */
	get refused(): readonly E[] {
		return this.#log().filter(entry => entry.refused);
	}

	/** How many typing calls arrived, the refused ones included. */
	get calls(): number {
		return this.#log().filter(entry => this.#rules.shows(entry) !== undefined).length;
	}

	/** The action visible at that moment. */
	visible(at: number): string | undefined {
		return this.spans.find(span => span.from <= at && at < span.to)?.action;
	}

	/** The share (0–1) of that time in which an indicator was visible. */
	covered(from: number, to: number): number {
		return spans.covered(this.spans, from, to);
	}

	/** The gaps of that time in which no indicator was visible. */
	dark(from: number, to: number): readonly Span[] {
		return spans.dark(this.spans, from, to);
	}

	/** How long the indicator was visible after `at`, in milliseconds, up to its next end: what they saw after a reply. */
	after(at: number): number {
		return spans.after(this.spans, at);
	}
}
