import {accountMethods} from './account-methods.ts';
import {readingMethods} from './reading-methods.ts';
import {sendingMethods} from './sending-methods.ts';
import type {Method} from './state.ts';
import {typingMethods} from './typing-methods.ts';
import {uploadMethods} from './upload-methods.ts';

/** Every method by its name. */
export const methods: ReadonlyMap<string, Method> = new Map(
	[...accountMethods, ...readingMethods, ...sendingMethods, ...typingMethods, ...uploadMethods].map(method => [method.name, method]),
);
