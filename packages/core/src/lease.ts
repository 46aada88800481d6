import type {AnyAction} from './action.ts';
import type {Waiter} from './budget.ts';
import type {EndReason} from './events.ts';
import {Line} from './line.ts';
import {Sight} from './sight.ts';
import {now, wake, type Timer} from './timer.ts';
import type {Holder, Typing} from './typing.ts';

/** The call that takes an indicator down is tried this often. */
const stopTries = 3;

/** What is `due`: a send for the hold that decides, or taking down what nobody wants any more. And when to look for the `next` one. */
interface Step<Action extends AnyAction> {
	readonly hold: Typing<Action> | undefined;
	/** Whether anybody works, be it in the `delay`, which shows nothing new and takes nothing down. */
	readonly isHeld: boolean;
	readonly due: number;
	readonly next: number;
}

/**
The one indicator of one chat, however many handlers hold it.

The platform drops the indicator `ttl` after each send, which makes every send a lease: renewed while somebody holds it, left to lapse after.
All of it is one function: {@link update} compares what the holds want with what the person sees, and takes one step. Whatever happens calls
it: a hold that comes, goes, pauses or changes, a timer, a call that settled, a message. So races need no code of their own.
*/
export class Lease<Target, Action extends AnyAction> extends Line<Target, Action> implements Waiter, Holder<Action> {
	/** The most recent hold, active or not. Each knows the one before it. */
	latest: Typing<Action> | undefined;
	readonly #sight = new Sight();
	/** The other key it is found by, if a call has told that its chat is elsewhere. */
	#movedTo: string | undefined;
	#isWaiting = false;
	/** How often the call that takes it down was made since the last send. */
	#stops = 0;
	/** How many messages are on their way out, and how many of them no send may start before. */
	#messages = 0;
	#gates = 0;
	#timer: Timer | undefined;
	#wakeAt = 0;

	/** @param target - The chat as the handler knows it. */
	add(hold: Typing<Action>, target?: Target): void {
		if (target !== undefined) {
			this.aim(target);
		}

		hold.before = this.latest;
		this.latest = hold;
		hold.follow();
		if (!hold.ended) {
			this.tellObstacle();
			this.update();
		}
	}

	remove(hold: Typing<Action>, reason: EndReason): void {
		this.latest = this.latest === hold ? hold.before : this.latest;
		for (let after = this.latest; after; after = after.before) {
			after.before = after.before === hold ? hold.before : after.before;
		}

		hold.before = undefined;
		if (this.bot.events.isHeard) {
			const time = now();
			if (time < hold.from) {
				this.emit({type: 'skip', reason: 'quick'});
			}

			this.emit({type: 'end', reason: reason === 'done' && time >= hold.until ? 'ceiling' : reason});
		}

		this.update();
	}

	/** End every hold, oldest first: the work of this chat has lost its point. */
	cancel(reason?: unknown, why?: EndReason): void {
		const holds = [];
		for (let hold = this.latest; hold; hold = hold.before) {
			holds.unshift(hold);
		}

		for (const hold of holds) {
			hold.cancel(reason, why);
		}
	}

