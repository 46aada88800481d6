import {grammy} from './harness.ts';
import {wiring} from './telegram-wiring.ts';

wiring(grammy);
