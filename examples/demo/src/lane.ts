import type {Shown} from '@auto-typing/simulator';
import type {ChatRecording} from './recording.ts';
import type {Colour, Piece, Row} from './row.ts';

/** The time axis that all lanes share. */
export interface Axis {
	/** How many cells there are. */
	readonly cells: number;
	/** How long one of them lasts, in milliseconds. */
	readonly cell: number;
	/** How far it is drawn, in milliseconds. */
	readonly now: number;
}

export function colourOf(action: string): Colour {
	return action === 'typing' ? 'green' : 'magenta';
}

/** What the person reads in their chat. */
export function nameOf(action: string): string {
	return action === 'typing' ? 'typing…' : action;
}

function shortNameOf(action: string): string {
	return `${action.split('_').at(-1)}…`;
}

/** What a lane shows beside the indicator. */
export const marks = {
	question: {text: '●', bold: true},
	reply: {text: '◆', colour: 'cyan', bold: true},
	refused: {text: '✗', colour: 'red', bold: true},
	renewal: {text: '╷'},
	dark: {text: '·', dim: true},
} as const satisfies Record<string, Piece>;

/** One chat along the time axis: who wrote when, and when the indicator was up. */
export function lane(chat: ChatRecording, axis: Axis): Row {
	const pieces = Array.from({length: axis.cells}, (_, index) => cellAt(chat, axis, index));
	// The first call of a span needs no mark: it is where the span begins.
	for (const at of chat.calls.filter(at => chat.spans.some(({from, to}) => from < at && at < to))) {
		mark(pieces, at, marks.renewal, axis);
	}

	for (const {at, who} of chat.said) {
		mark(pieces, at, who === undefined ? marks.reply : marks.question, axis);
	}

	for (const {at} of chat.refused) {
		mark(pieces, at, marks.refused, axis);
	}

	for (const span of chat.spans) {
		label(pieces, span, axis);
	}

	return pieces;
}

/** How many of the chats show an indicator, along the time axis. */
export function crowdLane(chats: readonly ChatRecording[], {cells, cell, now}: Axis): Row {
	const levels = ' ▁▂▃▄▅▆▇█';
	const pieces = Array.from({length: cells}, (_, index): Piece => {
		const at = (index + 0.5) * cell;
		const share = at > now ? 0 : chats.filter(chat => actionAt(chat.spans, at) !== undefined).length / chats.length;
		return {text: levels[Math.ceil(share * 8)]!, colour: 'green'};
	});
	mark(pieces, Math.min(...chats.flatMap(({said}) => said.map(({at}) => at))), marks.question, {cells, cell, now});
	return pieces;
}

/** Half a cell is what is drawn: the left one and the right one may differ. */
function cellAt(chat: ChatRecording, {cell, now}: Axis, index: number): Piece {
	const [left, right] = [0.25, 0.75].map(part => (index + part) * cell).map(at => (at <= now ? actionAt(chat.spans, at) : undefined));
	if (left !== undefined && left === right) {
		return {text: ' ', background: colourOf(left), colour: 'black'};
	}

	if (left !== undefined) {
		return {text: '▌', colour: colourOf(left), ...(right !== undefined && {background: colourOf(right)})};
	}

	if (right !== undefined) {
		return {text: '▐', colour: colourOf(right)};
	}

	return isWaiting(chat, (index + 0.5) * cell) && (index + 0.5) * cell <= now ? marks.dark : {text: ' '};
}

/** Somebody has asked and not all is answered, as far as one can tell from outside. */
function isWaiting({said, givenUp = Number.POSITIVE_INFINITY}: ChatRecording, at: number): boolean {
	return (
		at < givenUp &&
		said.some(({at: asked, who}) => who !== undefined && asked <= at) &&
		said.findLast(({at: time}) => time <= at)?.who !== undefined
	);
}

export function actionAt(spans: readonly Shown[], at: number): string | undefined {
	return spans.find(({from, to}) => from <= at && at < to)?.action;
}

/** Writes the name of the action into the span, where that has room for it between the marks. */
function label(pieces: Piece[], {from, to, action}: Shown, {cell, now}: Axis): void {
	const first = Math.floor(from / cell);
	const inside = pieces
		.slice(first, Math.ceil(Math.min(to, now) / cell))
		.map(({text, background}) => (text === ' ' && background ? ' ' : '|'));
	for (const name of [nameOf(action), shortNameOf(action)]) {
		// With a cell to spare on the left: a name should not touch the mark of a message.
		const start = inside.join('').indexOf(' '.repeat(name.length + 1)) + 1;
		if (start > 0) {
			for (let index = 0; index < name.length; index++) {
				pieces[first + start + index] = {...pieces[first + start + index], text: name[index]!};
			}

			return;
		}
	}
}

function mark(pieces: Piece[], at: number, sign: Piece, {cell, now}: Axis): void {
	const index = Math.floor(at / cell);
	const isReply = sign === marks.reply;
	if (at <= now && pieces[index]) {
		// A quick answer falls into the cell of its question: both should be seen.
		const place = isReply && pieces[index].text === marks.question.text ? Math.min(index + 1, pieces.length - 1) : index;
		const {background} = pieces[place]!;
		pieces[place] = {...sign, ...(background && !isReply && {background, colour: 'black'})};
	}
}
