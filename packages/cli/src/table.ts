import Table from 'cli-table3'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { count } from './number-format.ts'

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** Width of a terminal that does not report one. */
export const defaultWidth = 80

const columnGap = 2
const narrowestColumn = 8

/** An id of 36 characters stays in one line, so that it can be copied. */
const idPattern = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/

export interface TableOptions {
  /** Columns of the terminal: longer cells are wrapped. @default 80 */
  readonly width?: number | undefined
}

/** Renders columns without borders: numbers to the right, long cells wrapped so that a line fits the terminal. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { width = defaultWidth }: TableOptions = {},
): string {
  const isNumeric = (column: number): boolean =>
    rows.length > 0 && rows.every((row) => typeof row[column] === 'number')
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? count(cell) : cell)))
  const widths = columnWidths(head, cells, width)
  const built = new Table({
    head: [...head],
    chars: borderless,
    colAligns: head.map((_, column) => (isNumeric(column) ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of cells) {
    built.push(
      row.map((cell, column) => wrapAnsi(cell, widths[column] ?? width, { hard: true, trim: false })),
    )
  }
  return built
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Natural widths, of which the widest are narrowed until a line fits. */
function columnWidths(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] {
  const columns = head.map((title, column) => [title, ...rows.map((row) => row[column] ?? '')])
  const widths = columns.map((cells) => Math.max(...cells.map(cellWidth)))
  const least = columns.map((cells) => (cells.some((cell) => idPattern.test(cell)) ? 36 : narrowestColumn))
  const lineWidth = (): number =>
    widths.reduce((sum, columnWidth) => sum + columnWidth, columnGap * (widths.length - 1))
  while (lineWidth() > width) {
    const narrowable = widths.map((columnWidth, column) =>
      columnWidth > (least[column] ?? 0) ? columnWidth : 0,
    )
    const widest = narrowable.indexOf(Math.max(...narrowable))
    if (narrowable[widest] === 0) return widths
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

const cellWidth = (cell: string): number => Math.max(...cell.split('\n').map((line) => stringWidth(line)))
