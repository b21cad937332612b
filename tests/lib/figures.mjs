// Figures that tests measure, one small JSON file each, for tests/figures to make its table of.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../..', import.meta.url));

/** Where they are kept, beside the build folders: a run adds to what earlier runs measured. */
export const folder = process.env.BPTM_FIGURES ?? path.join(top, 'build/figures');

/** Keep `value` (a number or text) as the figure `name`, which is a row of tests/figures. */
export function figure(name, value) {
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${name}.json`);
    writeFileSync(`${file}.new`, `${JSON.stringify({ name, value, date: new Date().toISOString().slice(0, 10) })}\n`);
    renameSync(`${file}.new`, file);
}

// From a shell: figures.mjs NAME VALUE
if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [name, value] = process.argv.slice(2);
    figure(name, Number.isNaN(Number(value)) ? value : Number(value));
}
