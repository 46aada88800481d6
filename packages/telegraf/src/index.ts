export type {EndReason, SendReason, Typing, TypingEvent, TypingOptions, WaitReason} from '@auto-typing/core';
export type {ChatAction, ChatTarget} from '@auto-typing/telegram';
export {
	autoTyping,
	withTyping,
	type AutoTypingOptions,
	type TypingContext,
	type TypingFlavor,
	type TypingMiddleware,
} from './auto-typing.ts';
