import type {Callback, GramjsClient} from './client.ts';
import {override} from './override.ts';

type Cover = (handler: Callback) => Callback;

/** How GramJS keeps a handler. */
type Entry = [filter: unknown, handler: Callback];

/**
The handlers of one client, those that are covered and those that are not.

GramJS removes handlers by identity, so each has one cover, the same one every time, and only GramJS ever sees that.
*/
export class Handlers {
	readonly #client: GramjsClient;
	readonly #coversBy: Cover[] = [];
	readonly #covers = new WeakMap<Callback, Callback>();
	readonly #covered = new WeakMap<Callback, Callback>();

	constructor(client: GramjsClient) {
		this.#client = client;
	}

	/** Cover every handler that is added from now on, for good: it may count on its hold, even if that holds nothing any more. */
	coverBy(cover: Cover): void {
		this.#coversBy.push(cover);
		if (this.#coversBy.length === 1) {
			this.#lookIn();
		}
	}

	#lookIn(): void {
		const client = this.#client;
		override(client, 'addEventHandler', (add, handler, ...filter) => add(this.#cover(handler), ...filter));
		override(client, 'removeEventHandler', (remove, handler, filter) => {
			remove(handler, filter); // If it was added before it was covered.
			remove(this.#cover(handler), filter);
		});
		override(client, 'listEventHandlers', list =>
			(list() as Entry[]).map(([filter, handler]) => [filter, this.#uncover(handler)] satisfies Entry),
		);
	}

	#cover(handler: Callback): Callback {
		let cover = this.#covers.get(handler);
		if (!cover && typeof handler === 'function') {
			cover = this.#coversBy.reduceRight((inner, coverBy) => coverBy(inner), handler);
			this.#covers.set(handler, cover);
			this.#covered.set(cover, handler);
		}

		return cover ?? handler; // What is no function is for GramJS to judge.
	}

	#uncover(cover: Callback): Callback {
		return this.#covered.get(cover) ?? cover;
	}
}
