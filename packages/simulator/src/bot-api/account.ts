import {chatObject} from './chats.ts';
import {flag, integer, text, type Payload} from './parameters.ts';
import {badRequest, conflict} from './refusal.ts';
import {Described, type Call, type Method} from './state.ts';
import {Webhook} from './webhook.ts';

/** The kinds of update a bot asks for; left out means as before. */
function allow({state, payload}: Call): void {
	const {allowed_updates: kinds} = payload;
	if (kinds === undefined) return;
	if (!Array.isArray(kinds)) throw badRequest("can't parse allowed_updates JSON object");
	state.updates.allowed = kinds.map(kind => String(kind).toLowerCase());
}

async function getUpdates(call: Call): Promise<unknown> {
	const {state, payload, signal} = call;
	if (state.webhook) {
		throw conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first");
	}

	allow(call);
	const seconds = Math.min(Math.max(integer(payload, 'timeout') ?? 0, 0), 50);
	const limit = Math.min(Math.max(integer(payload, 'limit') ?? 100, 1), 100);
	return state.updates.poll({offset: integer(payload, 'offset'), limit, timeout: seconds * 1000, signal});
}

/** @throws {Refusal} for an address no update may be posted to */
function webhookUrl(payload: Payload): string | undefined {
	const url = text(payload, 'url');
	if (!url) return undefined;
	if (!URL.canParse(url)) throw badRequest('invalid webhook URL specified');
	const {protocol, hostname} = new URL(url);
	const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
	// Telegram insists on https; here plain http will do, and no other machine can be reached.
	if (protocol !== 'http:' && protocol !== 'https:') throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
	if (!loopback) {
		const complaint =
			protocol === 'http:' ? 'An HTTPS URL must be provided for webhook' : 'Failed to resolve host: Name or service not known';
		throw badRequest(`bad webhook: ${complaint}`);
	}

	return url;
}

function setWebhook(call: Call): Described {
	const {state, payload} = call;
	const url = webhookUrl(payload);
	if (url === undefined) return deleteWebhook(call);
	const secret = text(payload, 'secret_token');
	if (secret !== undefined && secret.length > 256) throw badRequest('secret token is too long');
	if (secret !== undefined && !/^[\w-]+$/.test(secret)) throw badRequest('secret token contains unallowed characters');
	const maxConnections = integer(payload, 'max_connections') ?? 40;
	if (maxConnections < 1 || maxConnections > 100) throw badRequest('max_connections must be between 1 and 100');
	allow(call);
	if (flag(payload, 'drop_pending_updates')) state.updates.clear();
	state.updates.interrupt('terminated by setWebhook request');
	state.webhook?.close();
	state.webhook = new Webhook({url, secret, maxConnections, ...state.webhookDefaults()}, state.updates);
	return new Described(true, 'Webhook was set');
}

function deleteWebhook({state, payload}: Call): Described {
	if (flag(payload, 'drop_pending_updates')) state.updates.clear();
	if (!state.webhook) return new Described(true, 'Webhook is already deleted');
	state.webhook.close();
	state.webhook = undefined;
	return new Described(true, 'Webhook was deleted');
}

function getWebhookInfo({state: {webhook, updates}}: Call): unknown {
	return {
		url: webhook?.options.url ?? '',
		has_custom_certificate: false,
		pending_update_count: updates.pending.length,
		...(webhook && {max_connections: webhook.options.maxConnections}),
		...(webhook?.lastError && {last_error_date: webhook.lastError.date, last_error_message: webhook.lastError.message}),
		...(updates.allowed.length > 0 && {allowed_updates: updates.allowed}),
	};
}

/** The bot itself: who it is and how its updates reach it. */
export const accountMethods: readonly Method[] = [
	{name: 'getMe', run: ({state}) => state.botInfo},
	{name: 'getUpdates', run: getUpdates},
	{name: 'setWebhook', run: setWebhook},
	{name: 'deleteWebhook', run: deleteWebhook},
	{name: 'getWebhookInfo', run: getWebhookInfo},
	{name: 'getChat', chat: 'known', run: ({place}) => place && chatObject(place.chat)},
	{
		name: 'setMyCommands',
		run({state, payload}) {
			if (!Array.isArray(payload['commands'])) throw badRequest('parameter "commands" is required');
			state.commands = payload['commands'];
			return true;
		},
	},
	{name: 'getMyCommands', run: ({state}) => state.commands},
	{
		name: 'deleteMyCommands',
		run({state}) {
			state.commands = [];
			return true;
		},
	},
	{
		name: 'logOut',
		run({state}) {
			state.loggedOut = true;
			return true;
		},
	},
];
