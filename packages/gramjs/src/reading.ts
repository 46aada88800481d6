import type {GramjsClient} from './client.ts';

type Read = (this: Sender, message: unknown) => Promise<void>;

/** The part of a connection of GramJS that reads. */
interface Sender {
	readonly _processMessage?: Read;
}

const reading = new WeakSet<Sender>();

/**
Let a client read a packet to its end, whatever was refused in it.

GramJS not only rejects a call that was refused, it also throws at its own reading, and drops what comes behind in the same packet: the
answer to a message, an update. The loop that catches it does nothing for a refusal but go on, so it can as well be caught before.
A GramJS that reads in another way stays as it is.
*/
export function readOn(client: GramjsClient): void {
	const {_sender: sender} = client as {readonly _sender?: Sender};
	if (!sender || reading.has(sender)) {
		return;
	}

	const {_processMessage: read} = sender;
	if (typeof read === 'function') {
		reading.add(sender);
		Object.defineProperty(sender, '_processMessage', {value: throughRefusals(read), configurable: true, writable: true});
	}
}

function throughRefusals(read: Read): Read {
	return async function (message) {
		try {
			await read.call(this, message);
		} catch (error) {
			// By what only a refusal has: whoever called has been told of it.
			if (typeof (error as {errorMessage?: unknown} | undefined)?.errorMessage !== 'string') {
				throw error;
			}
		}
	};
}
