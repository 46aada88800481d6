import {actionAt, colourOf, crowdLane, lane, marks, nameOf, type Axis} from './lane.ts';
import type {ChatRecording, Recording} from './recording.ts';
import {fit, widthOf, type Piece, type Row} from './row.ts';
import {duration, places, story} from './story.ts';

export interface Size {
	readonly columns: number;
	/** `Infinity` for as many as there is something to say. */
	readonly rows: number;
}

/** The margin on the left of the lanes, where the names stand. */
const margin = 11;

/** Everybody who writes something: in a crowd each is somebody else. */
const people = new Set(
	story.flatMap(({chats, lines}) => lines.map(({who}) => who).flatMap(who => (chats.length > 1 ? chats.map(String) : who))),
).size;

/** Title, axis, and legend. */
const fixedRows = 3;

/** The screen at the time of the recording: above the time axis, then every chat with its lane and the end of its conversation. */
export function frame(recording: Recording, {columns, rows}: Size): Row[] {
	const cells = Math.max(columns - margin - 1, 10);
	const axis = {cells, cell: Math.max(250, Math.ceil(duration / cells / 10) * 10), now: recording.now};
	const {talk, gap} = layout(places.length, rows);
	const blocks = places.map(({who, chats}) => {
		const here = recording.chats.filter(({id}) => chats.includes(id));
		const strip = here.length > 1 ? crowdLane(here, axis) : lane(here[0]!, axis);
		const lines = (here.length > 1 ? crowdTalk(here, recording.now) : chatTalk(here[0]!, recording.now)).slice(
			-talk || Number.POSITIVE_INFINITY,
		);
		// While it is live every chat keeps its place.
		const filled = Number.isFinite(rows) ? [...lines, ...Array.from({length: talk - lines.length}, () => [])] : lines;
		return [[...fit([{text: ` ${who}`, bold: true}], margin), ...strip], ...filled, ...Array.from({length: gap}, () => [])];
	});
	// The gap above the legend is the first to go.
	const body = blocks.flat().slice(0, gap && Number.isFinite(rows) ? -1 : undefined);
	return [title(recording, columns), axisRow(axis), ...body, legend()].slice(0, rows).map(row => fit(row, columns));
}

/** How many lines of each conversation there is room for, and whether for an empty one below. */
function layout(chats: number, rows: number): {talk: number; gap: number} {
	const options = [Number.POSITIVE_INFINITY, 3, 2, 1].flatMap(talk => [
		{talk, gap: 1},
		{talk, gap: 0},
	]);
	const fits = ({talk, gap}: {talk: number; gap: number}) => fixedRows + chats * (1 + talk + gap) - gap <= rows;
	return (Number.isFinite(rows) ? options.find(option => fits(option)) : options[0]) ?? {talk: 0, gap: 0};
}

function title({now}: Recording, columns: number): Row {
	const left: Row = [
		{text: ' auto-typing', bold: true, colour: 'green'},
		{text: `  one grammY bot, ${people} people, a simulated Bot API`, dim: true},
	];
	const right: Row = [{text: `${(now / 1000).toFixed(1)} s `, bold: true}];
	return [...fit(left, columns - widthOf(right)), ...right];
}

function axisRow({cells, cell}: Axis): Row {
	const step = [1, 2, 5, 10, 20].find(seconds => (seconds * 1000) / cell >= 6) ?? 60;
	let text = '';
	for (let second = 0; second * 1000 < cells * cell; second += step) {
		text = `${text.padEnd(Math.round((second * 1000) / cell))}${second} s`;
	}

	return [
		{text: ' '.repeat(margin)},
		{text: text.length > cells ? text.slice(0, text.lastIndexOf(' ', text.length - 3)) : text, dim: true},
	];
}

function legend(): Row {
	const entries: Row[] = [
		[marks.question, {text: ' asked'}],
		[marks.reply, {text: ' answered'}],
		[{text: ' ', background: 'green'}, {text: ' indicator up'}],
		[{...marks.renewal, background: 'green', colour: 'black'}, {text: ' renewed'}],
		[marks.dark, {text: ' dark'}],
		[marks.refused, {text: ' refused'}],
	];
	return [{text: ' '.repeat(margin)}, ...entries.flatMap(([sign, name]) => [sign!, {...name!, dim: true}, {text: '  '}])];
}

/** The conversation, and below it what the bot is doing. */
function chatTalk({said, spans, refused, givenUp}: ChatRecording, now: number): Row[] {
	const lines = said.filter(({at}) => at <= now).map(({who, text}) => line(who, {text}));
	const action = actionAt(spans, now);
	const isGivenUp = givenUp !== undefined && givenUp <= now;
	const refusal = refused.findLast(({at}) => at <= now);
	return [
		...lines,
		...(refusal ? [line(undefined, {text: refusal.text + (isGivenUp ? ': gave up the work' : ''), colour: 'red'})] : []),
		...(action === undefined ? [] : [line(undefined, {text: `${nameOf(action).replace('…', '')}${dots(now)}`, colour: colourOf(action)})]),
	];
}

function crowdTalk(chats: readonly ChatRecording[], now: number): Row[] {
	const count = (test: (chat: ChatRecording) => boolean) => chats.filter(chat => test(chat)).length;
	const asked = count(({said}) => said.some(({at}) => at <= now));
	if (asked === 0) {
		return [];
	}

	const typing = count(({spans}) => actionAt(spans, now) !== undefined);
	const answered = count(({said}) => said.some(({at, who}) => at <= now && who === undefined));
	const refused = chats.flatMap(({refused}) => refused.filter(({at}) => at <= now)).length;
	const questions = chats.map(({said}) => said[0]?.text ?? '');
	return [
		line('each', {text: [questions[0], questions[1], '…', questions.at(-1)].join('  ')}),
		[
			...line(undefined, {text: `typing… in ${typing}`, colour: 'green'}),
			{text: `   answered ${answered} of ${chats.length}`},
			{text: `   refused ${refused}`, ...(refused > 0 ? {colour: 'red'} : {dim: true})},
		],
	];
}

/** The dots of "typing" come one by one. */
function dots(now: number): string {
	return '.'.repeat(1 + (Math.floor(now / 300) % 3));
}

function line(who: string | undefined, text: Piece): Row {
	return [{text: '   '}, {text: (who ?? 'bot').padEnd(6), ...(who === undefined ? {colour: 'cyan'} : {bold: true})}, text];
}
