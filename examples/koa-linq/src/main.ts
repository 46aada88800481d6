import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {LinqApi} from '@auto-typing/simulator';
import LinqAPIV3 from '@linqapp/sdk';
import {createAgent} from './bot.ts';

const {LINQ_API_V3_API_KEY: apiKey, LINQ_WEBHOOK_SECRET: webhookSecret, PORT: port = '3000'} = process.env;

/** Against a simulated Linq: a person, a delivery that comes twice, and a group, where nobody sees who is typing. */
async function rehearse(): Promise<void> {
	const server = await LinqApi.start({latency: 60});
	const http = createServer();
	await once(http.listen(0, '127.0.0.1'), 'listening');
	const account = {baseURL: server.url, apiKey: server.token};
	const {signing_secret: secret} = await new LinqAPIV3(account).webhookSubscriptions.create({
		target_url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/linq?version=2026-02-03`,
		subscribed_events: ['message.received'],
	});

	const from = performance.now();
	const say = (who: string, text: string) => console.log(`${((performance.now() - from) / 1000).toFixed(1)} s  ${who}: ${text}`);
	const agent = createAgent({...account, webhookSecret: secret}, ({type, reason}) => {
		if (type === 'skip') say('agent', `no typing (${reason})`);
	});
	const handle = agent.app.callback();
	http.on('request', (request, response) => void handle(request, response));
	server.listen(({method, payload}) => {
		if (method === 'typing.start') say('agent', 'typing…');
		if (method === 'messages.send') say('agent', String(payload['text']));
	});

	const ada = server.addChat().id;
	const team = server.addChat({isGroup: true}).id;
	const answers = [server.next('messages.send', ada), server.next('messages.send', team)];
	say('Ada', 'How are you?');
	const asked = performance.now();
	const event = await server.write({chat: ada, text: 'How are you?'});
	say('Linq', `the webhook answered after ${Math.round(server.deliveries[0]?.took ?? 0)} ms`);
	await server.deliver(event);
	say('Linq', 'delivered it once more, to be sure');
	say('team', 'And you?');
	await server.write({chat: team, text: 'And you?'});
	await Promise.all(answers);

	await agent.close();
	const {spans, messages} = server.chat(ada);
	const {at} = messages[0]!;
	console.log(`Ada saw the three dots for ${(server.chat(ada).covered(asked, at) * 100).toFixed(1)} % of the time, up to the answer,`);
	console.log(`and for ${Math.max(0, (spans.at(-1)?.to ?? at) - at)} ms after it. She got ${messages.length} answer.`);
	http.close();
	http.closeAllConnections();
	await server.close();
}

/** On the real service, until Ctrl-C. */
async function perform(): Promise<void> {
	const agent = createAgent({});
	const http = agent.app.listen(Number(port));
	await once(http, 'listening');
	console.log(`LINQ_API_V3_API_KEY is set: this is for real. Linq's webhook should lead to port ${port}, path /linq. Ctrl-C ends it.`);
	await once(process, 'SIGINT');
	http.close();
	await agent.close();
}

try {
	if (apiKey !== undefined && webhookSecret === undefined) {
		throw new Error('LINQ_WEBHOOK_SECRET is missing: the `signing_secret` that Linq gave when you created the webhook');
	}

	await (apiKey === undefined ? rehearse() : perform());
} catch (error) {
	console.error((error as Error).message);
	process.exitCode = 1;
}
