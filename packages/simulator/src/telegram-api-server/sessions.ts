import type {Peer} from '../mtproto/peers.ts';
import type {Caller} from '../mtproto/updates.ts';
import {PhpException} from './exception.ts';

/** The accounts that are logged in, by the names of their sessions. */
export class Sessions {
	readonly #callers = new Map<string, Caller>();

	add(name: string, account: Peer): void {
		this.#callers.set(name, {account});
	}

	/** The sessions of an account. */
	of({id}: Peer): string[] {
		return [...this.#callers].filter(([, {account}]) => account?.id === id).map(([name]) => name);
	}

	/**
	The session of that name; without a name the only one.

	@throws {PhpException} if there is none, or more than one
	*/
	get(name: string | undefined): Caller {
		if (name === undefined && this.#callers.size > 1) {
			const message = 'Multiple sessions detected. Specify which session to use. See README for examples.';
			throw new PhpException('InvalidArgumentException', message);
		}

		const caller = name === undefined ? [...this.#callers.values()][0] : this.#callers.get(name);
		if (!caller) throw new PhpException('InvalidArgumentException', 'Session not found.');
		return caller;
	}
}
