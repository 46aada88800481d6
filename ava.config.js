export default {
	files: ['test/**/*.test.ts'],
	extensions: {ts: 'module'},
	// The condition resolves our packages to their sources, so that the tests need no build.
	nodeArguments: ['--conditions=@auto-typing/source', '--import=@oxc-node/core/register'],
	timeout: '30s',
	watchMode: {ignoreChanges: ['**/dist/**', 'coverage/**']},
};
