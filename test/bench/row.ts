/** One line of the table. */
export interface Row {
	readonly what: string;
	readonly bar: string;
	readonly reached: string;

	/** The same figure for others, measured in the same run. */
	readonly rivals?: string;

	/** `undefined` for a figure that has no bar of its own. */
	readonly ok?: boolean | undefined;

	/** Whether it is the same in every run. Only then may a miss fail the bench: speeds depend on who else uses the machine. */
	readonly deterministic: boolean;
}

/** A few rows that are measured together. */
export interface Group {
	readonly name: string;
	run(): Promise<readonly Row[]>;
}
