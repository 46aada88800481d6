export type {EndReason, SendReason, Typing, TypingEvent, TypingOptions, WaitReason} from '@auto-typing/core';
export type {MtprotoAction, MtprotoTarget} from '@auto-typing/mtproto';
export {
	autoTyping,
	withTyping,
	type AutoTypingOptions,
	type ClientTypingControl,
	type TypingControl,
	type TypingHandler,
} from './auto-typing.ts';
export type {Peer} from './client-typing.ts';
export {MadelineProtoError} from './error.ts';
export {MadelineProto, type ClientMiddleware, type MessageHandler} from './madelineproto.ts';
export type {MadelineProtoOptions} from './options.ts';
export {madelineproto} from './platform.ts';
export type {Call, CallOptions} from './request.ts';
export {MessageEvent, type Message, type TlObject} from './message-event.ts';
