import {telegraf} from './telegraf-harness.ts';
import {wiring} from './telegram-wiring.ts';

wiring(telegraf);
