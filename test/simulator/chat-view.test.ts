import {Budget, ChatView, fewestCalls, random, type Entry, type Rules} from '@auto-typing/simulator';
import test from 'ava';

const rules: Rules = {
	ttl: 5000,
	shows: ({method, payload}) => (method === 'act' ? String(payload['action']) : undefined),
	clears: ({method}) => method === 'send',
};

function act(at: number, action = 'typing', fields: Partial<Entry> = {}): Entry {
	return {at, method: 'act', payload: {action}, effect: true, refused: false, ...fields};
}

function send(at: number, fields: Partial<Entry> = {}): Entry {
	return {at, method: 'send', payload: {text: 'hi'}, effect: true, refused: false, ...fields};
}

function edit(at: number): Entry {
	return {at, method: 'edit', payload: {}, effect: true, refused: false};
}

const refused = {effect: false, refused: true};

const cases: Array<[title: string, log: Entry[], spans: Array<[from: number, to: number, action: string]>]> = [
	['nothing happened', [], []],
	['one call shows until its ttl ends', [act(100)], [[100, 5100, 'typing']]],
	['renewals in time are one span', [act(0), act(4500), act(9000)], [[0, 14_000, 'typing']]],
	['a renewal on the very end leaves no gap', [act(0), act(5000)], [[0, 10_000, 'typing']]],
	['a renewal restarts the ttl, it does not add to it', [act(0), act(10)], [[0, 5010, 'typing']]],
	[
		'a late renewal leaves a gap',
		[act(0), act(5001)],
		[
			[0, 5000, 'typing'],
			[5001, 10_001, 'typing'],
		],
	],
	[
		'another action takes the place of the first',
		[act(0), act(2000, 'upload_photo')],
		[
			[0, 2000, 'typing'],
			[2000, 7000, 'upload_photo'],
		],
	],
	['a message clears', [act(0), send(1200)], [[0, 1200, 'typing']]],
	['a message clears only what was there', [send(0), act(10)], [[10, 5010, 'typing']]],
	[
		'after a message it may come back',
		[act(0), send(1000), act(1200)],
		[
			[0, 1000, 'typing'],
			[1200, 6200, 'typing'],
		],
	],
	['after a message at the same moment it comes back as a new span', [act(0), send(1000), act(1000)], [[0, 6000, 'typing']]],
	['a call and a message at one moment leave nothing', [act(5), send(5)], []],
	['an edit clears nothing', [act(0), edit(1000)], [[0, 5000, 'typing']]],
	['a refused call shows nothing', [act(0, 'typing', refused)], []],
	['a refused renewal renews nothing', [act(0), act(4500, 'typing', refused)], [[0, 5000, 'typing']]],
	['a refused message clears nothing', [act(0), send(1000, refused)], [[0, 5000, 'typing']]],
	['a call into a place nobody looks at shows nothing', [act(0, 'typing', {effect: false})], []],
];

for (const [title, log, spans] of cases) {
	test(`spans: ${title}`, t => {
		t.deepEqual(
			new ChatView(log, rules).spans,
			spans.map(([from, to, action]) => ({from, to, action})),
		);
	});
}

test('messages are those that landed, refusals of either kind are apart, and every typing call counts', t => {
	const view = new ChatView(
		[act(0), act(1, 'typing', refused), send(2), send(3, refused), send(4, {payload: {caption: 'a picture'}}), send(5, {payload: {}})],
		rules,
	);
	t.deepEqual(view.messages, [
		{at: 2, method: 'send', text: 'hi'},
		{at: 4, method: 'send', text: 'a picture'},
		{at: 5, method: 'send'},
	]);
	t.deepEqual(
		view.refused.map(({at}) => at),
		[1, 3],
	);
	t.is(view.calls, 2);
});

