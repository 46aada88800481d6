import {
	bitrix24,
	fromSdk,
	gated,
	parseEvent,
	targetOf,
	type Bitrix24Action,
	type Bitrix24Options,
	type Call,
	type DialogTarget,
} from '@auto-typing/bitrix24';
import {Indicator, type Platform} from '@auto-typing/core';
import type {AjaxResult, B24Hook, B24OAuth} from '@bitrix24/b24jssdk';
import {expectTypeOf} from 'expect-type';

declare const hook: B24Hook;
declare const oauth: B24OAuth;
declare const call: Call;

// The SDK's instances have the shape that is asked for.
expectTypeOf(fromSdk).toBeCallableWith(hook);
expectTypeOf(fromSdk).toBeCallableWith(oauth);
expectTypeOf(fromSdk(hook)).toEqualTypeOf<Call>();

expectTypeOf(bitrix24({call})).toEqualTypeOf<Platform<DialogTarget, Bitrix24Action>>();
expectTypeOf<Bitrix24Options>().toHaveProperty('version').toEqualTypeOf<1 | 2 | undefined>();
// @ts-expect-error -- without a call there is no platform
bitrix24({});

const indicator = new Indicator(bitrix24({call, botId: 567}), {action: 'reading_docs'});
expectTypeOf(indicator).toEqualTypeOf<Indicator<DialogTarget, Bitrix24Action>>();
expectTypeOf(indicator.start({dialogId: 27}).action).toEqualTypeOf<Bitrix24Action>();

// @ts-expect-error -- the vendor's code is no action
indicator.start({dialogId: 27}, {action: 'IMBOT_AGENT_ACTION_THINKING'});

// What a call answers stays what it is.
const api = gated(indicator, async (method, params) => hook.actions.v2.call.make<{id: number}>({method, params}));
expectTypeOf(api).toEqualTypeOf<Call<AjaxResult<{id: number}>>>();

const event = parseEvent('', ({memberId}) => memberId);
expectTypeOf(event.text).toEqualTypeOf<string | undefined>();
expectTypeOf(targetOf(event)).toEqualTypeOf<DialogTarget | undefined>();
