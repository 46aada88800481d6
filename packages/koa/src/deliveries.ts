/** A store that takes longer than this many milliseconds is passed over. */
const patience = 2000;

/** How many deliveries are remembered in this process. */
const most = 10_000;

/** What is known of a delivery: plain JSON, so that it can be stored anywhere. */
export interface Delivery {
	/** Whether its work is done, or running, perhaps in another process. */
	readonly state: 'running' | 'done';
	/** The status of its answer, its content type and its body: kept where the work itself made the answer. */
	readonly status?: number;
	readonly type?: string;
	readonly body?: string;
}

/**
Where deliveries are remembered, by id: a `Map`, or anything like one, synchronous or not.

Give entries a time-to-live longer than the longest work, where the store has one: a process that dies leaves its deliveries marked as running.
*/
export interface DeliveryStore {
	get(id: string): Delivery | null | undefined | PromiseLike<Delivery | null | undefined>;
	set(id: string, delivery: Delivery): unknown;
	delete(id: string): unknown;

	/**
	Keep `delivery` unless there is one under this `id`, in one step, and say whether it was kept. For a fleet whose processes may get the same
	delivery at the very same moment; left out, it is `get` and then `set`.
	*/
	add?(id: string, delivery: Delivery): boolean | PromiseLike<boolean>;
}

const running: Delivery = {state: 'running'};

/**
Does the work of each delivery once, however often it comes.

A store that fails loses no work: what it can't tell is worked on. Rather twice than never.
*/
export class Deliveries {
	readonly #store: DeliveryStore;
	/** Those that this process works on: no store needed to know these. */
	readonly #running = new Set<string>();

	constructor(store: DeliveryStore = recent()) {
		this.#store = store;
	}

	/**
	Do `work`, unless it was done, or is being done.

	@param work - Returns what to remember, or nothing if the delivery failed and may come again.
	@param onError - Told of what went wrong in the store.
	@returns What is known of the delivery, if `work` was not called.
	*/
	async once(id: string, work: () => Promise<Delivery | undefined>, onError: (error: unknown) => void): Promise<Delivery | undefined> {
		if (this.#running.has(id)) {
			return running;
		}

		this.#running.add(id); // In this very turn: another one may come while the store is being asked.
		try {
			let isClaiming = true;
			const claim = this.#claim(id).finally(() => {
				isClaiming = false;
			});
			const known = await this.#attempt(claim, onError);
			if (known) {
				return known;
			}

			let done: Delivery | undefined;
			try {
				done = await work();
			} finally {
				const note = async () => (done ? this.#store.set(id, done) : this.#store.delete(id));
				await this.#attempt(note(), onError);
				if (isClaiming) {
					void claim.then(note).catch(() => {}); // It was passed over, and would mark the delivery as running for good.
				}
			}

			return undefined;
		} finally {
			this.#running.delete(id);
		}
	}

	/** What is known of the delivery; if nothing is, it is ours from now on. */
	async #claim(id: string): Promise<Delivery | undefined> {
		if (await this.#store.add?.(id, running)) {
			return undefined;
		}

		const known = await this.#store.get(id);
		if (known) {
			return known;
		}

		await this.#store.set(id, running);
		return undefined;
	}

	async #attempt<Result>(request: Promise<Result>, onError: (error: unknown) => void): Promise<Result | undefined> {
		let timer;
		const late = new Promise<never>((_resolve, reject) => {
			timer = setTimeout(() => reject(new Error(`The \`store\` took longer than ${patience} ms`)), patience);
		});
		try {
			return await Promise.race([request, late]);
		} catch (error) {
			void (async () => onError(error))(); // Whoever fails at hearing of it must not stop the work.
			return undefined;
		} finally {
			clearTimeout(timer);
		}
	}
}

/** Keeps the last deliveries, so that it can't grow without bound. */
function recent(): DeliveryStore {
	const deliveries = new Map<string, Delivery>();
	return {
		get: id => deliveries.get(id),
		set(id, delivery) {
			deliveries.delete(id); // Moves it to the end: a Map keeps the order of insertion.
			deliveries.set(id, delivery);
			if (deliveries.size > most) {
				deliveries.delete(deliveries.keys().next().value!);
			}
		},
		delete: id => deliveries.delete(id),
	};
}
