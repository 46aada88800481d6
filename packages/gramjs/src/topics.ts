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
		// A topic is a message itself: the one that created it.
		for (const id of [messageId, topic]) {
			const key = `${chat}/${id}`;
			this.#topics.delete(key); // Moves it to the end: a topic with much to say is not forgotten.
			this.#topics.set(key, topic);
			if (this.#topics.size > mostMessages) {
				this.#topics.delete(this.#topics.keys().next().value!);
			}
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
