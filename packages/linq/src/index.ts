export {fromToken, LinqError, type CallOptions, type LinqClient, type TokenOptions} from './client.ts';
export {linq} from './linq.ts';
export {targetOf, type ChatTarget, type Service} from './target.ts';
export {unwrap, WebhookError, type WebhookClient, type WebhookHeaders} from './unwrap.ts';
export {watch} from './watch.ts';
