/** Where a server is, and how to be let in. */
export class Address {
	/** The session that is meant where none is named. */
	readonly session: string | undefined;
	readonly #base: string;
	/** Private, so that nobody who looks at a client comes across the password. */
	readonly #authorization: string | undefined;

	/** @throws {TypeError} Names the option, and shows nothing of a URL that may have a password in it. */
	constructor(url: string | URL, {session, username, password}: {session?: unknown; username?: unknown; password?: unknown}) {
		for (const [name, value] of Object.entries({session, username, password})) {
			if (value !== undefined && (typeof value !== 'string' || value === '')) {
				throw new TypeError(`Expected \`${name}\` to be a text that is not empty, got ${value === '' ? 'an empty one' : typeof value}`);
			}
		}

		const parsed = parse(url);
		// `fetch` takes no credentials in a URL.
		const user = (username as string | undefined) ?? parsed.username;
		const secret = (password as string | undefined) ?? parsed.password;
		if (user.includes(':')) {
			throw new TypeError('Expected `username` to have no colon: Basic authentication puts one after it');
		}

		if ((user === '') !== (secret === '')) {
			const [there, absent] = user === '' ? ['password', 'username'] : ['username', 'password'];
			throw new TypeError(`Expected \`${absent}\` along with \`${there}\`, got none`);
		}

		this.session = session as string | undefined;
		this.#base = `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/+$/, '')}`;
		this.#authorization = user === '' && secret === '' ? undefined : `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
	}

	/** Where a method is called. */
	api(method: string, session: string | undefined = this.session): string {
		return `${this.#base}/api/${session === undefined ? '' : `${pathOf(session)}/`}${encodeURIComponent(method)}`;
	}

	/** Where events come from. */
	get events(): string {
		return `${this.#base.replace(/^http/, 'ws')}/events${this.session === undefined ? '' : `/${pathOf(this.session)}`}`;
	}

	/** What every request carries. */
	get headers(): Record<string, string> {
		return this.#authorization === undefined ? {} : {authorization: this.#authorization};
	}
}

/** A URL with its credentials decoded. */
function parse(url: unknown): Pick<URL, 'protocol' | 'host' | 'pathname' | 'username' | 'password'> {
	try {
		if (typeof url === 'string' || url instanceof URL) {
			const {protocol, host, pathname, username, password} = new URL(url);
			if (protocol === 'http:' || protocol === 'https:') {
				return {protocol, host, pathname, username: decodeURIComponent(username), password: decodeURIComponent(password)};
			}
		}
	} catch {
		// Not passed on: the error has the URL in it, and that may have a password.
	}

	throw new TypeError('Expected `url` to be the http or https URL of a TelegramApiServer, such as http://127.0.0.1:9503');
}

/** The name of a session may be a path: `users/ada`. */
function pathOf(session: string): string {
	return session.split('/').map(encodeURIComponent).join('/');
}
