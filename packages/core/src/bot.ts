import type {AnyAction} from './action.ts';
import type {Permission} from './budget.ts';
import type {Chat} from './chat.ts';
import type {Events} from './events.ts';
import type {Lease} from './lease.ts';
import type {Memory} from './memory.ts';
import type {Platform} from './platform.ts';
import type {Trip} from './trip.ts';

/** What the leases of one bot share. */
export interface Bot<Target, Action extends AnyAction> {
	readonly platform: Platform<Target, Action>;
	readonly budget: Permission;
	/** What is known of chats beyond one handler. */
	readonly memory: Memory<Chat>;

	/** When the last calls to a peer started, where the platform limits them. */
	readonly sends: Memory<readonly number[]>;
	readonly events: Events<Target, Action>;

	/** How long its calls take. */
	readonly trip: Trip;

	/** The leases that are alive, by key. */
	readonly leases: Map<string, Lease<Target, Action>>;

	/** A lease ended. */
	onEnd: () => void;
}
