import type {ServerResponse} from 'node:http';
import {breakOff, statuses} from '../breakage.ts';
import {described, type FaultOutcome} from './fault.ts';
import type {ApiError} from './refusal.ts';
import {Described} from './state.ts';

/** How a request ends: with a result, an error, or not as it should. */
export type Answer =
	| {readonly result: unknown}
	| {readonly error: ApiError}
	| {readonly broken: Exclude<FaultOutcome, object>; readonly result: unknown};

/** The answer a fault gives in place of the true one. */
export function faulty(outcome: FaultOutcome, result: unknown): Answer {
	if (typeof outcome === 'string') return {broken: outcome, result};
	return 'latency' in outcome ? {result} : {error: described(outcome)};
}

/** The HTTP status an answer has; 0 for none. */
export function statusOf(answer: Answer): number {
	if ('error' in answer) return answer.error.error_code;
	if (!('broken' in answer)) return 200;
	return {...statuses, redirect: 302, malformed: 200}[answer.broken];
}

/** Sends the answer, or does whatever the fault does to the connection. */
export function write(response: ServerResponse, answer: Answer): void {
	const status = statusOf(answer);
	if ('broken' in answer && answer.broken !== 'malformed') {
		if (answer.broken === 'redirect') return void response.writeHead(status, {location: '/moved'}).end();
		return breakOff(response, answer.broken, page('Bad Gateway'));
	}

	const json = JSON.stringify(body(answer));
	const after = 'error' in answer ? answer.error.parameters?.retry_after : undefined;
	response.writeHead(status, {
		'content-type': 'application/json',
		...(after !== undefined && {'retry-after': String(after)}),
	});
	response.end('broken' in answer ? json.slice(0, json.length / 2) : json);
}

export function page(title: string): string {
	return `<html><head><title>${title}</title></head></html>`;
}

function body(answer: Answer): unknown {
	if ('error' in answer) {
		const {error_code, description, parameters} = answer.error;
		return {ok: false, error_code, description, ...(parameters && {parameters})};
	}

	const {result} = answer;
	return result instanceof Described ? {ok: true, result: result.result, description: result.description} : {ok: true, result};
}
