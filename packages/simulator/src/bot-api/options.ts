import type {UserFromGetMe} from '@grammyjs/types';
import type {ChatOptions} from './chats.ts';
import type {Limits} from './limits.ts';

/** How the service behaves. The starred ones can be changed while it runs, as properties of the server. */
export interface BotApiOptions {
	/** *How long a request takes there and back, in milliseconds. @default 0 */
	readonly latency?: number | (() => number);
	/** *By how much each of the two ways may be longer or shorter, in milliseconds. @default 0 */
	readonly jitter?: number | (() => number);
	/** What the jitter is drawn from; the same seed, the same jitter. @default 1 */
	readonly seed?: number;
	/** *The rate limit of the whole bot, for every request that addresses a chat. @default none */
	readonly limit?: Limits | (() => Limits | undefined) | undefined;
	/** *The rate limit of each chat. @default none */
	readonly chatLimit?: Limits | (() => Limits | undefined) | undefined;
	/** The only token that is accepted. @default one made from the bot's id */
	readonly token?: string;
	/** What `getMe` tells. */
	readonly botInfo?: Partial<UserFromGetMe>;
	/** The only chats there are, besides those added later. @default every integer is the id of a chat */
	readonly knownChats?: ReadonlyArray<number | ChatOptions>;
	/** *How long a webhook may take to answer, in milliseconds. @default 60_000 */
	readonly webhookTimeout?: number;
	/** *How long after a failed delivery an update is posted again, in milliseconds. @default 1000 */
	readonly webhookRetry?: number;
}

const defaultBot = {
	is_bot: true,
	first_name: 'Typing Bot',
	username: 'typing_bot',
	can_join_groups: true,
	can_read_all_group_messages: false,
	supports_inline_queries: false,
	can_connect_to_business: true,
	has_main_web_app: false,
	has_topics_enabled: false,
	allows_users_to_create_topics: false,
	can_manage_bots: false,
	supports_join_request_queries: false,
} as const satisfies Omit<UserFromGetMe, 'id'>;

/** What `getMe` tells of the bot. */
export function createBotInfo(id: number, about?: Partial<UserFromGetMe>): UserFromGetMe {
	return {...defaultBot, ...about, id};
}

/** What a setting is at this moment. */
export function current<T>(setting: T | (() => T)): T {
	return typeof setting === 'function' ? (setting as () => T)() : setting;
}
