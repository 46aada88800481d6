import {telegraf} from './telegraf-harness.ts';
import {running} from './telegram-running.ts';

running(telegraf);
