import type {Update} from '@grammyjs/types';
import {conflict, type Refusal} from './refusal.ts';

/** The kinds that are left out unless a bot asks for them. @see https://core.telegram.org/bots/api#getupdates */
const onRequest = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);

/** The parameters of one poll. */
export interface Poll {
	readonly offset: number | undefined;
	readonly limit: number;
	/** In milliseconds. */
	readonly timeout: number;
	readonly signal: AbortSignal;
}

/** The updates a bot has not confirmed yet, and the one long poll that may wait for them. */
export class Updates {
	readonly pending: Update[] = [];
	/** The kinds the bot last asked for; empty for the default. */
	allowed: readonly string[] = [];
	/** Told of every new update, while a webhook takes them. */
	onPush: (() => void) | undefined;
	#nextId = 1;
	#waiting: {wake: () => void; end: (refusal: Refusal) => void} | undefined;

	/** Queues the update, unless the bot has not asked for its kind: the service decides that when it comes in, not later. */
	push(fields: Omit<Update, 'update_id'> & {update_id?: number}): Update {
		const update: Update = {...fields, update_id: fields.update_id ?? this.#nextId};
		this.#nextId = Math.max(this.#nextId, update.update_id + 1);
		if (this.#wants(update)) {
			this.pending.push(update);
			this.#waiting?.wake();
			this.onPush?.();
		}

		return update;
	}

	/** Forgets an update that was delivered. */
	confirm(update: Update): void {
		const index = this.pending.indexOf(update);
		if (index !== -1) this.pending.splice(index, 1);
	}

	clear(): void {
		this.pending.length = 0;
	}

	/**
	Waits for updates. A second poll ends the first, as does a webhook.

	@throws {Refusal} 409 if it was ended by another
	*/
	async poll({offset, limit, timeout, signal}: Poll): Promise<Update[]> {
		this.interrupt('terminated by other getUpdates request; make sure that only one bot instance is running');
		this.#skipTo(offset);
		if (this.pending.length === 0 && timeout > 0) await this.#wait(timeout, signal);
		return this.pending.slice(0, limit);
	}

	/** Ends the poll that waits, if there is one, with 409 and these words. */
	interrupt(reason: string): void {
		this.#waiting?.end(conflict(reason));
	}

	#wants(update: Update): boolean {
		const kind = Object.keys(update).find(key => key !== 'update_id') ?? '';
		return this.allowed.length === 0 ? !onRequest.has(kind) : this.allowed.includes(kind);
	}

	/** An offset confirms everything before it; a negative one keeps that many from the end. */
	#skipTo(offset: number | undefined): void {
		if (offset === undefined || offset === 0) return;
		const first = offset > 0 ? offset : (this.pending.at(offset)?.update_id ?? 0);
		const kept = this.pending.filter(update => update.update_id >= first);
		this.pending.splice(0, this.pending.length, ...kept);
	}

	async #wait(timeout: number, signal: AbortSignal): Promise<void> {
		if (signal.aborted) return;
		await new Promise<void>((resolve, reject) => {
			const done = () => {
				clearTimeout(timer);
				signal.removeEventListener('abort', wake);
				this.#waiting = undefined;
			};

			const wake = () => {
				done();
				resolve();
			};

			const end = (refusal: Refusal) => {
				done();
				reject(refusal);
			};

			const timer = setTimeout(wake, timeout);
			signal.addEventListener('abort', wake);
			this.#waiting = {wake, end};
		});
	}
}
