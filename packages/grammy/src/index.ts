export {autoTyping, withTyping, type AutoTypingOptions, type TypingFlavor, type TypingMiddleware} from './auto-typing.ts';
