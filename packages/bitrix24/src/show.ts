/** A wrong value, for an error: short, and nothing of what may be inside. */
export function show(value: unknown): string {
	if (typeof value === 'string') {
		return JSON.stringify(value.slice(0, 40));
	}

	return (typeof value === 'object' && value !== null) || typeof value === 'function' ? typeof value : String(value);
}
