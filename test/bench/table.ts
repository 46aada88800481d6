import type {Row} from './row.ts';

const headings = ['', 'what', 'bar', 'reached', 'others, in the same run'];

/** Print the rows of a group, in columns as wide as they have to be. */
export function print(title: string, rows: readonly Row[]): void {
	const lines = [headings, ...rows.map(({what, bar, reached, rivals = '', ok}) => [verdict(ok), what, bar, reached, rivals])];
	const widths = headings.map((_, column) => Math.max(...lines.map(line => line[column]!.length)));
	console.log(`\n${title}`);
	for (const line of lines) {
		console.log(`  ${line.map((text, column) => text.padEnd(widths[column]!)).join('  ')}`.trimEnd());
	}
}

function verdict(ok: boolean | undefined): string {
	return ok === undefined ? '·' : ok ? 'ok' : 'MISSED';
}
