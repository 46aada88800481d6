import {uploadTime} from './bot.ts';

/** What one person writes. */
export interface Line {
	/** In milliseconds from the beginning. */
	readonly at: number;
	readonly who: string;
	/** `#` stands for the number of the chat among those of its scene. */
	readonly text: string;
}

/** What somebody asks of the bot, and what it should come to. A line of the last table. */
export interface Scene {
	readonly who: string;
	readonly what: string;
	/** Where it takes place: in one chat, or the same in many. */
	readonly chats: readonly number[];
	readonly lines: readonly Line[];
	/** With how many messages the bot answers in each chat. */
	readonly replies: number;
	/** For how many milliseconds the last of them uploads. */
	readonly upload?: number;
	/** The person has blocked the bot. */
	readonly blocked?: true;
}

/** More people than the bot has calls in a second: what makes typing give way. */
const crowd = 40;

/** All that happens, in the order of the screen. The times overlap, and the bot has one budget for all. */
export const story: readonly Scene[] = [
	{who: 'Ada', what: 'a quick answer', chats: [1], lines: [{at: 500, who: 'Ada', text: 'Hello!'}], replies: 1},
	{
		who: 'Ada',
		what: 'a twelve-second think',
		chats: [1],
		lines: [{at: 1500, who: 'Ada', text: 'Why is the sky dark at night?'}],
		replies: 1,
	},
	{who: 'Ben', what: 'a message in between', chats: [2], lines: [{at: 2500, who: 'Ben', text: '/plan my Saturday'}], replies: 2},
	{
		who: 'Cleo',
		what: `a photo, ${uploadTime / 1000} s of upload`,
		chats: [3],
		lines: [{at: 3500, who: 'Cleo', text: '/draw a sunset'}],
		replies: 1,
		upload: uploadTime,
	},
	{
		who: 'Dan & Eve',
		what: 'two at once in a group',
		chats: [-4],
		lines: [
			{at: 4500, who: 'Dan', text: 'Who was first at the South Pole?'},
			{at: 7000, who: 'Eve', text: 'And at the North Pole?'},
		],
		replies: 2,
	},
	{
		who: 'Finn',
		what: 'a minute, but for /stop',
		chats: [5],
		lines: [
			{at: 5500, who: 'Finn', text: 'Write me a novel.'},
			{at: 9300, who: 'Finn', text: '/stop'},
		],
		replies: 1,
	},
	{
		who: 'Gus',
		what: 'has blocked the bot',
		chats: [6],
		lines: [{at: 7800, who: 'Gus', text: 'Tell me a story.'}],
		replies: 0,
		blocked: true,
	},
	{
		who: `${crowd} people`,
		what: 'at once, limit 30/s',
		chats: Array.from({length: crowd}, (_, index) => 1001 + index),
		lines: [{at: 15_000, who: 'each', text: '# squared?'}],
		replies: 1,
	},
];

/** The scenes that take place somewhere new: one per block of the screen. */
export const places: readonly Scene[] = story.filter(({chats}, index) => story.findIndex(other => other.chats[0] === chats[0]) === index);

/** The width of the time axis, in milliseconds. */
export const duration = 21_000;
