// Builds and packs every public package the way it is published, into node_modules/.cache/packed, and checks the tarballs.
import {spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packed = path.join(root, 'node_modules', '.cache', 'packed');

rmSync(packed, {recursive: true, force: true});
mkdirSync(packed, {recursive: true});

const folders = readdirSync(path.join(root, 'packages'))
	.map(name => path.join(root, 'packages', name))
	.filter(folder => !JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).private);

run('tsc', ['-b', ...folders]);
// Only pnpm rewrites `workspace:` and `catalog:`.
for (const folder of folders) run('pnpm', ['pack', '--pack-destination', packed], folder);

const tarballs = readdirSync(packed).filter(file => file.endsWith('.tgz'));
if (tarballs.length === 0) throw new Error('Expected packages to pack, found none');
for (const file of tarballs) {
	run('publint', ['run', '--strict', path.join(packed, file)]);
	run('attw', ['--profile', 'esm-only', '--no-emoji', path.join(packed, file)]);
}

function run(command, args, cwd = root) {
	const {status, error} = spawnSync(command, args, {cwd, stdio: 'inherit'});
	if (error) throw error;
	if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}
