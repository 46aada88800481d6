import type {ServerResponse} from 'node:http';
import {show, statusOf, type PhpException} from './exception.ts';

/** What is sent back. */
export interface Answer {
	readonly status: number;
	readonly body: object;
}

export function success(response: unknown): Answer {
	return {status: 200, body: {success: true, response: isShown(response) ? response : null, errors: []}};
}

/** Objects and scalars are shown, whatever else a method may return is `null`. */
function isShown(response: unknown): boolean {
	return ['object', 'string', 'number', 'boolean'].includes(typeof response);
}

export function failure(exception: PhpException): Answer {
	return {status: statusOf(exception), body: {success: false, response: null, errors: [show(exception)]}};
}

/** Refused before any method was called: there is no `response` in it. */
export function refusal(code: number, message: string): Answer {
	return {status: code, body: {success: false, errors: [{code, message}]}};
}

/** Pretty, as the real one is. */
export function textOf({body}: Answer): string {
	return `${JSON.stringify(body, undefined, 4)}\n`;
}

export function write(response: ServerResponse, answer: Answer): void {
	response.writeHead(answer.status, {'content-type': 'application/json;charset=utf-8'}).end(textOf(answer));
}
