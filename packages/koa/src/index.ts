export {autoTyping, type TypingMiddleware, type TypingState} from './auto-typing.ts';
export type {Delivery, DeliveryStore} from './deliveries.ts';
export type {AutoTypingOptions} from './options.ts';
