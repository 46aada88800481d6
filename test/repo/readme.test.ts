import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {node} from './process.ts';
import {files, folders, read, root} from './tree.ts';

const readmes = ['', ...folders('packages').map(name => `packages/${name}`), ...folders('examples').map(name => `examples/${name}`)]
	.map(folder => path.posix.join(folder, 'README.md'))
	.filter(file => files(path.posix.dirname(file) === '.' ? '' : path.posix.dirname(file)).includes(file));

test('every `ts` block of every README type-checks as it stands', async t => {
	t.timeout(120_000);
	t.true(readmes.includes('README.md'));
	const result = await check(readmes.flatMap(file => blocks(file, read(file))));
	t.is(result, '');
});

test('a block that does not type-check is noticed, with the line it is on', async t => {
	t.timeout(120_000);
	const good = "import {Indicator} from '@auto-typing/core';\nvoid Indicator;";
	const text = `# Title\n\n\`\`\`ts\n${good}\n\`\`\`\n\n\`\`\`ts\nvoid Indicator;\n\`\`\`\n`;
	const result = await check(blocks('FAULTY.md', text), 'faulty');
	t.regex(result, /^FAULTY\.md:9: error TS2304/u);
	t.is(result.split('\n').length, 1);
});

interface Block {
	readonly file: string;
	/** The line of the file its first line is on, from 1. */
	readonly line: number;
	readonly text: string;
}

function blocks(file: string, text: string): Block[] {
	return [...text.replaceAll('\r\n', '\n').matchAll(/^```ts\b[^\n]*\n(?<code>.*?)^```$/gmsu)].map(match => ({
		file,
		line: text.slice(0, match.index).split('\n').length + 1,
		text: match.groups?.['code'] ?? '',
	}));
}

/** Check all blocks in one run of the compiler, each as a module of its own. Returns its complaints, or nothing. */
async function check(all: readonly Block[], folder = 'readme'): Promise<string> {
	if (all.length === 0) return '';
	// Inside the repository, so that its packages resolve; the module resolution looks up through the root's node_modules.
	const directory = path.join(root, 'node_modules', '.cache', folder);
	rmSync(directory, {recursive: true, force: true});
	mkdirSync(directory, {recursive: true});
	for (const [index, block] of all.entries()) writeFileSync(path.join(directory, `${index}.mts`), `${block.text}\nexport {};\n`);
	writeFileSync(
		path.join(directory, 'tsconfig.json'),
		JSON.stringify({
			extends: '../../../tsconfig.base.json',
			compilerOptions: {
				composite: false,
				incremental: false,
				isolatedDeclarations: false,
				declaration: false,
				declarationMap: false,
				noEmit: true,
				types: ['node'],
				lib: ['es2023', 'esnext.disposable', 'dom'],
			},
			files: all.map((_, index) => `${index}.mts`),
		}),
	);
	const {code, output} = await node(['node_modules/typescript/bin/tsc', '--pretty', 'false', '-p', directory], {timeout: 110_000});
	if (code === 0) return '';
	const complaints = output.split('\n').flatMap(line => {
		const {index, row, rest} = /(?:^|\/)(?<index>\d+)\.mts\((?<row>\d+),\d+\): (?<rest>.*)/u.exec(line)?.groups ?? {};
		const block = all[Number(index)];
		return block ? [`${block.file}:${block.line + Number(row) - 1}: ${rest}`] : [];
	});
	// The sources the blocks import are checked by the build, under settings of their own.
	const elsewhere = output.split('\n').filter(line => line !== '' && !/^(?:\s|packages\/|.*\.mts\()/u.test(line));
	return [...complaints, ...elsewhere].join('\n');
}
