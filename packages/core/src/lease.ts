import type {Bot} from './bot.ts';
import type {Waiter} from './budget.ts';
import type {EndReason, SendReason} from './events.ts';
import {Holds} from './holds.ts';
import {Line} from './line.ts';
import type {Failure} from './platform.ts';
import {now, wake, type Timer} from './timer.ts';
import type {Holder, Typing} from './typing.ts';

/** The call that takes an indicator down is tried this often. */
const stopTries = 3;

/**
The one indicator of one chat, however many handlers hold it.

The platform drops the indicator `ttl` after each send, which makes every send a lease: renewed while somebody holds it, left to lapse after.
All of it is one function: {@link update} compares what the holds want with what the person sees, and takes one step. Whatever happens calls
it: a hold that comes, goes, pauses or changes, a timer, a call that settled, a message. So races need no code of their own.
*/
export class Lease<Target, Action extends string> implements Waiter, Holder<Action> {
	readonly #bot: Bot<Target, Action>;
	readonly #line: Line<Target, Action>;
	readonly #holds = new Holds<Action>();

	/** What the person sees, as far as we know, and the start of the send that showed it. */
	#shown: Action | undefined;
	#sentAt = 0;
	/** Until when the person may see something, whatever we know. */
	#maySeeUntil = 0;
	/** When a message last took it down; 0 if none has. */
	#clearedAt = 0;

	#isWaiting = false;
	/** How many messages are on their way out. */
	#gates = 0;
	#timer: Timer | undefined;
	#wakeAt = 0;

	constructor(key: string, target: Target, bot: Bot<Target, Action>) {
		this.#bot = bot;
		this.#line = new Line(key, target, bot, this);
	}

	/** The most recent hold, active or not. */
	get latest(): Typing<Action> | undefined {
		return this.#holds.latest;
	}

	/** Whether a call is in flight. */
	get isBusy(): boolean {
		return this.#line.isBusy;
	}

	add(hold: Typing<Action>): void {
		this.#holds.add(hold);
		hold.settings.follow(hold);
		if (!hold.ended && this.#line.isRefused) {
			this.#line.emit({type: 'skip', reason: 'refused'});
		}

		this.update();
	}

	remove(hold: Typing<Action>, reason: EndReason): void {
		if (!this.#holds.remove(hold)) {
			return;
		}

		if (this.#bot.events.isHeard) {
			const time = now();
			if (time < hold.from) {
				this.#line.emit({type: 'skip', reason: 'quick'});
			}

			this.#line.emit({type: 'end', reason: reason === 'done' && time >= hold.until ? 'ceiling' : reason});
		}

		this.update();
	}

	/** End every hold: the work of this chat has lost its point. */
	cancel(reason?: unknown, why: EndReason = 'cancelled'): void {
		this.#holds.cancel(reason, why);
	}

	/** Take the next step towards what the holds want. Safe to call at any time. */
	update(): void {
		const time = now();
		const hold = this.#holds.decisive(time);
		const due = hold ? this.#dueAt(hold) : Number.POSITIVE_INFINITY;
		let next = this.#holds.nextChange(time);
		if (this.#isWaiting && due > time) {
			this.#leave();
		}

		if (this.#line.isBusy) {
			if (!hold) {
				this.#line.abort('Nobody is typing any more'); // It would show after the reply.
			}
		} else if (hold) {
			if (due <= time) {
				this.#ask();
			} else {
				next = Math.min(next, due);
			}
		} else if (this.#gates === 0 && this.#owesStop(time)) {
			if (this.#line.readyAt <= time) {
				this.#takeDown();
			} else {
				next = Math.min(next, this.#line.readyAt);
			}
		} else if (this.#gates === 0 && this.#holds.isEmpty) {
			this.#end();
			return;
		}

		this.#wakeUpAt(next);
	}

	/** Send, now that it is our turn. Returns whether there was still need. */
	grant(): boolean {
		this.#isWaiting = false;
		const time = now();
		const hold = this.#holds.decisive(time);
		if (hold && !this.#line.isBusy && this.#dueAt(hold) <= time) {
			this.#send(hold);
			return true;
		}

		this.update();
		return false;
	}

	/** Start nothing until {@link openGate}. Settles when nothing is in flight that would land after a message. */
	async closeGate(): Promise<void> {
		this.#gates++;
		this.update();
		await this.#line.clear();
	}

	openGate(): void {
		this.#gates--;
		this.update();
	}

	/** A message has landed, and took the indicator down. */
	cleared(): void {
		this.#line.abort('A message has cleared the indicator');
		this.#line.reached();
		this.#shown = undefined;
		this.#maySeeUntil = 0;
		this.#clearedAt = now();
	}

	/** A message was refused, which says something about the chat. */
	refused(failure: Failure, error: unknown): void {
		this.#line.learn(failure);
		if (failure === 'gone') {
			this.cancel(error, 'gone');
		}

		this.update();
	}

	/** When the next send is due. */
	#dueAt({action, settings}: Typing<Action>): number {
		if (this.#gates > 0) {
			return Number.POSITIVE_INFINITY;
		}

		const renewalAt = this.#shown === action ? this.#sentAt + settings.interval : 0;
		const returnAt = this.#clearedAt > 0 ? this.#clearedAt + settings.delay : 0;
		return Math.max(renewalAt, returnAt, this.#line.readyAt);
	}

	#owesStop(time: number): boolean {
		return this.#bot.platform.stop !== undefined && this.#maySeeUntil > time;
	}

