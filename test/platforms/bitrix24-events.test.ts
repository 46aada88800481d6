import {inspect} from 'node:util';
import {EventError, parseEvent, targetOf, type Bitrix24Event} from '@auto-typing/bitrix24';
import {Bitrix24, type DialogMessage} from '@auto-typing/simulator';
import test, {type ExecutionContext} from 'ava';

/** What a portal sends for a message, byte for byte. */
async function formOf(t: ExecutionContext, message: DialogMessage, botId?: number) {
	const portal = await Bitrix24.start({handler: 'http://127.0.0.1:1', ...(botId !== undefined && {botId})});
	t.teardown(async () => portal.close());
	return {portal, body: portal.write(message).body, token: portal.applicationToken};
}

/** The seed's own example, with the brackets encoded as PHP does. */
const seed =
	'event=ONIMBOTMESSAGEADD&data%5BBOT%5D%5B567%5D%5BBOT_ID%5D=567&data%5BPARAMS%5D%5BDIALOG_ID%5D=27&data%5BPARAMS%5D%5BMESSAGE%5D=Hello&ts=1700000000&auth%5Bapplication_token%5D=secret';

test('the example of the documentation', t => {
	for (const raw of [seed, seed.replaceAll('%5B', '[').replaceAll('%5D', ']'), Buffer.from(seed), new TextEncoder().encode(seed)]) {
		const event = parseEvent(raw, 'secret');
		t.is(event.name, 'ONIMBOTMESSAGEADD');
		t.is(event.botId, 567);
		t.is(event.dialogId, '27');
		t.is(event.text, 'Hello');
		t.is(event.id, undefined, 'it has no number to know it by');
		t.deepEqual(targetOf(event), {dialogId: '27', botId: 567});
	}
});

for (const version of [1, 2] as const) {
	for (const botId of [1, 7, 19, 20, 21, 567]) {
		test(`version ${version}: a message to bot ${botId}`, async t => {
			for (const dialogId of ['27', 'chat5']) {
				const text = 'Grüße & [b]Küsse[/b] = 100 % + mehr 🎉\n«да»';
				const {portal, body, token} = await formOf(t, {dialogId, text, version}, botId);
				const event = parseEvent(body, token);
				t.is(event.name, version === 1 ? 'ONIMBOTMESSAGEADD' : 'ONIMBOTV2MESSAGEADD');
				t.is(event.botId, botId);
				t.is(event.dialogId, dialogId);
				t.is(event.userId, 27);
				t.is(event.text, text);
				t.is(typeof event.messageId, 'number');
				t.deepEqual(targetOf(event), {dialogId, botId});
				t.is(event.auth['member_id'], portal.oauth.member_id);
				t.is(event.auth['access_token'], portal.oauth.access_token);
				t.regex(event.id ?? '', new RegExp(`^${portal.oauth.member_id}/${event.name}/${botId}/${event.messageId}$`));
				t.is(parseEvent(body, token).id, event.id, 'the same when it comes again');
				t.not(parseEvent(portal.write({dialogId, text, version}).body, token).id, event.id, 'another one for another message');
			}
		});
	}
}

test('a token that is not the portal’s is refused, whatever it looks like', async t => {
	for (const version of [1, 2] as const) {
		const {body, token} = await formOf(t, {text: 'hello', version});
		t.is(parseEvent(body, token).text, 'hello');
		const spoilt = (given: string) => body.replace(new RegExp(`(&auth%5Bapplication_token%5D=)${token}`), `$1${given}`);
		t.not(spoilt('x'), body);
		for (const given of ['', 'x', token.slice(1), token.slice(0, -1), `${token}x`, token + token, token.toUpperCase() + 'x', ` ${token}`]) {
			const error = t.throws(() => parseEvent(spoilt(given), token), {instanceOf: EventError});
			t.is(error?.status, 403);
			t.false(error.message.includes(token));
		}

		// That of the bot is right, but it is not the one that tells.
		t.regex(spoilt('x'), new RegExp(`application_token%5D=${token}`));
		// In a list, in a group, twice: none of them is the token.
		for (const forged of [
			spoilt('x').replaceAll('auth%5Bapplication_token%5D', 'auth%5Bapplication_token%5D%5B%5D'),
			body.replace(`&auth%5Bapplication_token%5D=${token}`, ''),
			`${body}&auth%5Bapplication_token%5D=x`,
			`${body}&auth=x`,
			body.replaceAll('auth%5Bapplication_token', 'auth%5B__proto__%5D%5Bapplication_token'),
		]) {
			t.notThrows(() => {
				try {
					// The last of two is what PHP takes; whatever is taken, it has to be the token.
					t.is(parseEvent(forged, token).auth['application_token'], token);
				} catch (error) {
					t.is((error as EventError).status, 403);
				}
			});
		}
	}
});

