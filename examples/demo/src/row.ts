/** The sixteen colours every terminal has, and every person has chosen to their liking; those in use. */
export type Colour = 'black' | 'red' | 'green' | 'yellow' | 'magenta' | 'cyan';

interface Style {
	readonly colour?: Colour;
	readonly background?: Colour;
	readonly bold?: boolean;
	readonly dim?: boolean;
}

/** A piece of text in one style. Only characters that take one cell. */
export interface Piece extends Style {
	readonly text: string;
}

/** One row of a screen. */
export type Row = readonly Piece[];

export function widthOf(row: Row): number {
	return row.reduce((width, {text}) => width + text.length, 0);
}

/** The row in exactly `width` cells: cut, which an ellipsis shows, or filled up. */
export function fit(row: Row, width: number): Row {
	const excess = widthOf(row) - width;
	if (excess <= 0) {
		return excess === 0 ? row : [...row, {text: ' '.repeat(-excess)}];
	}

	const cut: Piece[] = [];
	let left = width - 1;
	for (const piece of row) {
		cut.push({...piece, text: piece.text.slice(0, left)});
		left -= Math.min(left, piece.text.length);
	}

	return [...cut.filter(({text}) => text !== ''), ...(width > 0 ? [{text: '…'}] : [])];
}

/** The row without its styles. */
export function plain(row: Row): string {
	return row
		.map(({text}) => text)
		.join('')
		.trimEnd();
}

const codes: Readonly<Record<Colour, number>> = {black: 30, red: 31, green: 32, yellow: 33, magenta: 35, cyan: 36};

/** The row as a terminal takes it. @param coloured - Without colours a background is shown by swapping it with the foreground. */
export function ansi(row: Row, coloured = !process.env['NO_COLOR']): string {
	return row
		.map(({text, colour, background, bold, dim}) => {
			const sgr = [
				bold && 1,
				dim && 2,
				coloured && colour && codes[colour],
				coloured && background && codes[background] + 10,
				!coloured && background && 7,
			].filter(code => typeof code === 'number');
			return sgr.length === 0 ? text : `\u001B[${sgr.join(';')}m${text}\u001B[0m`;
		})
		.join('');
}
