export {chatActions, type ChatAction} from './chat-action.ts';
export {messageTarget, uploadAction} from './outgoing.ts';
export {targetOf, type ChatTarget} from './target.ts';
export {telegram, type ChatActionPayload} from './telegram.ts';
