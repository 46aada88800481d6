import test, {type ExecutionContext} from 'ava';
import type {Framework} from './telegram-framework.ts';

export * from './observing.ts';
export type {Ctx, File, Framework, Heard} from './telegram-framework.ts';

type Body = (t: ExecutionContext, framework: Framework) => Promise<void> | void;

/**
The two packages are twins: what holds for one holds for the other, and is tested on both. Each has a test file of its own that calls `on`: two
processes, neither busier than the times of the tests allow.
*/
export function suite() {
	const cases: Array<readonly [title: string, body: Body]> = [];
	return {
		both: (title: string, body: Body) => void cases.push([title, body]),
		// The one place where a framework's own types give way to what both have in common.
		on: <B, C>(framework: Framework<B, C>): void => {
			for (const [title, body] of cases) test(title, async t => body(t, framework as unknown as Framework));
		},
	};
}
