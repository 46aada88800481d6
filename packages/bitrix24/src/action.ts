/**
What Bitrix24 can show. `'typing'` is its ordinary "typing…", the others are the statuses of its agents, such as "thinking…".

Version 1 knows `'typing'` only.

@see https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/ui/chat-input-action-notify.html
*/
export const bitrix24Actions = [
	'typing',
	'thinking',
	'searching',
	'generating',
	'analyzing',
	'processing',
	'translating',
	'connecting',
	'checking',
	'calculating',
	'reading_docs',
	'composing',
] as const;

export type Bitrix24Action = (typeof bitrix24Actions)[number];

/** The vendor's code for an action; none for `'typing'`, which is what it shows without one. */
export function statusCode(action: Bitrix24Action): string | undefined {
	return action === 'typing' ? undefined : `IMBOT_AGENT_ACTION_${action.toUpperCase()}`;
}
