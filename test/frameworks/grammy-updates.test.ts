import {grammy} from './harness.ts';
import {updates} from './telegram-updates.ts';

updates(grammy);
