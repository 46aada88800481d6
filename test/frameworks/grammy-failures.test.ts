import {grammy} from './harness.ts';
import {failures} from './telegram-failures.ts';

failures(grammy);
