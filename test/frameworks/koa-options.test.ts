import {Indicator} from '@auto-typing/core';
import {autoTyping} from '@auto-typing/koa';
import {telegram} from '@auto-typing/telegram';
import test from 'ava';

const indicator = new Indicator(telegram(async () => {}));
const target = () => undefined;
const once = () => 'id';
const store = new Map();

const wrong: ReadonlyArray<readonly [readonly unknown[], TypeErrorConstructor | RangeErrorConstructor, string]> = [
	[[], TypeError, 'Expected `indicator` to be an Indicator, as `new Indicator(platform)` makes one, got undefined'],
	[
		[telegram(async () => {}), target],
		TypeError,
		'Expected `indicator` to be an Indicator, as `new Indicator(platform)` makes one, got an object',
	],
	[[indicator], TypeError, 'Expected `target` to be a function, got undefined'],
	[[indicator, {chatId: 5}], TypeError, 'Expected `target` to be a function, got an object'],
	[[indicator, target, null], TypeError, 'Expected `options` to be an object, got null'],
	[[indicator, target, 200], TypeError, 'Expected `options` to be an object, got 200'],
	[[indicator, target, {delay: -1}], RangeError, 'Expected `delay` to be a finite number of at least 0, got -1'],
	[
		[indicator, target, {interval: 5000}],
		RangeError,
		'Expected `interval` to be less than the 5000 ms that one call stays visible, got 5000',
	],
	[[indicator, target, {signal: 'now'}], TypeError, 'Expected `signal` to be an AbortSignal, got "now"'],
	[[indicator, target, {respond: '200'}], TypeError, 'Expected `respond` to be a status or a function, got a string'],
	[[indicator, target, {respond: true}], TypeError, 'Expected `respond` to be a status or a function, got true'],
	...[500, 199, 300, 200.5, Number.NaN].map(
		status =>
			[
				[indicator, target, {respond: status}],
				RangeError,
				`Expected \`respond\` to be a status from 200 to 299, got ${status}: after any other the sender delivers again`,
			] as const,
	),
	[[indicator, target, {once: 'update_id'}], TypeError, 'Expected `once` to be a function, got a string'],
	[[indicator, target, {store}], TypeError, 'Expected `once` beside `store`: nothing is stored without it'],
	[
		[indicator, target, {once, store: new Set()}],
		TypeError,
		'Expected `store` to have get, set and delete, as a Map has, got an object without get, set',
	],
	[
		[indicator, target, {once, store: null}],
		TypeError,
		'Expected `store` to have get, set and delete, as a Map has, got null without get, set, delete',
	],
	[
		[indicator, target, {once, store: {get() {}, set() {}, delete() {}, add: true}}],
		TypeError,
		'Expected `store.add` to be a function, got true',
	],
];

for (const [args, instanceOf, message] of wrong) {
	test(message, t => {
		t.throws(() => Reflect.apply(autoTyping, undefined, args), {instanceOf, message});
	});
}

test('what is left out, or undefined, is the default', t => {
	t.notThrows(() => autoTyping(indicator, target));
	t.notThrows(() => autoTyping(indicator, target, {respond: undefined, once: undefined, store: undefined, delay: undefined}));
	t.notThrows(() => autoTyping(indicator, target, {respond: 200, once, store}));
});

test('a status is all it takes, and the action must be one of the platform’s', t => {
	t.throws(() => autoTyping(indicator, target, {action: 'thinking' as 'typing'}), {
		instanceOf: TypeError,
		message: /^Expected `action` to be one of typing/,
	});
});
