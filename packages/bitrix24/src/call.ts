/** Calls a method of the REST API: resolves with its answer, rejects with an error that has the vendor's `code`. */
export type Call<Answer = unknown> = (method: string, params: object, signal?: AbortSignal) => Promise<Answer>;

export const typingMethods = {1: 'imbot.chat.sendTyping', 2: 'imbot.v2.Chat.InputAction.notify'} as const;

/** Whether a method only shows an indicator. The vendor doesn't mind the case. */
export function showsTyping(method: string): boolean {
	const name = method.toLowerCase();
	return Object.values(typingMethods).some(typing => typing.toLowerCase() === name);
}
