import {monitorEventLoopDelay} from 'node:perf_hooks';
import {setTimeout as sleep} from 'node:timers/promises';
import {run} from '@grammyjs/runner';
import {BotApi} from '@auto-typing/simulator';
import {createBot} from './bot.ts';
import {limit, network} from './figures.ts';
import {record, type Recording} from './recording.ts';
import {story, type Line} from './story.ts';

/** How often the run is looked at, in milliseconds. */
const beat = 80;

/** How long we watch on after the last reply, for something that comes too late, in milliseconds. */
const epilogue = 700;

/** Whatever happens, the run is over by then, in milliseconds. */
const curfew = 30_000;

/** Plays the story with a real bot and a simulated Bot API. @param onBeat - Told how far it got, many times a second. */
export async function play(onBeat: (recording: Recording) => void): Promise<Recording> {
	const server = await BotApi.start({...network, limit});
	const delays = monitorEventLoopDelay();
	const givenUp = new Map<number, number>();
	let since = 0;
	const {bot, typing} = createBot(server.token, {apiRoot: server.url}, chatId => givenUp.set(chatId ?? 0, performance.now() - since));
	await bot.init();
	// Not `bot.start()`: that handles one update after the other, and nobody could interrupt a think by `/stop`.
	const runner = run(bot, {runner: {silent: true}});

	const chats = [...new Set(story.flatMap(scene => scene.chats))];
	const script = story.flatMap(({chats, lines}) =>
		chats.flatMap((chat, index) => lines.map(line => ({...line, chat, text: line.text.replace('#', String(index + 1))}))),
	);
	const due = new Set(script);
	const written: Array<Line & {chat: number}> = [];
	for (const {chats} of story.filter(({blocked}) => blocked)) {
		chats.forEach(chat => server.block(chat));
	}

	since = performance.now();
	delays.enable();
	let lastChange = 0;
	let recording = record(server, chats, {since, written, givenUp}, 0);
	while (recording.now < curfew && (due.size > 0 || isOpen(recording) || recording.now < lastChange + epilogue)) {
		await sleep(beat);
		for (const line of due) {
			const at = performance.now() - since;
			if (line.at <= at) {
				due.delete(line);
				written.push({...line, at});
				server.write({chat: line.chat, from: {id: personId(line.who, line.chat), first_name: line.who}, text: line.text});
			}
		}

		recording = record(server, chats, {since, written, givenUp}, delays.max / 1e6);
		if (due.size > 0 || isOpen(recording)) {
			lastChange = recording.now;
		}

		onBeat(recording);
	}

	await typing.close();
	await runner.stop();
	await server.close();
	return recording;
}

/** Whether somebody still waits for an answer. */
function isOpen({chats}: Recording): boolean {
	return chats.some(({id, said, givenUp}) => {
		const scenes = story.filter(scene => scene.chats.includes(id));
		const replies = scenes.reduce((total, scene) => total + scene.replies, 0);
		return said.filter(({who}) => who === undefined).length < replies || (scenes.some(({blocked}) => blocked) && givenUp === undefined);
	});
}

/** In a private chat the number of the person is that of the chat. */
function personId(who: string, chat: number): number {
	return chat > 0 ? chat : 100 + who.charCodeAt(0);
}
