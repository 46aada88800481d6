import test from 'ava';
import {files, folders, names, read, readJson} from './tree.ts';

const packages = folders('packages');

test('there are packages', t => {
	t.true(packages.includes('core'));
});

for (const name of packages) {
	const folder = `packages/${name}`;

	test(`${name} is package.json, tsconfig.json, README.md and src`, t => {
		t.deepEqual(names(folder).toSorted(), ['README.md', 'package.json', 'src', 'tsconfig.json']);
	});

	test(`${name} is published the way the others are`, t => {
		const manifest = readJson(`${folder}/package.json`);
		t.is(manifest['name'], `@auto-typing/${name}`);
		t.is(manifest['license'], 'MIT');
		t.is(manifest['type'], 'module');
		t.is(manifest['sideEffects'], false);
		t.deepEqual(manifest['exports'], {
			'.': {'@auto-typing/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js'},
			'./package.json': './package.json',
		});
		t.deepEqual(manifest['files'], ['dist', 'src', '!dist/.tsbuildinfo']);
		t.deepEqual(manifest['engines'], readJson('package.json')['engines']);
		t.is(typeof manifest['description'], 'string');
		t.false('scripts' in manifest, 'the root owns all tooling');
	});

	test(`${name} is built by the root`, t => {
		t.true(read('tsconfig.json').includes(`{"path": "${folder}"}`));
	});

	test(`${name} has no file over 300 lines`, t => {
		const long = files(`${folder}/src`).filter(file => read(file).trimEnd().split('\n').length > 300);
		t.deepEqual(long, []);
	});
}

test('the core imports nothing of Node', t => {
	const guilty = files('packages/core/src').filter(file => /(?:from|import)\s*\(?\s*['"]node:/u.test(read(file)));
	t.deepEqual(guilty, []);
});

test('nothing reads outside the repository or knows where it lies', t => {
	const outside = /(?:\.\.\/)+shared\b|(?:^|[\s'"`(=:])\/(?:work|home|root|Users)\/\w/mu;
	const text = files().filter(file => /(?:\.(?:[cm]?[jt]s|json|md|ya?ml|sh)|\/[^.]+)$/u.test(file));
	t.true(text.length > 10);
	t.deepEqual(
		text.filter(file => outside.test(read(file))),
		[],
	);
});