	/** Take the next step towards what the holds want. Safe to call at any time. */
	update(): void {
		const time = now();
		const {isHeld, due, next} = this.#step(time);
		if (this.#isWaiting && due > time) {
			this.#isWaiting = false;
			this.bot.budget.leave(this);
			this.emit({type: 'skip', reason: this.#gates > 0 ? 'message' : 'ended'});
		}

		if (this.isBusy) {
			// One that a message waits for is left to settle: aborted, it may land all the same, and after the message.
			if (!isHeld && this.#gates === 0) {
				this.abort('Nobody is typing');
			}
		} else if (due <= time) {
			this.#ask();
		} else if (!this.latest && this.#messages === 0 && due === Infinity) {
			this.#end();
			return;
		}

		this.#wakeUpAt(next);
	}

	/** Call, now that it is our turn. Returns whether there was still need. */
	grant(): boolean {
		this.#isWaiting = false;
		const time = now();
		const {hold, due} = this.#step(time);
		if (due > time || this.isBusy) {
			this.update();
			return false;
		}

		if (hold) {
			this.#show(hold);
		} else {
			this.#takeDown();
		}

		return true;
	}

	/** A message is about to go out: the lease is needed until it has. */
	expect(): void {
		this.#messages++;
	}

	/** The message has gone out, or failed. */
	release(): void {
		this.#messages--;
		this.update();
	}

	/** Start nothing until {@link openGate}. Settles when nothing is in flight that would land after a message. */
	async closeGate(): Promise<void> {
		this.#gates++;
		this.update();
		await this.clear();
	}

	openGate(): void {
		this.#gates--;
		this.update();
	}

	/** A message has landed, and took the indicator down: all of it if nothing was sent on the way, which the gate sees to. */
	cleared(wasGated: boolean): void {
		this.abort('A message has landed');
		this.reached();
		this.#sight.cleared(Math.ceil(performance.now()), !wasGated); // Rounded up: what returns a moment later is not in this very turn.
	}

	/** A message failed. */
	refused(error: unknown): void {
		if (this.judge(error, this.latest !== undefined) === 'gone') {
			this.#gone(error);
		}
	}

	/** Nothing reaches the chat any more, a call that takes the indicator down neither. */
	#gone(error: unknown): void {
		this.#sight.takenDown();
		this.cancel(error, 'gone');
	}

	#step(time: number): Step<Action> {
		let wanted: Typing<Action> | undefined;
		let isHeld = false;
		let next = Infinity;
		for (let hold = this.latest; hold; hold = hold.before) {
			const change = hold.from > time ? hold.from : hold.until;
			next = change > time ? Math.min(next, change) : next;
			isHeld ||= hold.isWorking(time);
			wanted ??= hold.isWorking(time) && hold.from <= time ? hold : undefined;
		}

		let due = Infinity;
		if (this.#gates === 0 && wanted && this.isVisible(this.#sight.messageAge)) {
			due = this.#sight.dueAt(wanted, this.bot.platform, this);
		} else if (this.#gates === 0 && !isHeld && this.bot.platform.stop && this.#sight.mayLastUntil > time) {
			due = this.stopReadyAt;
			next = Math.min(next, this.#sight.mayLastUntil); // What has run out needs no call any more.
		}

		return {hold: wanted, isHeld, due, next: due > time ? Math.min(next, due) : next};
	}

	/** Also where it waits already: the line may have a timer that is dead. */
	#ask(): void {
		const isNew = !this.#isWaiting;
		this.#isWaiting = true;
		const reason = this.bot.budget.ask(this, this.#sight.shown === undefined);
		if (isNew && reason !== undefined) {
			this.emit({type: 'wait', reason});
		}
	}

	#show({action, settings}: Typing<Action>): void {
		this.#stops = 0;
		if (this.bot.events.isHeard) {
			const reason = this.failures > 0 ? 'retry' : this.#sight.reasonFor(action, now(), this.bot.platform.ttl);
			this.emit({type: 'send', action, reason});
		}

		this.send(action, settings.interval, this.#landedLate.bind(this), ({landed, aborted, startedAt, failure, error}) => {
			if (failure === undefined || failure === 'retry') {
				this.#sight.mayShow(now() + this.bot.platform.ttl, !landed, action); // It may have arrived, although its answer did not.
			}

			this.#keepAddress();
			if (landed && !aborted) {
				this.bot.trip.took(now() - startedAt);
				this.#sight.landed(action, startedAt);
			} else if (failure === 'gone') {
				this.#gone(error);
			} else if (typeof failure === 'object' && failure.scope !== 'bot') {
				this.emit({type: 'wait', reason: 'silence'});
			}

			this.update();
		});
	}

	/** The chat may have turned out to be another one: then its messages and its next updates name that. */
	#keepAddress(): void {
		const {leases} = this.bot;
		if (!leases.has(this.address)) {
			leases.delete(this.#movedTo!);
			leases.set((this.#movedTo = this.address), this);
		}
	}

	#takeDown(): void {
		const {mayLastUntil, clearedAt} = this.#sight;
		this.#sight.takenDown();
		this.#stops++;
		this.emit({type: 'stop', reason: 'ended'});
		this.stop(({landed, failure}) => {
			const isNeeded = this.#sight.clearedAt === clearedAt; // No message has cleared it meanwhile.
			if (isNeeded && !landed && failure !== 'give-up' && failure !== 'gone' && this.#stops < stopTries) {
				this.#sight.mayLastUntil = Math.max(this.#sight.mayLastUntil, mayLastUntil);
			}

			this.update();
		});
	}

	/** A client that didn't honour its signal got a send through in the end, perhaps after the lease was over. */
	#landedLate(): void {
		const {leases, platform} = this.bot;
		if (platform.stop) {
			const lease = leases.get(this.key) ?? this;
			leases.set(this.key, lease);
			lease.#stops = 0;
			lease.#sight.mayShow(now() + platform.ttl, false);
			lease.update();
		}
	}

	#wakeUpAt(at: number): void {
		// Woken early it looks again: cheaper than setting the timer anew.
		const isSet = this.#timer !== undefined && this.#wakeAt <= at && this.#wakeAt >= now(); // In workers a timer dies with its request.
		if (at !== Infinity && !isSet) {
			clearTimeout(this.#timer);
			this.#wakeAt = at;
			// Bound, not a closure: half the memory, and there is one of these per chat.
			this.#timer = wake(this.#woken.bind(this), at - now());
		}
	}

	#woken(): void {
		this.#timer = undefined;
		this.update();
	}

	#end(): void {
		const {leases, onEnd} = this.bot;
		clearTimeout(this.#timer);
		this.#timer = undefined;
		for (const key of [this.key, this.#movedTo!]) {
			if (leases.get(key) === this) {
				leases.delete(key);
				this.close(key);
				onEnd();
			}
		}
	}
}
