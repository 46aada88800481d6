import {telegraf} from './telegraf-harness.ts';
import {watch} from './telegram-watch.ts';

watch(telegraf);
