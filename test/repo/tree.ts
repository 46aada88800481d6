import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import path from 'node:path';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What git ignores, and git itself. */
const ignored = new Set(['.git', 'node_modules', 'dist', 'coverage']);

/** The names of the folders in a folder of the repository; none if it is missing. */
export function folders(parent: string): string[] {
	return entries(parent)
		.filter(entry => entry.isDirectory())
		.map(entry => entry.name);
}

/** The names of everything in a folder of the repository, ignored names left out. */
export function names(folder: string): string[] {
	return entries(folder).map(entry => entry.name);
}

/** All files below a folder of the repository, as paths from its root, ignored ones left out. */
export function files(folder = ''): string[] {
	return entries(folder).flatMap(entry => {
		const name = path.posix.join(folder, entry.name);
		if (entry.isDirectory()) return files(name);
		return entry.isFile() ? [name] : [];
	});
}

export function read(file: string): string {
	return readFileSync(path.join(root, file), 'utf8');
}

export function readJson(file: string): Record<string, unknown> {
	return JSON.parse(read(file)) as Record<string, unknown>;
}

function entries(folder: string) {
	try {
		return readdirSync(path.join(root, folder), {withFileTypes: true}).filter(entry => !ignored.has(entry.name));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
}
