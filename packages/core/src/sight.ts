import type {SendReason} from './events.ts';
import type {Platform} from './platform.ts';
import type {Typing} from './typing.ts';

type Hold<Action extends string> = Pick<Typing<Action>, 'action' | 'settings'>;

type Pace = Pick<Platform<never>, 'ttl' | 'chatLimit'>;

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

	/** When the next send for `hold` is due. */
	dueAt({action, settings: {delay, interval}}: Hold<Action>, {ttl, chatLimit}: Pace, line: {readyAt(spare?: number): number}): number {
		// Even without a delay: a handler that returns after its reply should get the chance to.
		const returnAt = this.clearedAt > 0 ? this.clearedAt + Math.max(delay, 1) : 0;
		if (this.shown === undefined) {
			return Math.max(returnAt, line.readyAt());
		}

		// A change goes out at once, a renewal at its time, unless so many did that no call of the chat's budget would be left to keep it up.
		const latest = Math.max(interval, ttl * 0.9);
		const spare = Math.ceil((chatLimit?.interval ?? 0) / latest);
		const dueAt = Math.max(this.shown === action ? this.sentAt + interval : 0, line.readyAt(spare));
		return Math.max(returnAt, Math.min(dueAt, Math.max(this.sentAt + latest, line.readyAt())));
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
