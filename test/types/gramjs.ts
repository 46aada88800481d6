// oxlint-disable typescript/no-misused-promises -- GramJS awaits its handlers, though its types say nothing of it
import type {Typing} from '@auto-typing/core';
import {
	autoTyping,
	withTyping,
	type AutoTypingOptions,
	type MtprotoAction,
	type TypingFlavor,
	type TypingHandler,
} from '@auto-typing/gramjs';
import {expectTypeOf} from 'expect-type';
import type {TelegramClient} from 'telegram';
import {Album, type AlbumEvent} from 'telegram/events/Album.js';
import {CallbackQuery, type CallbackQueryEvent} from 'telegram/events/CallbackQuery.js';
import {EditedMessage, type EditedMessageEvent} from 'telegram/events/EditedMessage.js';
import {NewMessage, Raw, type NewMessageEvent} from 'telegram/events/index.js';

// Checked by the compiler, never run: what a user's editor says.

declare const client: TelegramClient;

const typing = autoTyping(client, {
	interval: 4500,
	delay: 0,
	onEvent: event => expectTypeOf(event.target.peer).toEqualTypeOf<string>(),
});

client.addEventHandler(async event => {
	expectTypeOf(event).toEqualTypeOf<NewMessageEvent>();
	typing.cancel(event);
}, new NewMessage({}));

client.addEventHandler(async (event: NewMessageEvent & TypingFlavor) => {
	expectTypeOf(event.typing).toEqualTypeOf<Typing<MtprotoAction>>();
	expectTypeOf(event.typing.signal).toEqualTypeOf<AbortSignal>();
	event.typing.action = 'record_voice';
	event.typing.action = {type: 'upload_video', progress: 40};
	// @ts-expect-error -- MTProto has no such action
	event.typing.action = 'thinking';
	await event.message.respond({message: 'Done'});
}, new NewMessage({}));

// A wrapped handler gets the event of the filter beside it.
client.addEventHandler(
	withTyping(async event => {
		expectTypeOf(event.typing).toEqualTypeOf<Typing<MtprotoAction>>();
		expectTypeOf(event.message.text).toEqualTypeOf<string>();
	}),
	new NewMessage({}),
);
client.addEventHandler(
	withTyping(async (event: CallbackQueryEvent & TypingFlavor) => event.answer()),
	new CallbackQuery({}),
);
client.addEventHandler(
	withTyping<AlbumEvent>(async event => void expectTypeOf(event.messages.length).toEqualTypeOf<number>()),
	new Album({}),
);
client.addEventHandler(
	withTyping<EditedMessageEvent>(async event => event.typing.pause()),
	new EditedMessage({}),
);
client.addEventHandler(
	withTyping((event: object) => void event),
	new Raw({}),
);

withTyping(async event => {
	expectTypeOf(event.message.text).toEqualTypeOf<string>();
});

const handler = withTyping(async (event: NewMessageEvent & TypingFlavor) => event.message.id, {action: 'upload_photo'});
expectTypeOf(handler).toExtend<TypingHandler<NewMessageEvent & TypingFlavor, number>>();
client.addEventHandler(handler, new NewMessage({}));
client.removeEventHandler(handler, new NewMessage({}));

expectTypeOf(typing.close()).toEqualTypeOf<Promise<void>>();
expectTypeOf(handler.close()).toEqualTypeOf<Promise<void>>();
expectTypeOf<AutoTypingOptions['delay']>().toEqualTypeOf<number | undefined>();

// @ts-expect-error -- not a client
autoTyping({});
// @ts-expect-error -- milliseconds are numbers
autoTyping(client, {delay: '200'});
// @ts-expect-error -- no such option
autoTyping(client, {intervall: 3000});
// @ts-expect-error -- no such action
withTyping(() => {}, {action: 'thinking'});