test('covered, dark, after and visible look at any stretch of time', t => {
	const view = new ChatView([act(1000), send(3000), act(4000)], rules);
	t.is(view.covered(0, 1000), 0);
	t.is(view.covered(1000, 3000), 1);
	t.is(view.covered(0, 4000), 0.5);
	t.is(view.covered(9000, 18_000), 0);
	t.is(view.covered(5, 5), 1, 'in no time nothing could be missed');
	t.deepEqual(view.dark(0, 10_000), [
		{from: 0, to: 1000},
		{from: 3000, to: 4000},
		{from: 9000, to: 10_000},
	]);
	t.deepEqual(view.dark(1000, 3000), []);
	t.is(view.after(3000), 5000, 'a stray call after the reply shows its whole ttl');
	t.is(view.after(5000), 4000);
	t.is(view.after(9000), 0);
	t.is(view.visible(999), undefined);
	t.is(view.visible(1000), 'typing');
	t.is(view.visible(3000), undefined);
});

test('a view keeps up with a log that grows', t => {
	const log = [act(0)];
	const [byArray, byFunction] = [new ChatView(log, rules), new ChatView(() => log, rules)];
	log.push(send(100));
	t.deepEqual(byArray.spans, [{from: 0, to: 100, action: 'typing'}]);
	t.deepEqual(byFunction.spans, byArray.spans);
});

test('a platform may say the ttl with each call, never drop the indicator by itself, and have a stop that is no message', t => {
	const stop: Entry = {...edit(700), method: 'stop'};
	const other: Rules = {
		ttl: ({payload}) => Number(payload['seconds'] ?? Infinity) * 1000,
		shows: ({method}) => (method === 'act' ? 'typing' : undefined),
		clears: ({method}) => method === 'stop' || method === 'send',
		message: ({method}) => method === 'send',
	};
	const view = new ChatView([act(0), stop, act(1000, '', {payload: {seconds: 2}})], other);
	t.deepEqual(view.spans, [
		{from: 0, to: 700, action: 'typing'},
		{from: 1000, to: 3000, action: 'typing'},
	]);
	t.deepEqual(view.messages, []);
});

test('fewestCalls', t => {
	t.is(fewestCalls(12_000, {ttl: 5000, interval: 4500, delay: 200}), 3);
	t.is(fewestCalls(12_000, {ttl: 5000, delay: 200}), 3);
	t.is(fewestCalls(200, {ttl: 5000, delay: 200}), 0);
	t.is(fewestCalls(0, {ttl: 5000}), 0);
	t.is(fewestCalls(1, {ttl: 5000}), 1);
	t.is(fewestCalls(9000, {ttl: 5000, interval: 4500}), 2);
	t.is(fewestCalls(9001, {ttl: 5000, interval: 4500}), 3);
	t.is(fewestCalls(1e9, {ttl: Infinity}), 1);
});

test('a budget admits so many in any window, and says how long to wait', t => {
	const budget = new Budget();
	const limit = {limit: 2, interval: 1000};
	const admit = (at: number) => {
		const seconds = budget.refuse(limit, at);
		if (seconds === 0) budget.book(at);
		return seconds;
	};

	t.deepEqual([0, 600, 999, 1000, 1001, 1600].map(admit), [0, 0, 1, 0, 1, 0]);
});

test('a budget with lock-out refuses everything until the time is up, and counts it down', t => {
	const budget = new Budget();
	const limit = {limit: 1, interval: 1000, lockout: true, retryAfter: 3};
	t.is(budget.refuse(limit, 0), 0);
	budget.book(0);
	t.is(budget.refuse(limit, 500), 3);
	t.is(budget.refuse(limit, 1600), 2, 'there is room in the window, but the scope is shut');
	t.is(budget.refuse(limit, 3499), 1);
	t.is(budget.refuse(limit, 3500), 0);
});

function draw(seed: number): number[] {
	return Array.from({length: 5}, random(seed));
}

test('random numbers repeat with their seed', t => {
	t.deepEqual(draw(7), draw(7));
	t.notDeepEqual(draw(7), draw(8));
	t.true(draw(7).every(number => number >= 0 && number < 1));
});
