import {grammy} from './harness.ts';
import {watch} from './telegram-watch.ts';

watch(grammy);
