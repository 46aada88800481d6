import {autoTyping, MadelineProto, withTyping, type MessageEvent, type MtprotoAction} from '@auto-typing/madelineproto';
import type {Typing} from '@auto-typing/core';
import {expectTypeOf} from 'expect-type';

// Checked by the compiler, never run: what a user's editor says.

const client = new MadelineProto('http://127.0.0.1:9503', {session: undefined});
const typing = autoTyping(client, {action: {type: 'upload_video', progress: 5}});

client.onMessage(async event => {
	expectTypeOf(event.typing).toEqualTypeOf<Typing<MtprotoAction>>();
	expectTypeOf(event.topMsgId).toEqualTypeOf<number | undefined>();
	typing.cancel(event);
});

expectTypeOf(withTyping(async () => 5)).toExtend<(event: MessageEvent) => Promise<number>>();
expectTypeOf(typing.run({peer: '@alice', topMsgId: 5}, () => 'text')).toEqualTypeOf<Promise<string>>();
expectTypeOf(client.call<{id: number}>('getSelf')).toEqualTypeOf<Promise<{id: number}>>();
client.onMessage(withTyping(async event => event.reply(event.text), {action: 'game_play'}));

// @ts-expect-error -- no such action
withTyping(async () => {}, {action: 'upload_audio'});
// @ts-expect-error -- makes no sense without its fields
withTyping(async () => {}, {action: 'emoji_interaction'});
// @ts-expect-error -- a progress is a number
withTyping(async () => {}, {action: {type: 'upload_video', progress: '5'}});
// @ts-expect-error -- where?
void typing.run({}, () => {});
