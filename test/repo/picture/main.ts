/**
Draws `docs/demo.svg`, the picture in the README: the last screen of the demo, by the demo's own drawing code, from a run that was recorded.

`record` as the argument plays the demo anew first, and keeps the run in `run.json`: else the picture is the same every time.
*/
import {readFile, writeFile} from 'node:fs/promises';
import {figures} from '../../../examples/demo/src/figures.ts';
import {frame} from '../../../examples/demo/src/frame.ts';
import {play} from '../../../examples/demo/src/play.ts';
import type {Recording} from '../../../examples/demo/src/recording.ts';
import {table} from '../../../examples/demo/src/table.ts';
import {svg} from './svg.ts';

const run = new URL('run.json', import.meta.url);
const picture = new URL('../../../docs/demo.svg', import.meta.url);
const columns = 98;

async function record(): Promise<void> {
	console.log('Playing the demo, which takes about twenty seconds…');
	const recording = await play(() => {});
	if (figures(recording).some(({faults}) => faults.length > 0)) {
		throw new Error('Not all figures hold in this run: not a picture to show around');
	}

	await writeFile(run, `${JSON.stringify(recording, (_key, value: unknown) => (typeof value === 'number' ? Math.round(value) : value))}\n`);
}

if (process.argv[2] === 'record') {
	await record();
}

const recording = JSON.parse(await readFile(run, 'utf8')) as Recording;
const rows = [...frame(recording, {columns, rows: Number.POSITIVE_INFINITY}), [], ...table(recording)];
const title = 'The demo in a terminal: eight chats with a bot, and below each of them a time axis that shows when "typing…" was up';
await writeFile(picture, svg(rows, {columns, title, command: 'npx --yes pnpm@12 demo'}));
