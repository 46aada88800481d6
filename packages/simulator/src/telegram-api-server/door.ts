import {refusal, type Answer} from './answer.ts';

/** Who may come in. */
export interface Door {
	/** Where requests come from, as far as the server can tell. */
	readonly from: string;
	/** The addresses in `IP_WHITELIST`. */
	readonly allow: readonly string[];
	/** The users in `PASSWORDS`. */
	readonly passwords: Readonly<Record<string, string>>;
}

/** The refusal of a request, if it is refused: this machine may always, with passwords they alone count, and an empty list lets everybody in. */
export function refuse({from, allow, passwords}: Door, authorization: string | undefined): Answer | undefined {
	if (from === '127.0.0.1') return undefined;
	if (Object.keys(passwords).length > 0) {
		const [, encoded = ''] = /^Basic (\S+)/.exec(authorization ?? '') ?? [];
		const [user = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':');
		const isRight = Object.hasOwn(passwords, user) && passwords[user] === password.join(':');
		return isRight ? undefined : refusal(401, 'Username or password is incorrect');
	}

	return allow.length === 0 || allow.includes(from) ? undefined : refusal(401, `Your host is not allowed: ${from}`);
}
