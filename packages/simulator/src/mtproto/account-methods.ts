import {entityOf} from './peers.ts';
import {RpcError} from './rpc-error.ts';
import type {Method} from './state.ts';
import {date} from './updates.ts';

/** The configuration and the login. */
export const accountMethods: readonly Method[] = [
	{
		name: 'help.getConfig',
		kind: 'open',
		run: () => ({
			_: 'config',
			date: date(),
			expires: date() + 3600,
			this_dc: 2,
			dc_options: [{_: 'dcOption', id: 2, ip_address: '127.0.0.1', port: 443}],
			me_url_prefix: 'https://t.me/',
		}),
	},
	{
		name: 'help.getNearestDc',
		kind: 'open',
		run: () => ({_: 'nearestDc', country: 'NL', this_dc: 2, nearest_dc: 2}),
	},
	{
		name: 'auth.importBotAuthorization',
		kind: 'open',
		run({caller, payload, state}) {
			const account = state.tokens.get(String(payload['bot_auth_token']));
			if (!account) throw new RpcError('ACCESS_TOKEN_INVALID');
			caller.account = account;
			return {_: 'auth.authorization', user: entityOf(account, account)};
		},
	},
	{
		name: 'auth.logOut',
		kind: 'any',
		run({caller}) {
			caller.account = undefined;
			return {_: 'auth.loggedOut'};
		},
	},
	{
		name: 'updates.getState',
		kind: 'any',
		run: ({account, state}) => ({_: 'updates.state', pts: state.updates.pts(account), qts: 0, date: date(), seq: 0, unread_count: 0}),
	},
];
