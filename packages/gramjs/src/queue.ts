import {override} from './override.ts';
import type {Sender, State} from './sender.ts';

/**
Let a connection that begins anew send all that is still wanted, and nothing else.

When its socket is gone GramJS waits for a second, clears its queue, and sends again what it had sent and has no answer to: a typing call
that nobody wants any more shows once more. And of what it was handed in that second, it has taken the first call out of the queue, and
loses the others: let the first be a typing call, and the reply behind it is lost on our account.

@param signalOf - Aborted when nobody wants a call any more.
*/
export function keepQueue(
	{_sendQueue: queue, _pendingState: unanswered}: Sender,
	signalOf: (state: State) => AbortSignal | undefined,
): void {
	if (!queue || !unanswered) {
		return;
	}

	override(queue, 'clear', clear => {
		clear();
		const {_queue: waiting, _pendingStates: states} = queue;
		for (const state of states) {
			const signal = signalOf(state);
			if (signal?.aborted) {
				unanswered.delete(state.msgId ?? '');
				state.reject(signal.reason);
			} else if (state.msgId === undefined) {
				waiting.push(state); // It was never sent.
			}
		}
	});
}
