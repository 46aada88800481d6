import {grammy} from './harness.ts';
import {running} from './telegram-running.ts';

running(grammy);
