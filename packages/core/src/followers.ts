import type {Typing} from './typing.ts';

/**
Who is cancelled when a signal is aborted. One listener per signal, however many holds follow it: a user's shut-down signal is shared by all
handlers of a bot, and Node warns of a leak from the eleventh listener on.
*/
const followers = new WeakMap<AbortSignal, Set<Pick<Typing, 'cancel'>>>();

export function follow(signal: AbortSignal, hold: Pick<Typing, 'cancel'>): void {
	let holds = followers.get(signal);
	if (!holds) {
		holds = new Set();
		followers.set(signal, holds);
		signal.addEventListener('abort', cancelFollowers, {once: true});
	}

	holds.add(hold);
}

/** The last one takes the listener along. */
export function unfollow(signal: AbortSignal, hold: Pick<Typing, 'cancel'>): void {
	const holds = followers.get(signal);
	if (holds?.delete(hold) && holds.size === 0) {
		followers.delete(signal);
		signal.removeEventListener('abort', cancelFollowers);
	}
}

function cancelFollowers(this: AbortSignal): void {
	for (const hold of followers.get(this) ?? []) {
		hold.cancel(this.reason);
	}
}
