import type {Payload} from './call.ts';
import {Messages} from './messages.ts';
import {Peers, type Peer} from './peers.ts';
import {Updates, type Caller} from './updates.ts';
import {Uploads} from './uploads.ts';

/** Everything the service remembers. */
export interface State {
	readonly peers: Peers;
	readonly messages: Messages;
	readonly uploads: Uploads;
	readonly updates: Updates;
	/** The accounts that may log in as bots, by their tokens. */
	readonly tokens: Map<string, Peer>;
}

export function createState(): State {
	return {peers: new Peers(), messages: new Messages(), uploads: new Uploads(), updates: new Updates(), tokens: new Map()};
}

/** Where a call goes. */
export interface Place {
	readonly peer: Peer;
	/** The topic the person has to look at; 1 is a forum's General. */
	readonly topic: number | undefined;
}

/** One call on its way through a method. */
export interface Call {
	readonly payload: Payload;
	readonly caller: Caller;
	readonly account: Peer;
	readonly state: State;
}

/** A call of a method that addresses a chat. */
export interface ChatCall extends Call {
	readonly place: Place;
}

/** A method of the API. Each gives its result, or throws an `RpcError` as the service would. */
export type Method =
	/** Before the login. */
	| {readonly name: string; readonly kind: 'open'; readonly run: (call: Omit<Call, 'account'>) => unknown}
	/** For everybody who is logged in, or for people alone. */
	| {readonly name: string; readonly kind: 'any' | 'people'; readonly run: (call: Call) => unknown}
	/** Puts a message into a chat, or shows an action there. */
	| {readonly name: string; readonly kind: 'send' | 'action'; readonly run: (call: ChatCall) => unknown};
