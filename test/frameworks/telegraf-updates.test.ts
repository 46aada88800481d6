import {telegraf} from './telegraf-harness.ts';
import {updates} from './telegram-updates.ts';

updates(telegraf);
