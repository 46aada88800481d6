import {once} from 'node:events';
import type {Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {fromSdk, fromWebhook} from '@auto-typing/bitrix24';
import {Bitrix24} from '@auto-typing/simulator';
import {B24Hook} from '@bitrix24/b24jssdk';
import {createBot} from './bot.ts';

const {
	BITRIX24_WEBHOOK: webhook,
	BITRIX24_BOT_ID: botId,
	BITRIX24_BOT_TOKEN: botToken,
	BITRIX24_APP_TOKEN: token,
	PORT = '3000',
} = process.env;

/** The work that takes its time. */
async function think(text: string, signal: AbortSignal): Promise<string> {
	await sleep(6000, undefined, {signal});
	return `You said ${text.length} characters.`;
}

async function close(server: Server): Promise<void> {
	const closed = once(server, 'close');
	server.close();
	await closed;
}

/** Against a simulated portal: one message, delivered twice. */
async function rehearse(): Promise<void> {
	const portal = await Bitrix24.start({latency: 60, botId: 7});
	const {id, botToken} = portal.bot;
	const call = fromWebhook(portal.webhookUrl);
	const {app, typing} = createBot({call, botId: id, botToken, applicationToken: portal.applicationToken}, think);
	const server = app.listen(0, '127.0.0.1');
	await once(server, 'listening');
	portal.handler = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bitrix24`;

	const from = performance.now();
	const say = (text: string) => console.log(`${((performance.now() - from) / 1000).toFixed(1)} s  ${text}`);
	portal.listen(({payload, status}) => {
		const {statusMessageCode: code, text} = payload;
		if (typeof code === 'string') say(`bot: ${code.replace('IMBOT_AGENT_ACTION_', '').toLowerCase()}… (${status})`);
		if (typeof text === 'string') say(`bot: ${text} (${status})`);
	});

	say('Emily: How are sales this quarter?');
	const delivery = portal.write({dialogId: '27', text: 'How are sales this quarter?'});
	const {status, took} = await delivery.answered;
	say(`The portal got its ${status} after ${took.toFixed(0)} ms, and delivers the event once more.`);
	await portal.deliver(delivery.body).answered;

	await typing.drain(15_000);
	const view = portal.dialog('27');
	const [reply] = view.messages;
	if (!reply) throw new Error('The bot did not answer');
	await sleep(500);
	console.log(
		`The indicator was up for ${(view.covered(from, reply.at) * 100).toFixed(1)} % of the time, and ${view.after(reply.at)} ms after the reply.`,
	);
	await close(server);
	await portal.close();
}

/** For a real portal, until Ctrl-C. */
async function perform(webhook: string): Promise<void> {
	const missing = Object.entries({BITRIX24_BOT_ID: botId, BITRIX24_BOT_TOKEN: botToken, BITRIX24_APP_TOKEN: token}).filter(
		([, value]) => !value,
	);
	if (missing.length > 0) throw new Error(`Set ${missing.map(([name]) => name).join(', ')} too: see the README`);
	const call = fromSdk(B24Hook.fromWebhookUrl(webhook));
	const {app, typing} = createBot({call, botId: Number(botId), botToken, applicationToken: token ?? ''}, think);
	const server = app.listen(Number(PORT));
	await once(server, 'listening');
	console.log(`BITRIX24_WEBHOOK is set: this is for real. Events are expected at port ${PORT}, path /bitrix24. Ctrl-C ends it.`);
	await once(process, 'SIGINT');
	await typing.drain(10_000);
	await close(server);
}

try {
	await (webhook ? perform(webhook) : rehearse());
} catch (error) {
	// The message only: what is inside of a network error has the address of the call, and the secret is part of that.
	console.error((error as Error).message);
	process.exitCode = 1;
}
