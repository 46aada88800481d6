import type {Arrival, BotApi, Shown} from '@auto-typing/simulator';
import type {Line} from './story.ts';

/** A message in a chat: of a person, or of the bot where `who` is left out. */
interface Said {
	readonly at: number;
	readonly who?: string;
	readonly text: string;
}

/** One chat as its people saw it. All times in milliseconds from the beginning of the run. */
export interface ChatRecording {
	readonly id: number;
	readonly said: readonly Said[];
	/** When an indicator was up, and which. */
	readonly spans: readonly Shown[];
	/** When chat actions arrived. */
	readonly calls: readonly number[];
	/** What was refused, and why. */
	readonly refused: readonly Said[];
	/** When the bot gave up its work, as nobody waited for it any more. */
	readonly givenUp?: number;
}

/** A run up to a moment, as plain data: what is drawn, judged and kept in a file. */
export interface Recording {
	/** How long the run has lasted, in milliseconds. */
	readonly now: number;
	/** By how much this machine may have been late, in milliseconds. */
	readonly lag: number;
	readonly chats: readonly ChatRecording[];
}

/** What the recorder can't ask the server for. */
export interface Notes {
	/** `performance.now()` at the beginning. */
	readonly since: number;
	readonly written: ReadonlyArray<Line & {readonly chat: number}>;
	readonly givenUp: ReadonlyMap<number, number>;
}

export function record(server: BotApi, chats: readonly number[], {since, written, givenUp}: Notes, lag: number): Recording {
	return {
		now: performance.now() - since,
		lag,
		chats: chats.map(id => {
			const view = server.chat(id);
			const replies = view.messages.map(({at, method, text = ''}) => ({
				at: at - since,
				text: method === 'sendPhoto' ? `[photo] ${text}` : text,
			}));
			const questions = written.filter(line => line.chat === id).map(({at, who, text}) => ({at, who, text}));
			const calls = server.log.filter(({chatId, method}) => chatId === id && method === 'sendChatAction');
			const ended = givenUp.get(id);
			return {
				id,
				said: [...questions, ...replies].toSorted((a, b) => a.at - b.at),
				spans: view.spans.map(({from, to, action}) => ({from: from - since, to: to - since, action})),
				calls: calls.map(({at}) => at - since),
				refused: view.refused.map(({at, error}: Arrival) => ({
					at: at - since,
					text: error ? `${error.error_code} ${error.description}` : 'refused',
				})),
				...(ended !== undefined && {givenUp: ended}),
			};
		}),
	};
}
