import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import type {Group} from './row.ts';

interface Esbuild {
	build(options: object): Promise<{readonly outputFiles: readonly [{readonly contents: Uint8Array}]}>;
}

/** The esbuild that size-limit brings: no second one, and the same figure. */
function esbuild(): Esbuild {
	let require = createRequire(import.meta.url);
	for (const name of ['@size-limit/preset-small-lib', '@size-limit/esbuild']) {
		require = createRequire(require.resolve(name));
	}

	return require('esbuild') as Esbuild;
}

async function sizeOf(entry: string): Promise<{readonly minified: number; readonly gzipped: number}> {
	const {outputFiles} = await esbuild().build({
		entryPoints: [entry],
		bundle: true,
		conditions: ['@auto-typing/source'],
		format: 'esm',
		minify: true,
		target: 'es2023',
		write: false,
	});
	const [{contents}] = outputFiles;
	return {minified: contents.length, gzipped: gzipSync(contents, {level: 9}).length};
}

/** What the core weighs on its way to a worker or a browser. */
export const size: Group = {
	name: 'size',
	async run() {
		const {minified, gzipped} = await sizeOf(fileURLToPath(import.meta.resolve('@auto-typing/core')));
		return [
			{
				what: 'size of core, minified and gzipped, p-throttle included',
				bar: '≤ 5.00 kB',
				reached: `${kilo(gzipped)} (${kilo(minified)} before gzip)`,
				ok: gzipped <= 5000,
				deterministic: true,
			},
		];
	},
};

function kilo(bytes: number): string {
	return `${(bytes / 1000).toFixed(2)} kB`;
}
