import {madelineproto, MadelineProtoError, type MtprotoAction, type MtprotoTarget} from '@auto-typing/madelineproto';
import {conformance} from '../core/conformance.ts';

/** As the client rejects what the server answered. */
function refusal(status: number, message?: string, name?: string, code = status): Error {
	return new MadelineProtoError('messages.setTyping', status, {message, code, exception: name && `danog\\MadelineProto\\${name}`});
}

conformance<MtprotoTarget, MtprotoAction>({
	name: 'madelineproto',
	platform: request => madelineproto(async ({action}, signal) => request(action._ === 'sendMessageCancelAction' ? 'stop' : 'send', signal)),
	target: {peer: '@alice'},
	otherTarget: {peer: '@alice', account: 'other'},
	actions: [
		'typing',
		'record_video',
		'record_voice',
		'record_video_note',
		'find_location',
		'choose_contact',
		'choose_sticker',
		'game_play',
		'speaking_in_group_call',
		{type: 'upload_photo', progress: 0},
		{type: 'upload_video', progress: 0},
		{type: 'upload_voice', progress: 0},
		{type: 'upload_video_note', progress: 0},
		{type: 'upload_document', progress: 0},
		{type: 'history_import', progress: 0},
		{type: 'emoji_interaction', emoticon: '🎉', msgId: 1, interaction: {}},
		{type: 'emoji_interaction_seen', emoticon: '🎉'},
	],
	stop: true,
	// What the real server answered, row by row.
	errors: [
		[refusal(403, 'CHAT_WRITE_FORBIDDEN', 'RPCError\\ChatWriteForbiddenError'), 'gone'],
		[refusal(400, 'PEER_ID_INVALID', 'RPCError\\PeerIdInvalidError'), 'give-up'],
		[refusal(420, 'FLOOD_WAIT_30', 'RPCError\\FloodWaitError'), {after: 30_000, scope: 'chat'}],
		[refusal(400, 'This peer is not present in the internal peer database', 'PeerNotInDbException', 0), 'give-up'],
		[refusal(400, 'Missing required parameter action', 'Exception', 0), 'retry'],
		[refusal(400, 'Session not found.', undefined, 0), 'retry'],
		[refusal(404, 'Path not found'), 'retry'],
		[refusal(401, 'Username or password is incorrect'), 'revoked'],
		[refusal(401, 'Your host is not allowed: 203.0.113.7'), 'revoked'],
		[refusal(401, 'AUTH_KEY_UNREGISTERED', 'RPCError\\AuthKeyUnregisteredError'), 'revoked'],
		[refusal(400, 'RPC_CALL_FAIL', 'RPCError\\RpcCallFailError', -500), 'retry'],
		[refusal(502), 'retry'], // The page of a proxy.
		[refusal(200), 'retry'], // Cut off in the middle.
		[new TypeError('fetch failed'), 'retry'],
	],
});
