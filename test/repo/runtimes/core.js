// The built core, on any runtime: keeps a made-up platform typing for a moment. Nothing here may be Node's own.
import {Indicator} from '../../../packages/core/dist/index.js';

const log = [];
const platform = {
	name: 'made-up',
	ttl: 200,
	action: 'typing',
	interval: 100,
	key: target => String(target),
	send: async () => log.push('send'),
	stop: async () => log.push('stop'),
};

const indicator = new Indicator(platform, {delay: 0});
const answer = await indicator.run(1, async () => {
	await new Promise(resolve => setTimeout(resolve, 450));
	return 'done';
});
await indicator.close();

const sends = log.filter(entry => entry === 'send').length;
if (answer !== 'done' || sends < 3 || sends > 6 || log.at(-1) !== 'stop')
	throw new Error(`Expected 3 to 6 sends and a stop, got ${log.join(', ')}`);
console.log(`${sends} sends, then a stop`);
