/**
A value of Telegram's type language: the constructor's name in `_`, its fields beside it in the schema's spelling.

Numbers of 64 bits are a `number` where that is exact and a decimal string elsewhere, so that any object can become JSON.
*/
export interface TlObject {
	readonly _: string;
	readonly [field: string]: unknown;
}

/** The object in a field that may hold anything. */
export function asObject(value: unknown): TlObject | undefined {
	return typeof value === 'object' && value !== null && '_' in value ? (value as TlObject) : undefined;
}
