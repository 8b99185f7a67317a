const BREAKING = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;

/** Whether a text is one line as it reads: no control characters, line separators or marks that turn the direction of what follows. */
export const isOneLine = (text: string): boolean => !BREAKING.test(text);

/** What to tell about a text that is not. */
export const ONE_LINE = "must not contain control characters";
