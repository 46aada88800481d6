import {Indicator, type Failure, type Platform, type Typing} from '@auto-typing/core';
import {expectTypeOf} from 'expect-type';

// Checked by the compiler, never run: what a user's editor says.

declare const platform: Platform<{room: string}, 'typing' | 'thinking'>;
const indicator = new Indicator(platform, {action: 'thinking'});

expectTypeOf(indicator.run({room: 'a'}, async () => 5)).toEqualTypeOf<Promise<number>>();
expectTypeOf(indicator.run({room: 'a'}, () => 'text')).toEqualTypeOf<Promise<string>>();
expectTypeOf(indicator.message({room: 'a'}, async () => ({id: 1}))).toEqualTypeOf<Promise<{id: number}>>();
expectTypeOf(indicator.start({room: 'a'})).toEqualTypeOf<Typing<'typing' | 'thinking'>>();
expectTypeOf<{readonly after: number; readonly scope?: 'chat' | 'bot'}>().toExtend<Failure>();
expectTypeOf<{readonly after: number; readonly scope: 'bot'; readonly doubling: true}>().toExtend<Failure>();

{
	using hold = indicator.start({room: 'a'});
	expectTypeOf(hold.ended).toEqualTypeOf<boolean>();
}

// @ts-expect-error -- the target is in the platform's own terms
indicator.start('a');
// @ts-expect-error -- no such action
indicator.start({room: 'a'}, {action: 'upload_photo'});
// @ts-expect-error -- nor here
void new Indicator(platform, {action: 'upload_photo'});
// @ts-expect-error -- a platform needs a way to send
const incomplete: Platform<string> = {name: 'x', ttl: 1, action: 'typing', key: String};
void incomplete;
