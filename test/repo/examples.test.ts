import test from 'ava';
import {node} from './process.ts';
import {folders, readJson} from './tree.ts';

// The demo is a show of its own and runs by itself.
const examples = folders('examples').filter(name => name !== 'demo');

for (const name of examples) {
	test(`${name} runs offline to its end`, async t => {
		t.timeout(70_000);
		const {start} = (readJson(`examples/${name}/package.json`)['scripts'] ?? {}) as Record<string, string | undefined>;
		const [program, ...args] = start?.split(' ') ?? [];
		t.is(program, 'node', 'its `start` script runs node');
		const {code, output} = await node(args, {cwd: `examples/${name}`});
		t.is(code, 0, output);
	});
}

test('an example that fails is noticed', async t => {
	const {code, output} = await node(['--eval', 'console.log("so far"); process.exitCode = 3;']);
	t.is(code, 3);
	t.is(output, 'so far\n');
});
