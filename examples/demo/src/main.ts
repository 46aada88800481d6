import {figures} from './figures.ts';
import {Journal} from './journal.ts';
import {play} from './play.ts';
import {runForReal} from './real.ts';
import {table} from './table.ts';
import {Terminal} from './terminal.ts';

/** Exits with 0 when every figure holds, else with 1. */
async function perform(): Promise<void> {
	const {stdout} = process;
	// A terminal of a few cells, or one that can't move its cursor, is better off with lines.
	const canDraw = stdout.isTTY && process.env['TERM'] !== 'dumb' && stdout.columns >= 40 && stdout.rows >= 10;
	const show = canDraw ? new Terminal(stdout) : new Journal(line => console.log(line));
	const recording = await play(recording => show.update(recording));
	show.end(recording, table(recording));
	process.exitCode = figures(recording).every(({faults}) => faults.length === 0) ? 0 : 1;
}

const token = process.env['BOT_TOKEN'];
try {
	await (token ? runForReal(token) : perform());
} catch (error) {
	// Of what comes with a real token the message only: the rest may have the address of a call, which has the token.
	console.error(token ? (error as Error).message : error);
	process.exitCode = 1;
}
