/** Whether PostgreSQL can hold a text. What it cannot hold is in no row; sent, it would be refused or altered. */
export const canBeStored = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000')
