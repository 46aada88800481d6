import type {AnyAction} from './action.ts';
import type {Bot} from './bot.ts';
import type {Waiter} from './budget.ts';
import type {EndReason} from './events.ts';
import {Holds} from './holds.ts';
import {Line} from './line.ts';
import {Sight} from './sight.ts';
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
export class Lease<Target, Action extends AnyAction> implements Waiter, Holder<Action> {
	readonly #bot: Bot<Target, Action>;
	readonly #line: Line<Target, Action>;
	readonly #holds = new Holds<Action>();

	readonly #sight = new Sight();
	#isWaiting = false;
	/** How often the call that takes it down was made since the last send, and whether it is in flight. */
	#stops = 0;
	#isStopping = false;
	/** How many messages are on their way out, and how many of them no send may start before. */
	#messages = 0;
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

	/** @param target - The chat as the handler knows it. */
	add(hold: Typing<Action>, target?: Target): void {
		if (target !== undefined) {
			this.#line.aim(target);
		}

		this.#holds.add(hold);
		hold.follow();
		if (!hold.ended) {
			this.#line.tellObstacle();
			this.update();
		}
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
		const step = this.#step(time);
		let next = this.#holds.nextChange(time);
		if (this.#isWaiting && !(step && step.due <= time)) {
			this.#leave();
		}

		if (this.#line.isBusy) {
			if (!step?.hold && !this.#isStopping) {
				this.#line.abort('Nobody is typing any more'); // It would show after the reply.
			}
		} else if (step) {
			if (step.due <= time) {
				this.#ask();
			}

			// What nobody wants needs no call any more when it has run out.
			next = Math.min(next, step.due > time ? step.due : next, step.hold ? next : this.#sight.mayLastUntil);
		} else if (this.#messages === 0 && this.#holds.isEmpty) {
			this.#end();
			return;
		}

		this.#wakeUpAt(next);
	}

	/** Call, now that it is our turn. Returns whether there was still need. */
	grant(): boolean {
		this.#isWaiting = false;
		const time = now();
		const step = this.#step(time);
		if (!step || step.due > time || this.#line.isBusy) {
			this.update();
			return false;
		}

		if (step.hold) {
			this.#send(step.hold);
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
		await this.#line.clear();
	}

	openGate(): void {
		this.#gates--;
		this.update();
	}

	/** A message has landed, and took the indicator down: all of it if nothing was sent on the way, which the gate sees to. */
	cleared(wasGated: boolean): void {
		this.#line.abort('A message has cleared the indicator');
		this.#line.reached();
		this.#sight.cleared(Math.ceil(performance.now()), !wasGated); // Rounded up: what returns a moment later is not in this very turn.
	}

	/** A message failed. */
	refused(error: unknown): void {
		if (this.#line.refused(error) === 'gone') {
			this.#gone(error);
		}
	}

	/** Nothing reaches the chat any more, a call that takes the indicator down neither. */
	#gone(error: unknown): void {
		this.#sight.takenDown();
		this.cancel(error, 'gone');
	}

	/** What to do next, and when: send for the hold that decides, or take down what nobody wants any more. */
	#step(time: number): {readonly hold?: Typing<Action>; readonly due: number} | undefined {
		const hold = this.#holds.decisive(time);
		if (hold) {
			const mayGoOut = this.#gates === 0 && this.#line.isVisible(this.#sight.messageAge);
			return {hold, due: mayGoOut ? this.#sight.dueAt(hold, this.#bot.platform, this.#line) : Number.POSITIVE_INFINITY};
		}

		const owesStop = this.#bot.platform.stop !== undefined && this.#sight.mayLastUntil > time && this.#gates === 0;
		return owesStop ? {due: this.#line.stopReadyAt} : undefined;
	}

	#ask(): void {
		if (!this.#isWaiting) {
			this.#isWaiting = true;
			const reason = this.#bot.budget.ask(this, this.#sight.shown === undefined);
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
		this.#stops = 0;
		if (this.#bot.events.isHeard) {
			const reason = this.#line.failures > 0 ? 'retry' : this.#sight.reasonFor(action, now(), this.#bot.platform.ttl);
			this.#line.emit({type: 'send', action, reason});
		}

		this.#line.send(action, settings.interval, ({landed, aborted, startedAt, failure, error}) => {
			if (landed || aborted || failure === 'retry') {
				this.#sight.mayShow(now() + this.#bot.platform.ttl, !landed); // It may have arrived, although its answer did not.
			}

			this.#keepAddress();
			if (landed && !aborted) {
				this.#sight.landed(action, startedAt);
			} else if (failure === 'gone') {
				this.#gone(error);
			} else if (typeof failure === 'object' && failure.scope !== 'bot') {
				this.#line.emit({type: 'wait', reason: 'silence'});
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
		const mightHaveLastedUntil = this.#sight.mayLastUntil;
		this.#sight.takenDown();
		this.#stops++;
		this.#isStopping = true;
		this.#line.emit({type: 'stop', reason: 'ended'});
		this.#line.stop(({landed, failure}) => {
			this.#isStopping = false;
			const isRefused = failure === 'give-up' || failure === 'gone';
			if (!landed && !isRefused && this.#stops < stopTries) {
				this.#sight.mayLastUntil = mightHaveLastedUntil;
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
			lease.#sight.mayShow(now() + platform.ttl, false);
			lease.update();
		}
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
