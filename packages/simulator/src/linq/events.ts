import type {LinqChat} from './chats.ts';

/** A person writes. */
export interface LinqWriting {
	/** The UUID of a chat. */
	readonly chat: string;
	readonly text: string;
	/** When it came in, in milliseconds since 1970. Its delivery may have taken until now. @default now */
	readonly at?: number;
}

/** An event as webhooks deliver it in the format of 2026-02-03. @see https://docs.linqapp.com/guides/webhooks/ */
export interface LinqEvent {
	readonly api_version: 'v3';
	readonly webhook_version: '2026-02-03';
	readonly event_type: 'message.received' | 'message.sent';
	readonly event_id: string;
	readonly created_at: string;
	readonly trace_id: string;
	readonly partner_id: string;
	readonly data: Readonly<Record<string, unknown>>;
}

/** The bot's own number. */
const owner = '+12052535597';

/** @param at - in milliseconds since 1970 */
export function messageEvent(type: LinqEvent['event_type'], {id, isGroup, service, handle}: LinqChat, text: string, at: number): LinqEvent {
	const time = new Date(at).toISOString();
	const isInbound = type === 'message.received';
	const person = (name: string) => ({
		id: crypto.randomUUID(),
		handle: name,
		service,
		status: 'active',
		is_me: name === owner,
		joined_at: time,
		left_at: null,
	});
	return {
		api_version: 'v3',
		webhook_version: '2026-02-03',
		event_type: type,
		event_id: crypto.randomUUID(),
		created_at: time,
		trace_id: crypto.randomUUID().replaceAll('-', ''),
		partner_id: 'simulated-partner',
		data: {
			id: crypto.randomUUID(),
			chat: {id, is_group: isGroup, owner_handle: person(owner), health_status: health(time)},
			direction: isInbound ? 'inbound' : 'outbound',
			sender_handle: person(isInbound ? handle : owner),
			service,
			preferred_service: null,
			parts: [{type: 'text', value: text}],
			effect: null,
			reply_to: null,
			idempotency_key: null,
			sent_at: time,
			delivered_at: null,
			read_at: null,
		},
	};
}

export function health(time: string): object {
	return {status: 'HEALTHY', doc_url: 'https://docs.linqapp.com/guides/chats/chat-health#healthy', updated_at: time};
}
