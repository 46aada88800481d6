import type {Peer} from './peers.ts';
import type {TlObject} from './tl-object.ts';

/** Who calls: a session of the wire, an HTTP client. The login sets its account. */
export interface Caller {
	account: Peer | undefined;
}

/** Something an account is told without having asked: an `Updates` object. */
export interface Pushed {
	readonly account: Peer;
	readonly updates: TlObject;
	/** Whose call brought it about. The caller has it as the result, and only the account's other sessions are told. */
	readonly origin: Caller | undefined;
}

/** What an account missed, and where it stands. */
interface Box {
	pts: number;
	readonly news: Array<{pts: number; message: TlObject}>;
}

/**
The updates of all accounts, counted. Channels count on their own at Telegram; here they count with the rest of the account.

@see https://core.telegram.org/api/updates
*/
export class Updates {
	readonly #boxes = new Map<number, Box>();
	readonly #listeners = new Set<(pushed: Pushed) => void>();

	/** Counts a new message. @returns the account's `pts` after it */
	count(account: Peer, message: TlObject): number {
		const box = this.#box(account);
		box.news.push({pts: ++box.pts, message});
		return box.pts;
	}

	pts(account: Peer): number {
		return this.#box(account).pts;
	}

	/** The messages counted since. */
	since(account: Peer, pts: number): TlObject[] {
		return this.#box(account)
			.news.filter(news => news.pts > pts)
			.map(({message}) => message);
	}

	push(pushed: Pushed): void {
		for (const listener of this.#listeners) listener(pushed);
	}

	listen(listener: (pushed: Pushed) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#box({id}: Peer): Box {
		const box = this.#boxes.get(id) ?? {pts: 1, news: []};
		this.#boxes.set(id, box);
		return box;
	}
}

/** Now, as the service writes dates: in whole seconds. */
export function date(): number {
	return Math.floor(Date.now() / 1000);
}
