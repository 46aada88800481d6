import {spawn} from 'node:child_process';
import {root} from './tree.ts';

export interface Ended {
	/** `null` when it was killed. */
	readonly code: number | null;
	/** Both streams, in the order of arrival. */
	readonly output: string;
}

/** Run Node with these arguments and no input; kill it after `timeout` milliseconds. Runs at the root unless told otherwise. */
export async function node(args: readonly string[], {cwd = root, timeout = 60_000} = {}): Promise<Ended> {
	// No token: what runs here must run offline.
	const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.includes('TOKEN') && name !== 'NODE_OPTIONS'));
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, args, {cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout, killSignal: 'SIGKILL'});
		let output = '';
		for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
		child.on('error', reject);
		child.on('close', code => resolve({code, output}));
	});
}
