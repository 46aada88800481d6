import type {ServerResponse} from 'node:http';

/** How a request ends that the service doesn't answer: its connection is cut, stays open in silence, or brings a page of a proxy in between. */
export type Breakage = 'reset' | 'hang' | 'html';

/** The HTTP status of each; 0 for none. */
export const statuses: Readonly<Record<Breakage, number>> = {reset: 0, hang: 0, html: 502};

/** Does it to the connection. One that hangs stays open, until the client or the whole service gives up. */
export function breakOff(response: ServerResponse, breakage: Breakage, page: string): void {
	if (breakage === 'reset') response.socket?.resetAndDestroy();
	if (breakage === 'html') response.writeHead(statuses.html, {'content-type': 'text/html'}).end(page);
}
