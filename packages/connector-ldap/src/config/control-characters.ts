/** Whether a text has a control character, such as a line break, which line-based protocols take for a command's end. */
export const hasControlCharacter = (text: string): boolean => /\p{Cc}/u.test(text)
