import type {WriteStream} from 'node:tty';
import {frame} from './frame.ts';
import type {Recording} from './recording.ts';
import {ansi, fit, type Row} from './row.ts';

const escape = (code: string): string => `\u001B[${code}`;

/** Another screen, as an editor has it, without a cursor: whatever happens to its size, what was there before comes back. */
const enter = escape('?1049h') + escape('?25l') + escape('?7l');
const leave = escape('?7h') + escape('?25h') + escape('?1049l');

/** Shows a run as it happens. */
export class Terminal {
	readonly #stream: WriteStream;
	readonly #onExit = (): void => {
		this.#stream.write(leave);
	};

	readonly #onSignal = (signal: NodeJS.Signals): void => {
		process.exit(signal === 'SIGINT' ? 130 : 143); // The listener of `exit` tidies up.
	};

	readonly #onResize = (): void => {
		this.#stream.write(escape('2J'));
	};

	constructor(stream: WriteStream) {
		this.#stream = stream;
		process.on('exit', this.#onExit).on('SIGINT', this.#onSignal).on('SIGTERM', this.#onSignal);
		stream.on('resize', this.#onResize).write(enter + escape('2J'));
	}

	/** Draws the screen anew. */
	update(recording: Recording): void {
		const {columns, rows} = this.#stream;
		const lines = frame(recording, {columns, rows}).map((row, index) => escape(`${index + 1};1H`) + ansi(row));
		// In between the two marks a terminal that knows them shows nothing half done.
		this.#stream.write(escape('?2026h') + lines.join('') + escape('?2026l'));
	}

	/** Leaves the last screen, and `rows` below it, where they can be scrolled back to. */
	end(recording: Recording, rows: readonly Row[]): void {
		process.off('exit', this.#onExit).off('SIGINT', this.#onSignal).off('SIGTERM', this.#onSignal);
		this.#stream.off('resize', this.#onResize);
		const {columns} = this.#stream;
		const lines = [...frame(recording, {columns, rows: Number.POSITIVE_INFINITY}), [], ...rows.map(row => fit(row, columns))];
		this.#stream.write(`${leave}${lines.map(row => ansi(row).trimEnd()).join('\n')}\n\n`);
	}
}