	#ask(): void {
		if (!this.#isWaiting) {
			this.#isWaiting = true;
			const reason = this.#bot.budget.ask(this, this.#shown === undefined);
			if (reason !== undefined) {
				this.#line.emit({type: 'wait', reason});
			}
		}
	}

	#leave(): void {
		this.#isWaiting = false;
		this.#bot.budget.leave(this);
		this.#line.emit({type: 'skip', reason: this.#gates > 0 ? 'message' : 'ended'});
	}

	#send({action, settings}: Typing<Action>): void {
		this.#line.emit({type: 'send', action, reason: this.#reasonFor(action)});
		this.#line.send(action, settings.interval, ({landed, aborted, startedAt, failure, error}) => {
			if (landed || aborted) {
				this.#maySeeUntil = now() + this.#bot.platform.ttl; // What was aborted may have arrived all the same.
			}

			this.#keepAddress();
			if (landed && !aborted) {
				// Counted from the start: the platform may have begun to count at any time after.
				this.#shown = action;
				this.#sentAt = startedAt;
			} else if (failure === 'gone') {
				this.cancel(error, 'gone');
			}

			this.update();
		});
	}

	/** The chat may have turned out to be another one: then its messages and its next updates name that. */
	#keepAddress(): void {
		const {leases} = this.#bot;
		if (!leases.has(this.#line.address)) {
			leases.set(this.#line.address, this);
		}
	}

	#takeDown(): void {
		const mayHaveSeenUntil = this.#maySeeUntil;
		this.#shown = undefined;
		this.#maySeeUntil = 0;
		this.#line.emit({type: 'stop', reason: 'ended'});
		this.#line.stop(({failure}) => {
			if (failure !== undefined && this.#line.failures < stopTries) {
				this.#maySeeUntil = mayHaveSeenUntil;
			}

			this.update();
		});
	}

	/** A client that didn't honour its signal got through in the end, perhaps after the lease was over. */
	landedLate(): void {
		const {leases, platform} = this.#bot;
		if (platform.stop) {
			const lease = leases.get(this.#line.key) ?? this;
			leases.set(this.#line.key, lease);
			lease.#maySeeUntil = now() + platform.ttl;
			lease.update();
		}
	}

	#reasonFor(action: Action): SendReason {
		if (this.#line.failures > 0) {
			return 'retry';
		}

		if (this.#shown === undefined) {
			return this.#clearedAt > 0 ? 'return' : 'first';
		}

		return this.#shown === action ? 'renewal' : 'action';
	}

	#wakeUpAt(at: number): void {
		// Woken early it looks again: cheaper than setting the timer anew.
		if (at !== Number.POSITIVE_INFINITY && (this.#timer === undefined || at < this.#wakeAt)) {
			clearTimeout(this.#timer);
			this.#wakeAt = at;
			// Bound, not a closure: half the memory, and there is one of these per chat.
			this.#timer = wake(this.woken.bind(this), at - now());
		}
	}

	/** The timer is up. */
	woken(): void {
		this.#timer = undefined;
		this.update();
	}

	#end(): void {
		const {leases, onEnd} = this.#bot;
		clearTimeout(this.#timer);
		this.#timer = undefined;
		for (const key of [this.#line.key, this.#line.address]) {
			if (leases.get(key) === this) {
				leases.delete(key);
				this.#line.close();
				onEnd();
			}
		}
	}
}
