/** What a platform can show: a word, or an object of that `type` with fields of its own, such as a progress. */
export type AnyAction = string | {readonly type: string};

/** Two actions of one type are the same to the person: what moves in its fields goes out with the next renewal, not with a call of its own. */
export function typeOf(action: AnyAction): string {
	return typeof action === 'string' ? action : action.type;
}
