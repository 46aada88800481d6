import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';

/**
Run a file of this folder in a process of its own, and return what it printed as JSON.

Speeds and heaps are measured there: what was measured before would have left its garbage, its shapes and its timers behind.
*/
export async function measure<Result>(file: string, ...args: readonly string[]): Promise<Result> {
	const path = fileURLToPath(new URL(file, import.meta.url));
	const child = spawn(process.execPath, [...process.execArgv, path, ...args], {stdio: ['ignore', 'pipe', 'inherit']});
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
	const code = await new Promise<number | null>((resolve, reject) => {
		child.on('error', reject).on('close', resolve);
	});
	if (code !== 0) {
		throw new Error(`${file} ended with ${code}`);
	}

	return JSON.parse(output) as Result;
}

/** Collect all garbage. The second time takes what the first one's finalizers let go. */
export function collect(): void {
	if (!globalThis.gc) {
		throw new Error('Run it with --expose-gc');
	}

	globalThis.gc();
	globalThis.gc();
}

/** The middle one of some figures. */
export function median(figures: readonly number[]): number {
	const sorted = figures.toSorted((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)]!;
}
