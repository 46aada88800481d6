import type {Colour, Piece, Row} from '../../../examples/demo/src/row.ts';

/** A dark terminal, legible on a light page and on a dark one. */
const palette: Readonly<Record<Colour | 'paper' | 'ink' | 'edge', string>> = {
	paper: '#0d1117',
	ink: '#e6edf3',
	edge: '#30363d',
	black: '#04120a',
	red: '#ff7b72',
	green: '#3fb950',
	yellow: '#d29922',
	magenta: '#bc8cff',
	cyan: '#56d4dd',
};

/** Of one cell, in the units of the picture. */
const cell = {width: 8.4, height: 19};
const font = {size: 14, baseline: 13.5};
const padding = 18;
const bar = 36;

/** The levels of a lane's columns, which fonts draw with gaps between them. */
const blocks = '▁▂▃▄▅▆▇█';

/** Draws rows of text as a terminal would, in a window with `command` on its bar. */
export function svg(rows: readonly Row[], {columns, title, command}: {columns: number; title: string; command: string}): string {
	const width = Math.ceil(columns * cell.width + 2 * padding);
	const height = Math.ceil(rows.length * cell.height + bar + 2 * padding - 6);
	const drawn = rows.map((row, index) => drawRow(row, bar + padding - 6 + index * cell.height));
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escape(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${palette.paper}" stroke="${palette.edge}"/>
<path d="M0.5 ${bar}H${width - 0.5}" stroke="${palette.edge}"/>
${[palette.red, palette.yellow, palette.green].map((fill, index) => `<circle cx="${20 + index * 20}" cy="${bar / 2}" r="6" fill="${fill}"/>`).join('')}
<g font-family="ui-monospace,SFMono-Regular,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${font.size}" fill="${palette.ink}" xml:space="preserve">
<text x="${width / 2}" y="${bar / 2 + 5}" text-anchor="middle" fill-opacity="0.6">$ ${escape(command)}</text>
${drawn.join('\n')}
</g>
</svg>
`;
}

function drawRow(row: Row, y: number): string {
	let column = 0;
	const rects: string[] = [];
	const texts: string[] = [];
	for (const piece of merged(row)) {
		const x = padding + column * cell.width;
		column += piece.text.length;
		rects.push(...shapes(piece, x, y));
		if (piece.text.trim() !== '' && !isShape(piece)) {
			texts.push(drawText(piece, x, y));
		}
	}

	return [...rects, ...texts].join('');
}

/** One text for neighbours of one style. Shapes stay alone. */
function merged(row: Row): Piece[] {
	const pieces: Piece[] = [];
	for (const piece of row) {
		const last = pieces.at(-1);
		if (last && !isShape(last) && !isShape(piece) && style(last) === style(piece)) {
			pieces[pieces.length - 1] = {...last, text: last.text + piece.text};
		} else {
			pieces.push(piece);
		}
	}

	return pieces;
}

function style({colour, background, bold, dim}: Piece): string {
	return [colour, background, bold, dim].join();
}

function isShape({text}: Piece): boolean {
	return text.length === 1 && `▌▐${blocks}`.includes(text);
}

/** Backgrounds and blocks are rectangles, so that nothing depends on the font. */
function shapes(piece: Piece, x: number, y: number): string[] {
	const {text, colour, background} = piece;
	const inset = 1.5;
	const full = cell.height - 2 * inset;
	const rects = background ? [rect(x, y + inset, text.length * cell.width, full, palette[background])] : [];
	if (isShape(piece)) {
		const fill = palette[colour ?? 'ink'];
		const level = blocks.indexOf(text) + 1;
		rects.push(
			level > 0
				? rect(x, y + inset + full * (1 - level / 8), cell.width, (full * level) / 8, fill)
				: rect(x + (text === '▐' ? cell.width / 2 : 0), y + inset, cell.width / 2, full, fill),
		);
	}

	return rects;
}

function drawText({text, colour, bold, dim}: Piece, x: number, y: number): string {
	const start = text.length - text.trimStart().length;
	const words = text.trim();
	const attributes = [
		`x="${round(x + start * cell.width)}" y="${round(y + font.baseline)}"`,
		// Whatever font there is, the columns stay in line.
		`textLength="${round(words.length * cell.width)}"`,
		colour && `fill="${palette[colour]}"`,
		bold && 'font-weight="bold"',
		dim && 'fill-opacity="0.6"',
	].filter(Boolean);
	return `<text ${attributes.join(' ')}>${escape(words)}</text>`;
}

function rect(x: number, y: number, width: number, height: number, fill: string): string {
	return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}" shape-rendering="crispEdges"/>`;
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}

function escape(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
