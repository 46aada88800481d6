import {figures, type Figure} from './figures.ts';
import type {Recording} from './recording.ts';
import type {Piece, Row} from './row.ts';

/** The columns and their widths; names on the left, numbers on the right. */
const widths = [11, 23, 9, 9, 12, 13];
const heads = ['', 'what they saw', 'covered', 'dark', 'after reply', 'calls/fewest'];

/** What each person saw, and whether it is as it should be. */
export function table(recording: Recording): Row[] {
	const results = figures(recording);
	const faults = results.flatMap(({scene, faults}) => few(faults).map(fault => `${scene.who}, ${scene.what}: ${fault}`));
	return [
		columns(heads.map(text => ({text, dim: true}))),
		[{text: ` ${'─'.repeat(widths.reduce((sum, width) => sum + width) + 2)}`, dim: true}],
		...results.map(result => resultRow(result)),
		[],
		faults.length === 0
			? allWell(recording, results)
			: [
					{
						text: ` ${results.filter(result => result.faults.length > 0).length} of ${results.length} do not hold:`,
						colour: 'red',
						bold: true,
					},
				],
		...faults.map((text): Row => [{text: ' ✗ ', colour: 'red'}, {text}]),
	];
}

/** Of a crowd, where one fault is seldom alone, a few will do. */
function few(faults: readonly string[]): readonly string[] {
	return faults.length > 3 ? [...faults.slice(0, 3), `and ${faults.length - 3} more`] : faults;
}

function resultRow({scene, covered, dark, after, calls, fewest, faults}: Figure): Row {
	const cells: Piece[] = [
		{text: scene.who, bold: true},
		{text: scene.what},
		{text: covered === undefined ? '–' : `${(covered * 100).toFixed(1)} %`},
		{text: scene.blocked ? '–' : `${(dark / 1000).toFixed(2)} s`},
		{text: scene.blocked ? '–' : `${Math.round(after)} ms`},
		{text: `${calls} / ${fewest}`},
	];
	return [...columns(cells), faults.length === 0 ? {text: ' ✓', colour: 'green', bold: true} : {text: ' ✗', colour: 'red', bold: true}];
}

function columns(cells: readonly Piece[]): Row {
	return [
		{text: ' '},
		...cells.map((cell, index) => ({...cell, text: index < 2 ? cell.text.padEnd(widths[index]!) : cell.text.padStart(widths[index]!)})),
	];
}

function allWell({now, chats}: Recording, results: readonly Figure[]): Row {
	const calls = results.reduce((total, result) => total + result.calls, 0);
	const fewest = results.reduce((total, result) => total + result.fewest, 0);
	const replies = chats.flatMap(({said}) => said.filter(({who}) => who === undefined)).length;
	return [
		{text: ' ✓ all figures hold', colour: 'green', bold: true},
		{text: `   ${replies} replies, none refused   ${calls} calls, ${fewest} the fewest possible   ${(now / 1000).toFixed(1)} s`, dim: true},
	];
}
