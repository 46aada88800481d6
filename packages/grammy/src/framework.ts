import {Bots, type Connection, type Framework, type LetOut} from '@auto-typing/telegram';
import {GrammyError, type Context, type Transformer} from 'grammy';
import {Sender} from './sender.ts';
import {gateLastFile, isFile} from './upload.ts';

type BotApi = Context['api'];
type Response = Awaited<ReturnType<Parameters<Transformer>[0]>>;

/** What the middleware must know of grammY. */
const grammy: Framework<Context, BotApi> = {
	botOf: ({me}) => me,
	clientOf: ({api}: {readonly api?: unknown}) => (isClient(api) ? api : undefined),
	isClient,
	isFile,
	connect,
	isReplayed: isInConversation,
};

/** The bots that run on grammY: `ctx.me` is one object for the whole life of each. */
export const bots: Bots<Context, BotApi> = new Bots(grammy);

function isClient(value: unknown): value is BotApi {
	return typeof (value as Partial<BotApi> | null | undefined)?.config?.installedTransformers === 'function';
}

/** A bot sees its messages by a transformer. */
function connect({token, options}: BotApi, letOut: LetOut): Connection<BotApi> {
	const transformer = transformerFor(letOut);
	const sender = new Sender(transformer);
	return {
		owns: api => api.token === token && api.options === options,
		send: async (api, payload, signal) => sender.send(api, payload, signal),
		watch(api) {
			if (!api.config.installedTransformers().includes(transformer)) {
				api.config.use(transformer);
			}
		},
	};
}

/** To the engine a refusal is an exception, to a transformer an answer. */
function transformerFor(letOut: LetOut): Transformer {
	return async (previous, method, payload, signal) => {
		let refusal: {readonly response: Response; readonly error: GrammyError} | undefined;
		try {
			return await letOut(method, payload, async gate => {
				const response = await previous(method, gate ? gateLastFile(payload, gate) : payload, signal);
				if (!response.ok) {
					refusal = {response, error: new GrammyError(`Call to '${method}' failed!`, response, method, payload)};
					throw refusal.error;
				}

				return response;
			});
		} catch (error) {
			if (refusal && error === refusal.error) {
				return refusal.response;
			}

			throw error;
		}
	};
}

/** By the mark that `@grammyjs/conversations` leaves on the contexts it makes: it has no other. Contexts that only pass it by have marks, too. */
function isInConversation(ctx: Context): boolean {
	return Object.getOwnPropertySymbols(ctx).some(({description}) => description === 'conversations.recursion');
}
