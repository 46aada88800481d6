import {peerKey} from '@auto-typing/mtproto';
import {topicOf, type Reply} from './event.ts';

/** How many messages are remembered: the latest ones, because those are replied to. */
const mostMessages = 1000;

/**
In which topics messages are.

A reply names the message it replies to, and the service puts it into the topic of that message. So does a button. We have to know, too.
*/
export class Topics {
	readonly #topics = new Map<string, number>();

	/** The topic of a message; `undefined` if it isn't in one, as far as we know. */
	of(chat: string, messageId: number | undefined): number | undefined {
		return this.#topics.get(`${chat}/${messageId}`);
	}

	remember(chat: string, messageId: number | undefined, topic: number): void {
		this.#topics.set(`${chat}/${topic}`, topic); // A topic is a message itself: the one that created it.
		this.#topics.set(`${chat}/${messageId}`, topic);
		for (const oldest of this.#topics.keys()) {
			if (this.#topics.size <= mostMessages) {
				break;
			}

			this.#topics.delete(oldest);
		}
	}

	/** Remember the messages that an answer of the service tells of: they are our own. */
	learn(answer: unknown): void {
		const {updates} = (answer ?? {}) as {updates?: unknown};
		for (const {message} of Array.isArray(updates) ? (updates as Update[]) : []) {
			const topic = typeof message === 'object' ? topicOf(message) : undefined;
			if (topic !== undefined && typeof message === 'object') {
				this.remember(peerKey(message.peerId), message.id, topic);
			}
		}
	}
}

interface Update {
	readonly message?: string | {readonly id?: number; readonly peerId?: unknown; readonly replyTo?: Reply};
}
