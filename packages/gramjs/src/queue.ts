import {override} from './override.ts';
import type {Sender, State} from './sender.ts';

/**
Let a connection that begins anew send all that is still wanted, and nothing else.

What it had sent and has no answer to, GramJS sends again, however long after: a typing call that nobody wants any more shows once more. And when
its socket is gone it waits for a second and clears its queue. Of what it was handed in that second, it has taken the first call out of the
queue, and loses the others: let the first be a typing call, and the reply behind it is lost on our account.

@param signalOf - Aborted when nobody wants a call any more.
*/
export function keepQueue({_sendQueue: queue}: Sender, signalOf: (state: State) => AbortSignal | undefined): void {
	if (!queue) {
		return;
	}

	const isWanted = (state: State): boolean => {
		const signal = signalOf(state);
		if (signal?.aborted) {
			state.reject(signal.reason);
		}

		return !signal?.aborted;
	};

	override(queue, 'prepend', (prepend, states) => prepend(states.filter(isWanted)));
	override(queue, 'clear', clear => {
		clear();
		const {_queue: waiting, _pendingStates: states} = queue;
		waiting.push(...states.filter(state => state.msgId === undefined && isWanted(state))); // These were never sent.
	});
}
