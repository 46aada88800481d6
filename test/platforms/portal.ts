import {Agent} from 'node:https';
import {inspect} from 'node:util';
import {fromSdk, fromWebhook, type Call} from '@auto-typing/bitrix24';
import {Bitrix24, type Bitrix24Options, type RestArrival} from '@auto-typing/simulator';
import {ApiVersion, B24Hook, B24OAuth, EnumAppStatus, type RestrictionParams} from '@bitrix24/b24jssdk';
import type {ExecutionContext} from 'ava';

/** A portal that ends with the test. */
export async function openPortal(t: ExecutionContext, options?: Bitrix24Options): Promise<Bitrix24> {
	const portal = await Bitrix24.start(options);
	t.teardown(async () => portal.close());
	return portal;
}

/** The SDK with a webhook. It insists on https, and has to be told to trust the portal's certificate. */
export function hookOf(t: ExecutionContext, portal: Bitrix24, restrictionParams?: Partial<RestrictionParams>): B24Hook {
	const b24 = B24Hook.fromWebhookUrl(portal.webhookUrl, restrictionParams && {restrictionParams});
	const httpsAgent = new Agent({keepAlive: true, ca: portal.certificate!});
	b24.getHttpClient(ApiVersion.v2).ajaxClient.defaults.httpsAgent = httpsAgent;
	t.teardown(() => httpsAgent.destroy());
	return b24;
}

/** The SDK as an application: any address will do. */
export function oauthOf(portal: Bitrix24, restrictionParams?: Partial<RestrictionParams>): B24OAuth {
	const {client_id: clientId, client_secret: clientSecret, ...grant} = portal.oauth;
	return new B24OAuth(
		{
			applicationToken: portal.applicationToken,
			userId: 1,
			memberId: grant.member_id,
			accessToken: grant.access_token,
			refreshToken: grant.refresh_token,
			expires: grant.expires,
			expiresIn: grant.expires_in,
			scope: grant.scope,
			domain: grant.domain,
			clientEndpoint: grant.client_endpoint,
			serverEndpoint: grant.server_endpoint,
			status: EnumAppStatus.Local,
		},
		{clientId, clientSecret},
		restrictionParams && {restrictionParams},
	);
}

/** Every way to call a portal. */
export const ways = {
	'B24Hook over https': {https: true, callOf: (t: ExecutionContext, portal: Bitrix24): Call => fromSdk(hookOf(t, portal))},
	'B24OAuth over http': {https: false, callOf: (_t: ExecutionContext, portal: Bitrix24): Call => fromSdk(oauthOf(portal))},
	'fetch alone': {https: false, callOf: (_t: ExecutionContext, portal: Bitrix24): Call => fromWebhook(portal.webhookUrl)},
} as const;

export const typingMethod = 'imbot.v2.Chat.InputAction.notify';
export const isTyping = ({method}: RestArrival): boolean => method === typingMethod || method === 'imbot.chat.sendTyping';

/** Tells only of a busy machine: with a short interval a call has little time. */
export const isTimeout = (error: unknown): boolean => (error as Error).name === 'TimeoutError';

/** Polls `condition`; for what no request tells. */
export async function until(condition: () => boolean, what = String(condition)): Promise<void> {
	const end = performance.now() + 20_000;
	while (!condition()) {
		if (performance.now() > end) {
			throw new Error(`Waited in vain for ${what}`);
		}

		await wait(10);
	}
}

export async function wait(ms: number): Promise<void> {
	return new Promise(resolve => {
		setTimeout(resolve, ms);
	});
}

/** Searches everything in sight, what is hidden included. */
export function assertNoSecret(t: ExecutionContext, portal: Bitrix24, ...values: unknown[]): void {
	const {access_token: access, refresh_token: refresh, client_secret: clientSecret} = portal.oauth;
	const secrets = [portal.webhookUrl.split('/').at(-2)!, portal.bot.botToken, portal.bot.clientId, access, refresh, clientSecret];
	for (const value of values) {
		const text = inspect(value, {depth: 12, showHidden: true, getters: true}) + JSON.stringify(value) + String(value);
		for (const secret of secrets) {
			t.false(text.includes(secret), text.slice(0, 2000));
		}
	}
}
