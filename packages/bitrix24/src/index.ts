export {bitrix24Actions, type Bitrix24Action} from './action.ts';
export {bitrix24, type Bitrix24Options} from './bitrix24.ts';
export type {Call} from './call.ts';
export {EventError, parseEvent, targetOf, type ApplicationToken, type Bitrix24Event, type Fields, type Sender} from './event.ts';
export {fromSdk, type Sdk} from './from-sdk.ts';
export {fromWebhook} from './from-webhook.ts';
export {gated, messageTarget} from './gated.ts';
export {Bitrix24Error} from './refusal.ts';
export type {DialogTarget} from './target.ts';
