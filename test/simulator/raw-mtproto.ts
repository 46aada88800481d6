import {createConnection} from 'node:net';
import type {MtprotoServer} from '@auto-typing/simulator';
import type {ExecutionContext} from 'ava';
import {Api} from 'telegram';
import {AuthKey} from 'telegram/crypto/AuthKey.js';
import {BinaryReader, Logger} from 'telegram/extensions/index.js';
import {LogLevel} from 'telegram/extensions/Logger.js';
import {returnBigInt} from 'telegram/Helpers.js';
import {MTProtoState} from 'telegram/network/MTProtoState.js';
import {MessageContainer, RPCResult} from 'telegram/tl/core/index.js';

/** A message that can be wrong in any way. */
export interface Raw {
	readonly body: Buffer;
	/** @default the time */
	readonly id?: bigint;
	/** @default 1: to be acknowledged */
	readonly number?: number;
}

/** What GramJS makes of a message, at once or by and by. */
interface Message {
	readonly obj: unknown;
	readonly seqNo: number;
}

/** A connection over the intermediate transport on which a test sends what no client would. */
export async function rawClient(t: ExecutionContext, server: MtprotoServer, tag = 0xee_ee_ee_ee) {
	const key = new AuthKey();
	await key.setKey(server.presharedKey());
	const state = new MTProtoState(key, new Logger(LogLevel.NONE));
	const socket = createConnection({host: '127.0.0.1', port: server.port});
	t.teardown(() => socket.destroy());
	const closed = new Promise<void>(resolve => {
		socket.on('error', () => {}).on('close', () => resolve());
	});
	const packets = packetsOf(socket);
	socket.write(uint32(tag));
	const sendPacket = (packet: Buffer) => socket.write(Buffer.concat([uint32(packet.length), packet]));

	const client = {
		closed,
		sendPacket,
		write: (bytes: Buffer) => socket.write(bytes),
		/** The numbers of the messages that came. */
		numbers: [] as number[],
		/** The next packet, as it came. */
		packet: async () => (await packets.next()).value as Buffer,
		/** Encrypts and sends a message. @returns its id */
		async send({body, id = now(), number = 1}: Raw, padding = 0): Promise<bigint> {
			const head = Buffer.alloc(16);
			head.writeBigInt64LE(id);
			head.writeInt32LE(number, 8);
			head.writeInt32LE(body.length, 12);
			sendPacket(Buffer.concat([await state.encryptMessageData(Buffer.concat([head, body])), Buffer.alloc(padding)]));
			return id;
		},
		/** The messages of the next packet, unpacked. */
		async receive(): Promise<unknown[]> {
			const message = (await state.decryptMessageData(await client.packet())) as unknown as Message;
			const outer = await message.obj;
			const inner = outer instanceof MessageContainer ? (outer as unknown as {messages: Message[]}).messages : [message];
			client.numbers.push(...inner.map(({seqNo}) => seqNo));
			return Promise.all(inner.map(async message => resultIn(await message.obj)));
		},
		/** Learns the salt, as every client has to first. */
		async greet(): Promise<void> {
			await client.send({body: new Api.Ping({pingId: returnBigInt(1)}).getBytes(), number: 0});
			const [answer] = await client.receive();
			t.true(answer instanceof Api.BadServerSalt);
			state.salt = (answer as Api.BadServerSalt).newServerSalt;
		},
	};
	return client;
}

function resultIn(message: unknown): unknown {
	if (!(message instanceof RPCResult)) return message;
	const {body, error} = message as unknown as {body: Buffer; error?: Api.RpcError};
	return error ?? new BinaryReader(body).tgReadObject();
}

async function* packetsOf(socket: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	let bytes = Buffer.alloc(0);
	for await (const chunk of socket) {
		bytes = Buffer.concat([bytes, chunk]);
		while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32LE()) {
			const end = 4 + bytes.readUInt32LE();
			yield bytes.subarray(4, end);
			bytes = bytes.subarray(end);
		}
	}
}

/** An id for a message of this moment, or so many seconds later. */
export function now(offset = 0): bigint {
	const microseconds = BigInt(Math.round((performance.timeOrigin + performance.now() + offset * 1000) * 1000));
	return ((microseconds << 32n) / 1_000_000n) & ~3n;
}

export function uint32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value >>> 0);
	return bytes;
}
