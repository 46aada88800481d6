import {typeOf, type AnyAction} from './action.ts';
import type {SendReason} from './events.ts';
import type {Platform} from './platform.ts';
import {now} from './timer.ts';
import type {Typing} from './typing.ts';

type Hold = Pick<Typing<AnyAction>, 'action' | 'settings'>;

type Pace = Pick<Platform<never>, 'ttl' | 'chatLimit'>;

/** What the person in one chat sees, as far as we can know. Times are monotonic milliseconds. */
export class Sight {
	/** The type of the action that is shown; nothing after a message has cleared it. It may have run out since. */
	shown: string | undefined;

	/** The start of the send that showed it: the platform may have begun to count at any time after. */
	sentAt = 0;

	/** Until when the person may see something, whatever we know. */
	mayLastUntil = 0;

	/** Whether the last send may yet arrive: it was given up, and no answer came. */
	#mayArrive = false;

	/** When a message last took it down; 0 if none has. */
	clearedAt = 0;

	/** A send landed. */
	landed(action: AnyAction, sentAt: number): void {
		this.shown = typeOf(action);
		this.sentAt = sentAt;
	}

	/** A send of `action` went out, and `mayArrive` after whatever comes next if no answer told that it landed. */
	mayShow(until: number, mayArrive: boolean, action?: AnyAction): void {
		if (action && this.shown && this.shown !== typeOf(action)) {
			this.shown = ''; // The one or the other: whichever is wanted next, it is to be sent.
		}

		this.mayLastUntil = until;
		this.#mayArrive = mayArrive;
	}

	/** A message landed. The last send `mayHaveCrossed` it, and show after it, where nothing held sends back. */
	cleared(time: number, mayHaveCrossed: boolean): void {
		const until = this.#mayArrive || mayHaveCrossed ? this.mayLastUntil : 0;
		this.takenDown();
		this.mayLastUntil = until;
		this.clearedAt = time || 1; // A faked clock begins at 0, which means "never" here.
	}

	/** It was taken down. */
	takenDown(): void {
		this.shown = undefined;
		this.mayShow(0, false);
	}

	/** How long ago a message last took it down, in milliseconds; `Infinity` if none has. */
	get messageAge(): number {
		return this.clearedAt > 0 ? now() - this.clearedAt : Infinity;
	}

	/** When the next send for `hold` is due. */
	dueAt({action, settings: {delay, interval}}: Hold, {ttl, chatLimit}: Pace, line: {readyAt(spare?: number): number}): number {
		// Even without a delay: a handler that returns after its reply should get the chance to.
		const returnAt = this.clearedAt > 0 ? this.clearedAt + Math.max(delay, 1) : 0;
		if (this.shown === undefined) {
			return Math.max(returnAt, line.readyAt());
		}

		// A change goes out at once, a renewal at its time, unless so many did that no call of the chat's budget would be left to keep it up.
		const latest = Math.max(interval, ttl * 0.9);
		const spare = Math.ceil((chatLimit?.interval ?? 0) / latest);
		const dueAt = Math.max(this.shown === typeOf(action) ? this.sentAt + interval : 0, line.readyAt(spare));
		return Math.max(returnAt, Math.min(dueAt, Math.max(this.sentAt + latest, line.readyAt())));
	}

	/** Why a send of `action` goes out now. */
	reasonFor(action: AnyAction, time: number, ttl: number): SendReason {
		if (this.shown === undefined && this.clearedAt === 0) {
			return 'first';
		}

		if (this.shown === undefined || time >= this.sentAt + ttl) {
			return 'return';
		}

		return this.shown === typeOf(action) ? 'renewal' : 'action';
	}
}
