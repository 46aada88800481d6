import {telegraf} from './telegraf-harness.ts';
import {nested} from './telegram-nested.ts';

nested(telegraf);
