/**
Draws `docs/demo.svg`, the picture in the README: the last screen of the demo, by the demo's own drawing code, from a run that was recorded.

`record` as the argument plays the demo anew first, and keeps the run in `run.jsonl`: else the picture is the same every time.
*/
import {readFile, writeFile} from 'node:fs/promises';
import {figures} from '../../../examples/demo/src/figures.ts';
import {frame} from '../../../examples/demo/src/frame.ts';
import {play} from '../../../examples/demo/src/play.ts';
import type {Recording} from '../../../examples/demo/src/recording.ts';
import {table} from '../../../examples/demo/src/table.ts';
import {svg} from './svg.ts';

const run = new URL('run.jsonl', import.meta.url);
const picture = new URL('../../../docs/demo.svg', import.meta.url);
const columns = 98;

async function record(): Promise<void> {
	console.log('Playing the demo, which takes about twenty seconds…');
	const recording = await play(() => {});
	if (figures(recording).some(({faults}) => faults.length > 0)) {
		throw new Error('Not all figures hold in this run: not a picture to show around');
	}

	// A line for each chat. Whole milliseconds will do.
	const {chats, ...about} = recording;
	const line = (value: object) => JSON.stringify(value, (_key, field: unknown) => (typeof field === 'number' ? Math.round(field) : field));
	await writeFile(run, [about, ...chats].map(value => `${line(value)}\n`).join(''));
}

async function recorded(): Promise<Recording> {
	const lines = (await readFile(run, 'utf8')).trim().split('\n');
	const [about, ...chats] = lines.map(line => JSON.parse(line) as unknown);
	return {...(about as Omit<Recording, 'chats'>), chats: chats as Recording['chats']};
}

if (process.argv[2] === 'record') {
	await record();
}

const recording = await recorded();
const rows = [...frame(recording, {columns, rows: Infinity}), [], ...table(recording)];
const title =
	'The demo in a terminal: conversations with a bot, each with a lane that shows when “typing…” was up, and a table of what everybody saw';
await writeFile(picture, svg(rows, {columns, title, command: 'npx --yes pnpm@12 demo'}));
