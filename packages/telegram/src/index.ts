export {Bots} from './bots.ts';
export type {TelegramTypingOptions} from './bot-typing.ts';
export {chatActions, type ChatAction} from './chat-action.ts';
export type {Connection, Framework, LetOut} from './framework.ts';
export {middlewareFor, telegramFacts, type MiddlewareLike, type SettingsFor, type Steerable} from './middleware.ts';
export {messageTarget, uploadAction} from './outgoing.ts';
export {targetOf, type ChatTarget} from './target.ts';
export {telegram, type ChatActionPayload} from './telegram.ts';
