import type {AnyAction} from './action.ts';
import type {Lease} from './lease.ts';
import {Typing} from './typing.ts';

/** The way out for a message that carries a file and so takes its time. */
export interface Gate {
	/** Await it just before the last bytes leave: nothing is shown from then on, so that nothing lands after the message. */
	close(): Promise<void>;

	/** The message is sent all over again. */
	open(): void;
}

/** Sends one message. */
export type Send<Result> = (gate: Gate) => Promise<Result>;

/**
Let a message out to the chat of `lease`: no send starts there until it has left, and one in flight is settled first, so that nothing lands
after it.

A message with a file takes its time, and the person should see that: `upload` is shown until its last bytes are about to leave.
*/
export async function letOut<Target, Action extends AnyAction, Result>(
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
	let isClosed = false;
	const gate: Gate = {
		async close() {
			// A client that gave up may read the file to its end all the same.
			if (!isClosed && !isOver) {
				isClosed = true;
				await lease.closeGate();
			}
		},
		open() {
			if (isClosed) {
				isClosed = false;
				lease.openGate();
			}
		},
	};

	try {
		if (!hold && lease.isUnsettled) {
			await gate.close();
		} else if (!hold) {
			void gate.close(); // Nothing to wait for: the message leaves in this very turn.
		}

		const result = await send(gate);
		lease.cleared(isClosed);
		return result;
	} catch (error) {
		lease.refused(error);
		throw error;
	} finally {
		isOver = true;
		hold?.stop();
		gate.open();
		lease.release();
	}
}
