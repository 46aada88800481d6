export type {EndReason, SendReason, Typing, TypingEvent, TypingOptions, WaitReason} from '@auto-typing/core';
export type {MtprotoAction, MtprotoTarget} from '@auto-typing/mtproto';
export {autoTyping} from './auto-typing.ts';
export type {GramjsClient} from './client.ts';
export {withTyping, type AutoTypingOptions, type TypingControl, type TypingFlavor, type TypingHandler} from './with-typing.ts';
