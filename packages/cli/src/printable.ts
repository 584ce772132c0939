/** Control characters and direction marks, which would move the cursor or turn text around. */
const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Text of upstream's, safe to show in a terminal. */
export const printable = (text: string): string => text.replace(unprintable, '\ufffd')
