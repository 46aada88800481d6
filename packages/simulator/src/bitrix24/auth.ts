import {randomBytes} from 'node:crypto';
import {refusal} from './refusal.ts';

/** How long an access token is good for, in seconds. @see https://apidocs.bitrix24.com/settings/oauth/index.html */
const lifetime = 3600;

/** What a call came with. */
export interface Credentials {
	/** From the path of an inbound webhook. */
	readonly secret: string | undefined;
	/** The `auth` parameter. */
	readonly token: string | undefined;
}

/** The answer of the token service. */
export interface Grant {
	readonly access_token: string;
	readonly refresh_token: string;
	/** In seconds since 1970. */
	readonly expires: number;
	readonly expires_in: number;
	readonly client_endpoint: string;
	readonly server_endpoint: string;
	readonly member_id: string;
	readonly scope: string;
	readonly status: string;
	readonly domain: string;
}

/** The secrets of one portal: an inbound webhook, and one application by OAuth. */
export class Auth {
	readonly memberId: string = token();
	/** What every event carries, so that the bot knows where it is from. */
	readonly applicationToken: string = token();
	readonly webhookSecret: string = token().slice(0, 16);
	readonly clientId: string = `local.${token()}`;
	readonly clientSecret: string = token();
	/** What the webhook and the application may do. */
	scope: string = 'im,imbot';
	readonly #url: string;
	#accessToken = token();
	#refreshToken = token();
	#expires = now() + lifetime;
	#used = new Set<string>();

	constructor(url: string) {
		this.#url = url;
	}

	/** The tokens as they are now. */
	get grant(): Grant {
		return {
			access_token: this.#accessToken,
			refresh_token: this.#refreshToken,
			expires: this.#expires,
			expires_in: lifetime,
			client_endpoint: `${this.#url}/rest/`,
			server_endpoint: `${this.#url}/rest/`,
			member_id: this.memberId,
			scope: this.scope,
			status: 'L',
			domain: new URL(this.#url).host,
		};
	}

	/** The access token is no good any more, whatever its holder thinks. */
	expire(): void {
		this.#expires = 0;
	}

	/** @returns whether it came by webhook @throws {RestRefusal} */
	check({secret, token}: Credentials): 'webhook' | 'oauth' {
		if (secret !== undefined) {
			if (secret !== this.webhookSecret) throw refusal('INVALID_CREDENTIALS');
		} else if (token === undefined || (token !== this.#accessToken && !this.#used.has(token))) {
			throw refusal('NO_AUTH_FOUND');
		} else if (token !== this.#accessToken || this.#expires <= now()) {
			throw refusal('expired_token');
		}

		if (!this.scope.split(',').includes('imbot')) throw refusal('insufficient_scope');
		return secret === undefined ? 'oauth' : 'webhook';
	}

	/** New tokens for a refresh token, which is used up by that. @throws {RestRefusal} */
	refresh(form: Readonly<Record<string, unknown>>): Grant {
		if (form['client_id'] !== this.clientId || form['client_secret'] !== this.clientSecret) throw refusal('invalid_client');
		if (form['grant_type'] !== 'refresh_token' || form['refresh_token'] !== this.#refreshToken) throw refusal('invalid_grant');
		this.#used.add(this.#accessToken);
		this.#accessToken = token();
		this.#refreshToken = token();
		this.#expires = now() + lifetime;
		return this.grant;
	}
}

function token(): string {
	return randomBytes(16).toString('hex');
}

function now(): number {
	return Math.floor(Date.now() / 1000);
}
