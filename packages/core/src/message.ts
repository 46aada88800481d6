import type {Lease} from './lease.ts';
import {Typing} from './typing.ts';

/** Sends one message. One that carries a file calls `gate` and awaits it just before its last bytes leave. */
export type Send<Result> = (gate: () => Promise<void>) => Promise<Result>;

/**
Let a message out to the chat of `lease`: no send starts there until it has left, and one in flight is settled first, so that nothing lands
after it.

A message with a file takes its time, and the person should see that: `upload` is shown until its last bytes are about to leave.
*/
export async function letOut<Target, Action extends string, Result>(
	lease: Lease<Target, Action>,
	send: Send<Result>,
	upload: Action | undefined,
): Promise<Result> {
	lease.expect();
	const outer = upload === undefined ? undefined : lease.latest;
	const hold = outer && new Typing(outer.settings, lease, upload);
	if (hold) {
		lease.add(hold);
	}

	let isOver = false;
	let gated = false;
	const gate = async () => {
		if (!gated && !isOver) {
			gated = true;
			await lease.closeGate();
		}
	};

	try {
		if (!hold && lease.isBusy) {
			await gate();
		} else if (!hold) {
			void gate(); // Nothing in flight: the message leaves in this very turn.
		}

		const result = await send(gate);
		lease.cleared();
		return result;
	} catch (error) {
		lease.refused(error);
		throw error;
	} finally {
		isOver = true; // A client that gave up may read the file to its end all the same.
		hold?.stop();
		lease.release(gated);
	}
}
