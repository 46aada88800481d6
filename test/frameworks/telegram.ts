import test, {type ExecutionContext} from 'ava';
import {grammy} from './harness.ts';
import {telegraf} from './telegraf-harness.ts';
import type {Framework} from './telegram-framework.ts';

export * from './observing.ts';
export type {Ctx, File, Framework, Heard} from './telegram-framework.ts';

// The one place where a framework's own types give way to what both have in common.
const frameworks = [grammy, telegraf] as unknown as readonly Framework[];

/** The two packages are twins: what holds for one holds for the other, and is tested on both. */
export function both(title: string, body: (t: ExecutionContext, framework: Framework) => Promise<void> | void): void {
	for (const framework of frameworks) {
		test(`${framework.name}: ${title}`, async t => body(t, framework));
	}
}
