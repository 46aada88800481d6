import {calls} from './calls.ts';
import {crowd} from './crowd.ts';
import {dark} from './dark.ts';
import {frameworks} from './frameworks.ts';
import {ghosts} from './ghosts.ts';
import {hang} from './hang.ts';
import type {Group, Row} from './row.ts';
import {instant} from './instant.ts';
import {memory} from './memory.ts';
import {open} from './open.ts';
import {size} from './size.ts';
import {print} from './table.ts';

/** Those that are the same in every run first. */
const groups: readonly Group[] = [calls, dark, ghosts, hang, size, crowd, instant, memory, frameworks, open];

const wanted = process.argv.slice(2);
const unknown = wanted.filter(name => groups.every(group => group.name !== name));
if (unknown.length > 0) {
	console.error(`There is no group ${unknown.join(', ')}. There are: ${groups.map(({name}) => name).join(', ')}`);
	process.exit(1);
}

const rows: Row[] = [];
for (const group of groups) {
	if (wanted.length === 0 || wanted.includes(group.name)) {
		const startedAt = performance.now();
		const results = await group.run();
		rows.push(...results);
		print(`${group.name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`, results);
	}
}

const missed = rows.filter(({ok}) => ok === false);
console.log(`\n${rows.filter(({ok}) => ok === true).length} ok, ${missed.length} missed`);

// Speeds depend on who else uses the machine: they are for reading.
process.exitCode = missed.some(({deterministic}) => deterministic) ? 1 : 0;
