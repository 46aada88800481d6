import test from 'ava';
import {node} from './process.ts';

// Without tsgolint the type-aware rules fall silent, and a lint run that passes would prove nothing.
test('the linter sees a floating promise', async t => {
	const {code, output} = await node(['node_modules/oxlint/bin/oxlint', '--format=unix', 'test/repo/fixtures/lint']);
	t.is(code, 1);
	t.regex(output, /floating\.ts:4:1: .*no-floating-promises/u);
});
