export {typeOf, type AnyAction} from './action.ts';
export {Indicator} from './indicator.ts';
export {Settings, checkOptions, type IndicatorOptions, type TypingOptions} from './options.ts';
export {Typing} from './typing.ts';
export type {EndReason, Observer, SendReason, TypingEvent, WaitReason} from './events.ts';
export type {Gate, Send} from './message.ts';
export type {Failure, Limit, Platform} from './platform.ts';
export type {Throttle} from './throttle.ts';
