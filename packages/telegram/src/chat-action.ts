/**
What Telegram can show: its "chat actions".

@see https://core.telegram.org/bots/api#sendchataction
*/
export const chatActions = [
	'typing',
	'upload_photo',
	'record_video',
	'upload_video',
	'record_voice',
	'upload_voice',
	'upload_document',
	'choose_sticker',
	'find_location',
	'record_video_note',
	'upload_video_note',
] as const;

export type ChatAction = (typeof chatActions)[number];
