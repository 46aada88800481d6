import {accountMethods} from './account.ts';
import {changingMethods} from './changing.ts';
import {sendingMethods} from './sending.ts';
import type {Method} from './state.ts';

/** Every method by its name in lower case: the Bot API does not care about case. */
export const methods: ReadonlyMap<string, Method> = new Map(
	[...accountMethods, ...sendingMethods, ...changingMethods].map(method => [method.name.toLowerCase(), method]),
);
