import {once} from 'node:events';
import {createConnection} from 'node:net';
import {gzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import {Api} from 'telegram';
import {AuthKey} from 'telegram/crypto/AuthKey.js';
import {returnBigInt} from 'telegram/Helpers.js';
import {serve} from './gramjs.ts';
import {now, rawClient, uint32, type Raw} from './raw-mtproto.ts';

const typing = (peer: Api.TypeInputPeer = new Api.InputPeerSelf()) =>
	new Api.messages.SetTyping({peer, action: new Api.SendMessageTypingAction()}).getBytes();

/** A server and a raw client that knows the salt. */
async function greeted(t: ExecutionContext, tag?: number) {
	const server = await serve(t);
	const client = await rawClient(t, server, tag);
	await client.greet();
	return {server, client, me: server.account.id};
}

function names(messages: readonly unknown[]): unknown[] {
	return messages.map(message => (message as {className?: string}).className ?? message);
}

for (const [name, tag, padding] of [
	['intermediate', 0xee_ee_ee_ee, 0],
	['padded', 0xdd_dd_dd_dd, 13],
] as const) {
	test(`${name}: a session is greeted, the call acknowledged and answered in one packet`, async t => {
		const {server, client, me} = await greeted(t, tag);
		t.deepEqual(server.transports, [name]);
		await client.send({body: typing()}, padding);
		t.deepEqual(names(await client.receive()), ['NewSessionCreated', 'MsgsAck', true]);
		t.is(server.chat(me).spans.length, 1);
		await client.send({body: typing()}, padding);
		t.deepEqual(names(await client.receive()), ['MsgsAck', true], 'once is enough');
		// Twice the messages before it that are to be acknowledged, and odd if it is one itself.
		t.deepEqual(client.numbers, [0, 1, 2, 3, 4, 5]);
	});
}

test('a message that comes twice takes effect once', async t => {
	const {server, client, me} = await greeted(t);
	const id = await client.send({body: typing()});
	await client.receive();
	await client.send({id, body: typing()});
	t.deepEqual(names(await client.receive()), ['MsgsAck']);
	t.is(server.chat(me).calls, 1);
});

/** Two calls and more that arrive at one moment. */
function containerOf(bodies: readonly Buffer[]): Raw {
	const first = now();
	const inner = bodies.map((body, index) => {
		const head = Buffer.alloc(8);
		head.writeBigInt64LE(first + 4n * BigInt(index));
		return Buffer.concat([head, uint32(1), uint32(body.length), body]);
	});
	return {id: now(1), number: 2, body: Buffer.concat([uint32(0x73_f1_f8_dc), uint32(bodies.length), ...inner])};
}

test('several messages in a container are taken one by one', async t => {
	const {server, client, me} = await greeted(t);
	await client.send(containerOf([typing(), typing(), typing()]));
	t.deepEqual(
		names(await client.receive()).filter(name => name === true),
		[true, true, true],
	);
	t.is(server.chat(me).calls, 3);
});

test('a refusal takes nothing from the answers that come in the same packet', async t => {
	const {server, client, me} = await greeted(t);
	server.fail({method: 'messages.setTyping', times: 1, outcome: {message: 'FLOOD_WAIT_30'}});
	await client.send(containerOf([typing(), typing()]));
	t.deepEqual(names(await client.receive()), ['NewSessionCreated', 'MsgsAck', 'MsgsAck', 'RpcError', true]);
	t.is(server.chat(me).spans.length, 1);
});

test('a compressed call is unpacked', async t => {
	const {server, client, me} = await greeted(t);
	// GramJS's own `GZIPPacked` does not compress.
	const packed = gzipSync(typing());
	t.true(packed.length < 254, 'short enough for a length of one byte');
	const padding = Buffer.alloc(-(packed.length + 1) & 3);
	await client.send({body: Buffer.concat([uint32(0x30_72_cf_a1), Buffer.of(packed.length), packed, padding])});
	t.true((await client.receive()).includes(true));
	t.is(server.chat(me).calls, 1);
});

test('a message whose id is too old, too new or not a client’s is refused', async t => {
	const {server, client} = await greeted(t);
	for (const [id, errorCode] of [
		[now(-400), 16],
		[now(60), 17],
		[now() | 1n, 18],
	] as const) {
		await client.send({id, body: typing()});
		const [refusal] = (await client.receive()) as [Api.BadMsgNotification];
		t.like(refusal, {className: 'BadMsgNotification', errorCode});
		t.is(String(refusal.badMsgId), String(id));
	}

	t.is(server.log.length, 0);
});

test('messages about messages are answered', async t => {
	const {client} = await greeted(t);
	const id = await client.send({body: new Api.Ping({pingId: returnBigInt(77)}).getBytes(), number: 0});
	const [, pong] = (await client.receive()) as [unknown, Api.Pong];
	t.is(String(pong.pingId), '77');
	t.is(String(pong.msgId), String(id));
	await client.send({body: new Api.MsgsStateReq({msgIds: [returnBigInt(id)]}).getBytes(), number: 0});
	t.deepEqual(names(await client.receive()), ['MsgsStateInfo']);
	await client.send({body: new Api.DestroySession({sessionId: returnBigInt(5)}).getBytes(), number: 0});
	t.deepEqual(names(await client.receive()), ['DestroySessionOk']);
	await client.send({body: new Api.RpcDropAnswer({reqMsgId: returnBigInt(id)}).getBytes(), number: 0});
	t.deepEqual(names(await client.receive()), ['RpcAnswerUnknown']);
	await client.send({body: new Api.MsgsAck({msgIds: [returnBigInt(id)]}).getBytes(), number: 0});
	await client.send({body: new Api.Ping({pingId: returnBigInt(78)}).getBytes(), number: 0});
	t.deepEqual(names(await client.receive()), ['Pong'], 'an acknowledgement is not answered');
});

test('what the schema does not know is refused, and the connection lives on', async t => {
	const {server, client} = await greeted(t);
	await client.send({body: uint32(0x12_34_56_78)});
	const [, , error] = (await client.receive()) as [unknown, unknown, Api.RpcError];
	t.like(error, {className: 'RpcError', errorCode: 400, errorMessage: 'INPUT_CONSTRUCTOR_INVALID'});
	await client.send({body: new Api.account.GetPassword().getBytes()});
	const [, refusal] = (await client.receive()) as [unknown, Api.RpcError];
	t.like(refusal, {errorCode: 400, errorMessage: 'INPUT_METHOD_INVALID'});
	t.is(server.log.length, 1);
});

test('a session that wants no updates gets none', async t => {
	const {server, client} = await greeted(t);
	const query = new Api.help.GetNearestDc();
	await client.send({body: new Api.InvokeWithoutUpdates({query}).getBytes()});
	await client.receive();
	server.write({peer: 555, text: 'hello'});
	await client.send({body: typing()});
	t.deepEqual(names(await client.receive()), ['MsgsAck', true]);
});

test('jitter never lets what was sent later arrive earlier', async t => {
	const {server, client} = await greeted(t);
	server.latency = 20;
	server.jitter = 20;
	const sent = Array.from({length: 20}, (_, progress) => progress);
	for (const progress of sent) {
		const action = new Api.SendMessageUploadVideoAction({progress});
		await client.send({body: new Api.messages.SetTyping({peer: new Api.InputPeerSelf(), action}).getBytes()});
	}

	await server.next(({payload}) => (payload['action'] as {progress: number}).progress === sent.at(-1));
	t.deepEqual(
		server.log.map(({payload}) => (payload['action'] as {progress: number}).progress),
		sent,
	);
});

test('what is under way when the connection drops never arrives', async t => {
	const {server, client} = await greeted(t);
	const setOut = new Promise<void>(resolve => {
		server.latency = () => {
			resolve();
			return 200;
		};
	});
	await client.send({body: typing()});
	await setOut;
	server.drop();
	server.latency = 0;
	// This one sets out later and takes longer, so it arrives later than the first would have.
	const later = await rawClient(t, server);
	await later.greet();
	server.latency = 300;
	await later.send({body: typing()});
	t.true((await later.receive()).includes(true));
	t.is(server.log.length, 1);
});

test('a client with a key nobody knows is told so', async t => {
	const server = await serve(t);
	const client = await rawClient(t, server);
	client.sendPacket(Buffer.concat([Buffer.alloc(8, 1), Buffer.alloc(48)]));
	t.is((await client.packet()).readInt32LE(), -404);
});

test('a client that breaks the protocol is cut off', async t => {
	const {client} = await greeted(t);
	client.sendPacket(Buffer.alloc(4));
	await client.closed;
	const {client: greedy} = await greeted(t);
	greedy.write(uint32(2 ** 26));
	greedy.write(Buffer.alloc(2 ** 24));
	await greedy.closed;
	const server = await serve(t);
	for (const bytes of [
		// The message key is wrong, the checksum is wrong, the obfuscated header leads to no transport.
		Buffer.concat([uint32(0xee_ee_ee_ee), uint32(72), await keyId(server.presharedKey()), Buffer.alloc(64)]),
		Buffer.concat([uint32(52), uint32(0), plain(), uint32(0)]),
		Buffer.alloc(64, 7),
	]) {
		const socket = createConnection({host: '127.0.0.1', port: server.port});
		t.teardown(() => socket.destroy());
		socket.on('error', () => {}).write(bytes);
		await once(socket, 'close');
	}

	t.deepEqual(server.transports, []);
	t.is((await fetch(`http://127.0.0.1:${server.port}/`)).status, 404, 'and a browser is told that there is nothing');
});

/** The message a key exchange begins with, before there is a key to encrypt it with. */
function plain(): Buffer {
	const body = new Api.ReqPqMulti({nonce: returnBigInt(1)}).getBytes();
	return Buffer.concat([Buffer.alloc(16), uint32(body.length), body]);
}

async function keyId(secret: Buffer): Promise<Buffer> {
	const key = new AuthKey();
	await key.setKey(secret);
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(String(key.keyId))));
	return bytes;
}
