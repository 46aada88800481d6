import {nameOf} from './lane.ts';
import type {ChatRecording, Recording} from './recording.ts';
import {plain, type Row} from './row.ts';
import {places} from './story.ts';

interface Entry {
	readonly at: number;
	readonly text: string;
}

/** Tells a run in plain lines, where there is no terminal to draw on. */
export class Journal {
	#told = 0;
	readonly #print: (line: string) => void;

	constructor(print: (line: string) => void) {
		this.#print = print;
	}

	/** Tells what is new. What has happened up to now can't change any more, so counting is enough. */
	update(recording: Recording): void {
		const entries = places
			.flatMap(({who, chats}) => {
				const here = recording.chats.filter(({id}) => chats.includes(id));
				return (here.length > 1 ? crowdEntries(here, recording.now) : chatEntries(here[0]!)).map(({at, text}) => ({
					at,
					text: `${who.padEnd(10)} ${text}`,
				}));
			})
			.filter(({at}) => at <= recording.now)
			.toSorted((a, b) => a.at - b.at);
		for (const {at, text} of entries.slice(this.#told)) {
			this.#print(`${(at / 1000).toFixed(2).padStart(6)} s  ${text}`);
		}

		this.#told = entries.length;
	}

	/** Prints what it all came to. */
	end(recording: Recording, rows: readonly Row[]): void {
		this.update(recording);
		this.#print('');
		for (const row of rows) {
			this.#print(plain(row));
		}
	}
}

function chatEntries({said, spans, refused, givenUp}: ChatRecording): Entry[] {
	return [
		...said.map(({at, who = 'bot', text}) => ({at, text: `${who}: ${text}`})),
		...spans.flatMap(({from, to, action}) => [
			{at: from, text: `    ${nameOf(action)}`},
			{at: to, text: `    ${nameOf(action)} is over`},
		]),
		...refused.map(({at, text}) => ({at, text: `    ${text}`})),
		...(givenUp === undefined ? [] : [{at: givenUp, text: '    gave up the work'}]),
	];
}

/** A line for all of them, every half a second. */
function crowdEntries(chats: readonly ChatRecording[], now: number): Entry[] {
	const lines = chats.flatMap(({said}) => said);
	const from = Math.min(...lines.map(({at}) => at));
	const replies = lines.filter(({who}) => who === undefined).map(({at}) => at);
	const until = replies.length === chats.length ? Math.max(...replies) + 500 : now;
	const entries: Entry[] = lines.length === 0 ? [] : [{at: from, text: `${chats.length} people ask at once`}];
	for (let at = from + 500; at <= Math.min(until, now); at += 500) {
		const typing = chats.filter(({spans}) => spans.some(span => span.from <= at && at < span.to)).length;
		entries.push({at, text: `    typing… in ${typing}, ${replies.filter(reply => reply <= at).length} answered`});
	}

	return entries;
}
