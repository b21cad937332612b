// CSV (RFC 4180) of what a table shows, with the numbers as they came; no cell is a formula.
import { h, icon, save } from './dom.js';

const isNumber = (value) => typeof value === 'number';

function cell(value) {
    if (value === null || value === undefined) {
        return '';
    }
    const text = String(value);
    const guarded = !isNumber(value) && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return guarded !== text || /[",\r\n]/.test(text) ? `"${guarded.replaceAll('"', '""')}"` : text;
}

/** columns: { csv: name of the column, raw(row): its value }. */
export const csvText = (columns, rows) => [columns.map((c) => cell(c.csv)), ...rows.map((row) => columns.map((c) => cell(c.raw(row))))].map((line) => `${line.join(',')}\r\n`).join('');

/** A button that saves it. */
export const csvButton = (name, columns, rows) =>
    h('button', { type: 'button', on: { click: () => save(`${name}.csv`, 'text/csv', csvText(columns, rows)) } }, icon('down'), 'CSV');
