/** So that it can't grow without bound. */
const size = 10_000;

/** Remembers what was kept last, by key, at most {@link size} of it. */
export class Memory<Value> {
	readonly #values = new Map<string, Value>();

	recall(key: string): Value | undefined {
		return this.#values.get(key);
	}

	keep(key: string, value: Value): void {
		this.#values.delete(key); // Moves it to the end: a Map keeps the order of insertion.
		this.#values.set(key, value);
		if (this.#values.size > size) {
			this.#values.delete(this.#values.keys().next().value!);
		}
	}
}