test('the token of one portal of many is looked up', async t => {
	const {portal, body, token} = await formOf(t, {text: 'hello'});
	const seen: unknown[] = [];
	const event = parseEvent(body, sender => {
		seen.push(sender);
		return token;
	});
	t.is(event.text, 'hello');
	t.deepEqual(seen, [{memberId: portal.oauth.member_id, domain: portal.oauth.domain}]);
	t.throws(() => parseEvent(body, () => undefined), {instanceOf: EventError, message: /application token/});
	t.throws(() => parseEvent(body, () => ''), {instanceOf: EventError});
	t.throws(() => parseEvent(body, () => null as unknown as undefined), {instanceOf: EventError});
	t.throws(() => parseEvent('event=X', () => ''), {instanceOf: EventError}); // No token is not the same as none expected.
	// A promise is true, and as long as no token at all.
	for (const found of [Promise.resolve(token), {}, [], true, 5]) {
		for (const raw of ['event=X', 'event=X&auth[application_token]=', body]) {
			t.throws(() => parseEvent(raw, () => found as unknown as string), {
				instanceOf: TypeError,
				message: /`applicationToken` to return a string/,
			});
		}
	}
});

test('a missing token of one’s own throws, and lets nobody in', t => {
	for (const token of [undefined, null, '', 5, {}]) {
		t.throws(() => parseEvent('event=X&auth[application_token]=', token as string), {instanceOf: TypeError, message: /`applicationToken`/});
	}
});

test('what is no event is a 400', t => {
	for (const raw of [
		undefined,
		null,
		5,
		{event: 'ONIMBOTMESSAGEADD'},
		'',
		'hello',
		'{"event":"ONIMBOTMESSAGEADD"}',
		'event=',
		'event[]=ONIMBOTMESSAGEADD',
		'event[a]=b',
		'data[BOT][7]=1',
		'%',
		'%5B%5D=%5B',
		'=',
		'&&&',
		'__proto__=1',
		Buffer.from([0xff, 0xfe, 0x00]),
	]) {
		const error = t.throws(() => parseEvent(raw, 'secret'), {instanceOf: EventError}, inspect(raw));
		t.is(error?.status, 400);
		t.true(error?.expose);
	}
});

test('a body that was parsed already is a 400 that says so', t => {
	for (const body of [{event: 'ONIMBOTMESSAGEADD'}, []]) {
		t.throws(() => parseEvent(body, 'secret'), {instanceOf: EventError, message: 'Expected the body as it came, got one that was parsed'});
	}
});

test('what is too large is a 413, before much is done with it', t => {
	const huge = `${seed}&data[PARAMS][MESSAGE]=${'a'.repeat(1_000_000)}`;
	const fields = Array.from({length: 5001}, (_, index) => `data[${index}]=1`).join('&');
	for (const raw of [huge, Buffer.from(huge), `${seed}&${fields}`, `${fields}&${seed}`]) {
		const error = t.throws(() => parseEvent(raw, 'secret'), {instanceOf: EventError});
		t.is(error?.status, 413);
	}

	// A long message is none of that, and neither are many files.
	const long = `${seed}&data[PARAMS][MESSAGE]=${encodeURIComponent('я'.repeat(20_000))}&${fields.split('&').slice(0, 4000).join('&')}`;
	t.is(parseEvent(long, 'secret').text?.length, 20_000);
});

