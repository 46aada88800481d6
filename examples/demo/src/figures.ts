import {fewestCalls} from '@auto-typing/simulator';
import type {ChatRecording, Recording} from './recording.ts';
import {story, type Scene} from './story.ts';

/** What the promises are measured against, in milliseconds: Telegram's ttl, and the defaults of `autoTyping`. */
const pace = {ttl: 5000, interval: 4500, delay: 200};

/** How long a request to the simulator takes there and back, in milliseconds, and by how much each way differs. */
export const network = {latency: 60, jitter: 10};

/** The budget of the bot. */
export const limit = {limit: 30, interval: 1000};

/** What a call may be late by on a machine that has nothing else to do, in milliseconds. */
const ease = 150;

/** What the people of one scene saw. Times in milliseconds; of many people the mean. */
export interface Figure {
	readonly scene: Scene;
	/** The share of the waiting in which the indicator was up; `undefined` if nobody could see it. */
	readonly covered: number | undefined;
	readonly dark: number;
	/** How long the indicator stayed up after the last reply, the longest of all. */
	readonly after: number;
	readonly calls: number;
	readonly fewest: number;
	/** What does not hold. */
	readonly faults: readonly string[];
}

/** What each scene came to. */
export function figures(recording: Recording): Figure[] {
	return story.map(scene => {
		const results = scene.chats.map(id => {
			const chat = recording.chats.find(chat => chat.id === id)!;
			return scene.blocked ? judgeBlocked(chat, recording) : judge(scene, chat, recording);
		});
		const sum = (value: (result: Result) => number) => results.reduce((total, result) => total + value(result), 0);
		const waited = sum(({waited}) => waited);
		const dark = sum(({dark}) => dark);
		return {
			scene,
			covered: scene.blocked || waited < pace.delay + network.latency ? undefined : 1 - dark / waited,
			dark: dark / results.length,
			after: Math.max(...results.map(({after}) => after)),
			calls: sum(({calls}) => calls),
			fewest: sum(({fewest}) => fewest),
			faults: [...new Set(results.flatMap(({faults}) => faults))],
		};
	});
}

type Result = Omit<Figure, 'scene' | 'covered'> & {readonly waited: number};

function judge(scene: Scene, chat: ChatRecording, {lag, now}: Recording): Result {
	const {from, to} = extent(scene, chat);
	const here = chat.said.filter(({at}) => from <= at && at < to);
	const replies = here.filter(({who}) => who === undefined);
	const end = replies.at(-1)?.at ?? now;
	// Every message takes the indicator down, and every one but the last has it come back: a wait begins anew.
	const waits = replies.map(({at}, index) => ({from: replies[index - 1]?.at ?? from, to: at}));
	const dark = end - from - visible(chat, from, end);
	const after = visible(chat, end, to);
	const calls = chat.calls.filter(at => from <= at && at < to).length;
	const fewest = fewestOf(waits, scene.upload);
	// A crowd has more people than a second has calls: its last ones wait until the first calls, and some room for replies, are a second old.
	const turn = Math.ceil((scene.chats.length - 1) / limit.limit) * limit.interval;
	const allowed = Math.max(waits.length, 1) * (pace.delay + network.latency + 2 * network.jitter + ease) + turn + 2 * lag;
	const faults = [
		replies.length !== scene.replies && `${replies.length} replies, ${scene.replies} expected`,
		dark > allowed && `dark for ${ms(dark)}, at most ${ms(allowed)} expected`,
		after > 0 && `the indicator was up for ${ms(after)} after the reply`,
		calls > fewest && `${calls} calls, ${fewest} expected`,
		...chat.refused.filter(({at}) => from <= at && at < to).map(({text}) => `refused: ${text}`),
		scene.upload !== undefined &&
			visible(chat, end - scene.upload, end, 'upload_photo') < scene.upload - allowed &&
			'no upload_photo all along',
	].filter(fault => fault !== false);
	return {waited: end - from, dark, after, calls, fewest, faults};
}

/** Nobody sees anything there, so all that counts is how soon the bot learns of it. */
function judgeBlocked({calls, givenUp, said}: ChatRecording, {lag}: Recording): Result {
	const from = said[0]?.at ?? 0;
	const allowed = pace.delay + 2 * (network.latency + network.jitter) + ease + 2 * lag;
	const faults = [
		givenUp === undefined && 'the work was never given up',
		givenUp !== undefined &&
			givenUp - from > allowed &&
			`the work was given up after ${ms(givenUp - from)}, at most ${ms(allowed)} expected`,
		calls.length !== 1 && `${calls.length} calls, 1 expected`,
	].filter(fault => fault !== false);
	return {waited: 0, dark: 0, after: 0, calls: calls.length, fewest: 1, faults};
}

/** From the first line of a scene to that of the next one in its chat. */
function extent(scene: Scene, {id, said}: ChatRecording): {from: number; to: number} {
	const questions = said.filter(({who}) => who !== undefined);
	const scenes = story.filter(({chats}) => chats.includes(id));
	const before = scenes.slice(0, scenes.indexOf(scene)).reduce((total, {lines}) => total + lines.length, 0);
	return {from: questions[before]?.at ?? 0, to: questions[before + scene.lines.length]?.at ?? Number.POSITIVE_INFINITY};
}

function visible({spans}: ChatRecording, from: number, to: number, action?: string): number {
	return spans
		.filter(span => action === undefined || span.action === action)
		.reduce((total, span) => total + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);
}

function fewestOf(waits: ReadonlyArray<{from: number; to: number}>, upload = 0): number {
	return waits.reduce((total, {from, to}, index) => {
		const uploading = index === waits.length - 1 ? upload : 0;
		return total + fewestCalls(to - from - uploading, pace) + fewestCalls(uploading, {...pace, delay: 0});
	}, 0);
}

function ms(time: number): string {
	return `${Math.round(time)} ms`;
}
