import {override} from './override.ts';
import type {Sender} from './sender.ts';

/**
Let a connection read a packet to its end, whatever was refused in it.

GramJS not only rejects a call that was refused, it also throws at its own reading, and drops what comes behind in the same packet: the
answer to a message, an update. The loop that catches it does nothing for a refusal but go on, so it can as well be caught before.
*/
export function readOn(sender: Sender): void {
	override(sender, '_processMessage', async (read, message) => {
		try {
			await read(message);
		} catch (error) {
			// By what only a refusal has: whoever called has been told of it.
			if (typeof (error as {errorMessage?: unknown} | undefined)?.errorMessage !== 'string') {
				throw error;
			}
		}
	});
}
