/** Remembers what was kept last, by key, at most `size` of it, so that it can't grow without bound. */
export class Memory<Value> {
	readonly #values = new Map<string, Value>();
	readonly #size: number;

	constructor(size = 10_000) {
		this.#size = size;
	}

	recall(key: string): Value | undefined {
		return this.#values.get(key);
	}

	keep(key: string, value: Value): void {
		this.#values.delete(key); // Moves it to the end: a Map keeps the order of insertion.
		this.#values.set(key, value);
		if (this.#values.size > this.#size) {
			this.#values.delete(this.#values.keys().next().value!);
		}
	}
}
