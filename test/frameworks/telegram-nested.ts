import {acts, assertQuiet, isAction, seen, story, suite, until, type Ctx} from './telegram.ts';

const {both, on} = suite();
export {on as nested};

// Handlers of one update that are nested in each other, follow each other, or run side by side.

both('withTyping of one update one after another: the delay of each counts anew', async (t, {withTyping, world, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	const pass = async () => {};
	const slow = withTyping(
		async ctx => {
			await seen(server, isAction);
			await ctx.reply('done');
		},
		{delay: 100},
	);
	const fast = withTyping(pass, {delay: 100});
	bot.on('message', async ctx => {
		await slow(ctx, pass);
		await fast(ctx, pass);
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
});

both(
	'withTyping of one update side by side: each has its own hold, whichever ends first, and then the one around',
	async (t, {withTyping, world, install, poll}) => {
		const w = await world(t);
		const {server, bot} = w;
		install(w);
		let isDone = false;
		const quickOne = withTyping(async () => seen(server, isAction), {action: 'find_location'});
		const slowOne = withTyping(
			async ctx => {
				await until(() => isDone);
				ctx.typing.action = 'record_voice';
				await seen(server, ({payload}) => payload['action'] === 'record_voice');
			},
			{action: 'upload_document'},
		);
		const pass = async () => {};
		bot.on('message', async ctx => {
			const around = ctx.typing;
			await Promise.all([
				quickOne(ctx, pass).then(() => {
					isDone = true;
				}),
				slowOne(ctx, pass),
			]);
			t.is(ctx.typing, around);
			t.false(around.ended);
			await seen(server, ({payload}) => payload['action'] === 'typing');
			await ctx.reply('done');
		});
		await poll(t, bot);
		server.write({chat: 7, text: 'hello'});
		await seen(server, 'sendMessage');
		await assertQuiet(t, server, 7);
		t.deepEqual(acts(story(server, 7)), ['upload_document', 'record_voice', 'typing', 'sendMessage']);
		t.deepEqual(w.caught, []);
	},
);

both('a step that begins after a cancel begins cancelled', async (t, {withTyping, world, install, poll}) => {
	const w = await world(t);
	const {server, bot} = w;
	const typing = install(w);
	const pass = async () => {};
	const step = withTyping(async ctx => t.is(ctx.typing.signal.reason, 'enough'), {delay: 0});
	bot.on('message', async ctx => {
		typing.cancel(ctx, 'enough');
		await step(ctx, pass);
		await ctx.reply('stopped');
	});
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await seen(server, 'sendMessage');
	await assertQuiet(t, server, 7);
	t.deepEqual(story(server, 7), ['sendMessage']);
	t.deepEqual(w.caught, []);
});

both('a fake without a client runs the handler: nothing is shown', async (t, {withTyping, clientName}) => {
	const said: string[] = [];
	const handler = withTyping(async ctx => {
		ctx.typing.action = 'record_voice';
		await ctx.reply('done');
	});
	const fake = {update: {update_id: 1, message: {chat: {id: 7}}}, reply: async (text: string) => void said.push(text)};
	for (const ctx of [fake, {...fake, [clientName]: {sendMessage: fake.reply}}] as unknown as Ctx[]) {
		await handler(ctx, async () => {});
		handler.cancel(ctx);
	}

	t.deepEqual(said, ['done', 'done']);
});

both('a `ctx.typing` that is none of ours, such as that of another copy of the package: nothing to be nested in', async (t, framework) => {
	const {withTyping, world, install, poll} = framework;
	const w = await world(t);
	const {server, bot} = w;
	bot.use(async (ctx, next) => {
		ctx.typing = {ended: false, action: 'typing', from: 0, settings: {}} as never;
		await next();
	});
	install(w);
	bot.on(
		'message',
		withTyping(async ctx => {
			await seen(server, isAction);
			await ctx.reply('done');
		}),
	);
	await poll(t, bot);
	server.write({chat: 7, text: 'hello'});
	await until(() => server.chat(7).messages.length > 0 || w.caught.length > 0);
	t.deepEqual(w.caught, []);
	t.is(server.chat(7).messages[0]?.text, 'done');
	t.deepEqual(acts(story(server, 7)), ['typing', 'sendMessage']);
});
