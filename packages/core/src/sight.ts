import type {SendReason} from './events.ts';

/** What the person in one chat sees, as far as we can know. Times are monotonic milliseconds. */
export class Sight<Action extends string> {
	/** What is shown; nothing after a message has cleared it. It may have run out since. */
	shown: Action | undefined;

	/** The start of the send that showed it: the platform may have begun to count at any time after. */
	sentAt = 0;

	/** Until when the person may see something, whatever we know. */
	mayLastUntil = 0;

	/** When a message last took it down; 0 if none has. */
	clearedAt = 0;

	/** A send landed. */
	landed(action: Action, sentAt: number): void {
		this.shown = action;
		this.sentAt = sentAt;
	}

	/** A message landed. */
	cleared(time: number): void {
		this.takenDown();
		this.clearedAt = time;
	}

	/** It was taken down. */
	takenDown(): void {
		this.shown = undefined;
		this.mayLastUntil = 0;
	}

	/** Why a send of `action` goes out now. */
	reasonFor(action: Action, time: number, ttl: number): SendReason {
		if (this.shown === undefined && this.clearedAt === 0) {
			return 'first';
		}

		if (this.shown === undefined || time >= this.sentAt + ttl) {
			return 'return';
		}

		return this.shown === action ? 'renewal' : 'action';
	}
}
