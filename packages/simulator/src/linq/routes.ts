import type {LinqMethod} from './arrival.ts';
import {showsTyping, type LinqChat} from './chats.ts';
import type {Subscription} from './delivery.ts';
import {health, messageEvent} from './events.ts';
import {textOf} from './message.ts';
import {Refused} from './refusal.ts';
import type {LinqState} from './state.ts';

/** How a request ends well. */
export interface Answer {
	readonly status: number;
	readonly body?: object;
	/** Whether the person could see what it did. @default true */
	readonly visible?: boolean;
}

interface Call {
	readonly state: LinqState;
	readonly payload: Readonly<Record<string, unknown>>;
	/** The id in the path, in lower case. */
	readonly id: string;
}

interface Route {
	readonly name: LinqMethod;
	readonly verb: string;
	readonly path: RegExp;
	/** Not async: a request takes effect in the very moment it is counted. @throws {Refused} as the service would */
	run(call: Call): Answer;
}

/** The calls of the API that a bot needs to answer people, in the vendor's paths. @see https://docs.linqapp.com/api/ */
export const routes: readonly Route[] = [
	{
		name: 'typing.start',
		verb: 'POST',
		path: /^\/v3\/chats\/([^/]+)\/typing$/,
		run({state, id}) {
			return {status: 204, visible: showsTyping(oneToOne(state, id), state.now())};
		},
	},
	{
		name: 'typing.stop',
		verb: 'DELETE',
		path: /^\/v3\/chats\/([^/]+)\/typing$/,
		run({state, id}) {
			oneToOne(state, id);
			return {status: 204};
		},
	},
	{
		name: 'messages.send',
		verb: 'POST',
		path: /^\/v3\/chats\/([^/]+)\/messages$/,
		run(call) {
			const {chat, time} = send(call, textOf(call.payload));
			const {message} = call.payload as {message: {parts: object[]}};
			const sent = {
				id: crypto.randomUUID(),
				parts: message.parts.map(part => ({...part, reactions: null})),
				service: chat.service,
				delivery_status: 'pending',
				is_read: false,
				created_at: time,
				sent_at: null,
			};
			return {status: 202, body: {chat_id: chat.id, message: sent}};
		},
	},
	{
		name: 'voicememo.send',
		verb: 'POST',
		path: /^\/v3\/chats\/([^/]+)\/voicememo$/,
		run(call) {
			const {voice_memo_url: url, attachment_id: attachment} = call.payload;
			if (typeof url !== 'string' && typeof attachment !== 'string') throw new Refused(400, 1001);
			const {chat, time} = send(call, String(url ?? attachment));
			const memo = {id: crypto.randomUUID(), filename: 'memo.m4a', mime_type: 'audio/x-m4a', size_bytes: 1, url: String(url)};
			const about = {id: chat.id, handles: [], is_active: true, is_group: chat.isGroup, service: chat.service};
			return {
				status: 202,
				body: {voice_memo: {id: crypto.randomUUID(), chat: about, created_at: time, from: '', status: 'queued', to: [], voice_memo: memo}},
			};
		},
	},
	{
		name: 'markAsRead',
		verb: 'POST',
		path: /^\/v3\/chats\/([^/]+)\/read$/,
		run({state, id}) {
			state.chats.get(id);
			return {status: 204};
		},
	},
	{
		name: 'retrieve',
		verb: 'GET',
		path: /^\/v3\/chats\/([^/]+)$/,
		run({state, id}) {
			const {isGroup, service, handle} = state.chats.get(id);
			const time = new Date(state.now()).toISOString();
			const about = {
				id,
				display_name: handle,
				handles: [],
				is_archived: false,
				is_group: isGroup,
				service,
				created_at: time,
				updated_at: time,
			};
			return {status: 200, body: {...about, health_status: health(time)}};
		},
	},
	{
		name: 'webhooks.create',
		verb: 'POST',
		path: /^\/v3\/webhook-subscriptions$/,
		run({state, payload}) {
			const {id, url, secret, events} = subscribe(state, payload);
			const time = new Date(state.now()).toISOString();
			const about = {id, target_url: url, signing_secret: secret, subscribed_events: events, is_active: true};
			return {status: 201, body: {...about, created_at: time, updated_at: time}};
		},
	},
	{
		name: 'webhooks.delete',
		verb: 'DELETE',
		path: /^\/v3\/webhook-subscriptions\/([^/]+)$/,
		run({state, id}) {
			if (!state.subscriptions.delete(id)) throw new Refused(404, 2001);
			return {status: 204};
		},
	},
];

/** @throws {Refused} for a group, which has no typing */
function oneToOne(state: LinqState, id: string): LinqChat {
	const chat = state.chats.get(id);
	if (chat.isGroup) throw new Refused(403, 2005);
	return chat;
}

/** Puts a message into a chat, and tells the webhooks. @throws {Refused} for too many */
function send({state, id}: Call, text: string): {readonly chat: LinqChat; readonly time: string} {
	const chat = state.chats.get(id);
	const seconds = state.admit(chat.id);
	if (seconds > 0) throw new Refused(429, 1007, undefined, seconds);
	chat.lastMessageAt = state.now();
	state.publish(messageEvent('message.sent', chat, text, chat.lastMessageAt));
	return {chat, time: new Date(chat.lastMessageAt).toISOString()};
}

/** @throws {Refused} for an address that no event may be posted to */
function subscribe(state: LinqState, payload: Call['payload']): Subscription {
	const {target_url: url, subscribed_events: events} = payload;
	if (typeof url !== 'string' || !Array.isArray(events) || events.length === 0) throw new Refused(400, 1001);
	// Linq insists on https; here plain http will do, and no other machine can be reached.
	if (!URL.canParse(url) || !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) throw new Refused(400, 1005);
	const random = Buffer.from(crypto.getRandomValues(new Uint8Array(32)));
	const subscription = {id: crypto.randomUUID(), url, secret: `whsec_${random.toString('base64')}`, events: events.map(String)};
	state.subscriptions.set(subscription.id, subscription);
	return subscription;
}
