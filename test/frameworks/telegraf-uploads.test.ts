import {telegraf} from './telegraf-harness.ts';
import {uploads} from './telegram-uploads.ts';

uploads(telegraf);
