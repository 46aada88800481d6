import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';

/** How long it thinks, in milliseconds. */
const thinkingTime = 6000;

/**
Starts a slow language model on this machine, which says the same to everybody.

@param onHangUp - Told when somebody hung up before they had their answer, and after how many milliseconds.
*/
export async function startStandIn(onHangUp: (after: number) => void = () => {}): Promise<{url: string; server: Server}> {
	const server = createServer((request, response) => void answer(request, response, onHangUp));
	await once(server.listen(0, '127.0.0.1'), 'listening');
	return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`, server};
}

async function answer(request: IncomingMessage, response: ServerResponse, onHangUp: (after: number) => void): Promise<void> {
	const since = performance.now();
	const hungUp = new AbortController();
	response.on('close', () => hungUp.abort());
	try {
		request.resume();
		await sleep(thinkingTime, undefined, {signal: hungUp.signal});
		const content = 'Blue light is scattered more than red light, so it reaches us from everywhere.';
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({choices: [{index: 0, finish_reason: 'stop', message: {role: 'assistant', content}}]}));
	} catch {
		onHangUp(performance.now() - since);
	}
}
