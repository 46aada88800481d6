/** A handler as GramJS calls it. */
export type Callback = (event: any) => unknown;

/**
What this package needs of a `TelegramClient`: its shape, so that any copy of GramJS will do.

@see https://gram.js.org/beta/classes/TelegramClient.html
*/
export interface GramjsClient {
	invoke(request: any, dcId?: number): Promise<any>;
	sendFile(entity: any, parameters: any): Promise<any>;
	getInputEntity(entity: any): Promise<any>;
	getMe(inputPeer: true): Promise<any>;
	isBot(): Promise<boolean | undefined>;
	addEventHandler(callback: Callback, filter?: any): void;
	removeEventHandler(callback: Callback, filter: any): void;
	listEventHandlers(): unknown[];
}

/**
The same client, but for calls that are worth nothing later: it neither sleeps on a FLOOD_WAIT nor tries again by itself. The engine does, as
long as somebody is working; GramJS would send it long after.
*/
export function impatient(client: GramjsClient): GramjsClient {
	const settings: ReadonlyMap<string | symbol, number> = new Map([
		['floodSleepThreshold', -1], // In seconds: even FLOOD_WAIT_0 is ours to wait for.
		['_requestRetries', 1],
	]);
	return new Proxy(client, {
		get(target, name) {
			const value: unknown = settings.get(name) ?? Reflect.get(target, name);
			// Only the call itself is impatient: whatever it sets off, connecting anew even, is the client's own.
			return typeof value === 'function' && name !== 'invoke' ? (value.bind(target) as unknown) : value;
		},
	});
}