test('a malformed body of the right token is an event without what it lacks', t => {
	for (const extra of [
		'data=x',
		'data[PARAMS]=x',
		'data[PARAMS][DIALOG_ID]=sg5',
		'data[PARAMS][DIALOG_ID][]=27',
		'data[PARAMS][DIALOG_ID]=%',
		'',
	]) {
		const event = parseEvent(`event=ONIMBOTMESSAGEADD&${extra}&auth[application_token]=secret`, 'secret');
		t.is(event.dialogId, undefined, extra);
		t.is(targetOf(event), undefined, extra);
	}

	const strange = parseEvent('event=ONIMBOTMESSAGEADD&data[BOT][x]=1&data[PARAMS][DIALOG_ID]=27&auth[application_token]=secret', 'secret');
	t.deepEqual(targetOf(strange), {dialogId: '27'});
	// Deeper than anything is: kept, but not taken apart.
	const deep = parseEvent(`event=X&data${'[a]'.repeat(2000)}=1&auth[application_token]=secret`, 'secret');
	t.is(deep.name, 'X');
});

test('nothing gets at the prototype of anything', t => {
	const attacks = [
		'__proto__[polluted]=1',
		'data[__proto__][polluted]=1',
		'data[BOT][__proto__][polluted]=1',
		'data[PARAMS][constructor][prototype][polluted]=1',
		'constructor[prototype][polluted]=1',
		'data[PARAMS][__proto__][DIALOG_ID]=99',
		'auth[__proto__][application_token]=secret',
	];
	for (const attack of attacks) {
		let event: Bitrix24Event | undefined;
		try {
			event = parseEvent(`${seed}&${attack}`, 'secret');
		} catch (error) {
			t.true(error instanceof EventError, attack);
		}

		t.is(event?.dialogId ?? '27', '27', attack);
		t.is(({} as {polluted?: unknown}).polluted, undefined, attack);
		t.is(([] as {polluted?: unknown}).polluted, undefined, attack);
	}

	// Names that objects have from birth are data like all other.
	const {data} = parseEvent(`${seed}&data[PARAMS][hasOwnProperty]=mine&data[toString]=mine`, 'secret');
	t.is(data['toString'], 'mine');
	t.throws(() => parseEvent('event=X&auth[__proto__][application_token]=secret', 'secret'), {
		instanceOf: EventError,
		message: /application token/,
	});
});

test('an event that is logged shows no token', async t => {
	for (const version of [1, 2] as const) {
		const {portal, body, token} = await formOf(t, {text: 'hello', version});
		const event = parseEvent(body, token);
		const {access_token: access, refresh_token: refresh} = portal.oauth;
		const seen = `${inspect(event, {depth: 10, showHidden: true})}${JSON.stringify(event)}`;
		t.true(seen.includes('hello'));
		for (const secret of [token, access, refresh]) {
			t.false(seen.includes(secret), seen);
		}

		t.is(event.auth['access_token'], access, 'but it is there for whoever asks');
	}
});

test('other events of a bot have a target too', t => {
	const event = (form: string) => parseEvent(`${form}&auth[application_token]=secret`, 'secret');
	t.deepEqual(targetOf(event('event=ONIMBOTV2JOINCHAT&data[bot][id]=7&data[dialogId]=chat5')), {dialogId: 'chat5', botId: 7});
	t.deepEqual(targetOf(event('event=ONIMBOTJOINCHAT&data[BOT][7][BOT_ID]=7&data[PARAMS][DIALOG_ID]=27')), {dialogId: '27', botId: 7});
	t.is(targetOf(event('event=ONIMBOTV2DELETE&data[bot][id]=7')), undefined);
	t.is(targetOf(event('event=ONAPPINSTALL&data[VERSION]=1')), undefined);
});

test('only what happens once to a message is known by the message', t => {
	const form = (name: string) =>
		`event=${name}&data[bot][id]=7&data[message][id]=5&data[chat][dialogId]=27&auth[member_id]=m&auth[application_token]=secret`;
	for (const name of ['ONIMBOTV2MESSAGEADD', 'ONIMBOTMESSAGEADD', 'ONIMBOTV2COMMANDADD']) {
		t.is(parseEvent(form(name), 'secret').id, `m/${name}/7/5`);
	}

	// It may be changed once more.
	for (const name of ['ONIMBOTV2MESSAGEUPDATE', 'ONIMBOTMESSAGEUPDATE', 'ONIMBOTV2REACTIONCHANGE']) {
		t.is(parseEvent(form(name), 'secret').id, undefined);
	}
});
