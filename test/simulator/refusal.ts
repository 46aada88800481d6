import type {BotApi} from '@auto-typing/simulator';
import test from 'ava';
import {serve} from './caller.ts';

/** A request, what has to happen before it, and how it is turned down. */
export type Row = [
	title: string,
	method: string,
	payload: object,
	code: number,
	description: string,
	prepare?: (server: BotApi) => void,
	parameters?: object,
];

/** Each of them must be refused with exactly that, be logged so, and show nothing. */
export function testRefusals(rows: readonly Row[]): void {
	for (const [title, method, payload, code, description, prepare, parameters] of rows) {
		test(`${code}: ${title} (${method})`, async t => {
			const {server, call} = await serve(t);
			prepare?.(server);
			const answer = await call(method, payload);
			t.is(answer.status, code);
			t.false(answer.ok);
			t.is(answer.error_code, code);
			t.is(answer.description, description);
			t.deepEqual(answer.parameters, parameters);
			const arrival = server.log.at(-1);
			t.is(arrival?.outcome, 'refused');
			t.is(arrival?.status, code);
			t.false(arrival?.effect);
			if (arrival?.chatId !== undefined) t.deepEqual(server.chat(arrival.chatId, {thread: arrival.threadId}).spans, []);
		});
	}
}
