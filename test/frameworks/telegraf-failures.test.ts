import {telegraf} from './telegraf-harness.ts';
import {failures} from './telegram-failures.ts';

failures(telegraf);
