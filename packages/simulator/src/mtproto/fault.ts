/** An error to answer with. @default code - what the vendor documents for that message */
export interface RpcFault {
	/** The vendor's string: `CHAT_WRITE_FORBIDDEN`, `FLOOD_WAIT_30`. */
	readonly message: string;
	readonly code?: number;
}

/**
What goes wrong: an error instead of the result; `'hang'` never answers; `'drop'` ends the connection instead of answering;
`{latency}` answers that many milliseconds later.
*/
export type MtprotoOutcome = RpcFault | 'hang' | 'drop' | {readonly latency: number};

/** Which calls go wrong, and how. */
export interface MtprotoFault {
	/** `messages.setTyping`. @default every method */
	readonly method?: string;
	/** The chat's id, with its sign. @default every chat, and calls without one */
	readonly peer?: number;
	/** How many calls it hits before it wears off. @default Infinity */
	readonly times?: number;
	readonly outcome: MtprotoOutcome;
	/** Whether the call takes effect all the same and only its answer is lost. @default true for `{latency}`, else false */
	readonly effect?: boolean;
}
