import type {Permission} from './budget.ts';
import type {Events} from './events.ts';
import type {Lease} from './lease.ts';
import type {Memory} from './memory.ts';
import type {Platform} from './platform.ts';

/** What the leases of one bot share. */
export interface Bot<Target, Action extends string> {
	readonly platform: Platform<Target, Action>;
	readonly budget: Permission;
	readonly memory: Memory;
	readonly events: Events<Target, Action>;

	/** The leases that are alive, by key. */
	readonly leases: Map<string, Lease<Target, Action>>;

	/** A lease ended. */
	readonly onEnd: () => void;
}
