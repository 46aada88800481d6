import {grammy} from './harness.ts';
import {nested} from './telegram-nested.ts';

nested(grammy);
