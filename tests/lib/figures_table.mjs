// The table of figures in README.md, of what tests measured: figures_table.mjs [--check], for tests/figures.
//
// Tests leave their figures in build/figures (tests/lib/figures.mjs). They are taken into
// tests/figures.json, which keeps the newest of each, and the table is made of that. A figure that no
// test has measured has no row. --check changes nothing and fails when the table is another.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { folder } from './figures.mjs';

const top = fileURLToPath(new URL('../..', import.meta.url));
const store = path.join(top, 'tests/figures.json');
const readme = path.join(top, 'README.md');
const BEGIN = '<!-- figures: made by tests/figures -->\n', END = '<!-- end of figures -->\n';

/** Name, what it is, what measures it. The order of the table. */
const rows = [
    ['role-cells', 'cells of the role table walked over HTTP', 'tests/run api'],
    ['hostile-requests', 'hostile requests tried', 'tests/run api'],
    ['fuzz-executions', 'fuzz executions without a finding', 'tests/run fuzz'],
    ['coverage', 'lines and branches that the tests of the programs run', 'tests/coverage'],
    ['thread-findings', 'findings of ThreadSanitizer', 'tests/threads'],
    ['analyser-findings', 'findings of gcc -fanalyzer, clang-tidy and cppcheck', 'tests/analysis'],
    ['lintian-findings', 'findings of lintian', 'tests/package'],
    ['testssl-findings', 'findings of testssl.sh at the ports of MQTT and REST, but for those explained', 'tests/run operate'],
    ['systemd-exposure', 'exposure of the most exposed systemd unit, 0 to 10', 'tests/run operate'],
    ['revocation-seconds', 'seconds from the revocation of a device until it is out and stays out', 'tests/run e2e'],
    ['kills-survived', 'kills survived without a lost record', 'tests/run kill-matrix'],
    ['restore-minutes', 'minutes from an empty database until restored and sent again by devices', 'tests/run ctl'],
];

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The kept figures with the fresh ones over them: name -> { value, date }. */
function gather() {
    const known = existsSync(store) ? read(store) : {};
    const fresh = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')).map((name) => read(path.join(folder, name))) : [];
    for (const { name, value, date } of fresh) {
        if (!rows.some((row) => row[0] === name)) {
            throw new Error(`no row for the figure ${name} in tests/figures`);
        }
        if (!known[name] || known[name].date <= date) {
            known[name] = { value, date };
        }
    }
    return Object.fromEntries(rows.filter(([name]) => known[name]).map(([name]) => [name, known[name]]));
}

function table(figures) {
    const shown = (value) => (typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 2 }) : value);
    const lines = rows.filter(([name]) => figures[name]).map(([name, what, how]) => `| ${what} | ${shown(figures[name].value)} | \`${how}\`, ${figures[name].date} |`);
    return ['| figure | | measured by |', '|---|--:|---|', ...lines, ''].join('\n');
}

function place(text, figures) {
    const from = text.indexOf(BEGIN), to = text.indexOf(END);
    if (from < 0 || to < from) {
        throw new Error('README.md has no place for the table of figures');
    }
    return text.slice(0, from + BEGIN.length) + table(figures) + text.slice(to);
}

const text = readFileSync(readme, 'utf8');
if (process.argv[2] === '--check') {
    if (place(text, read(store)) !== text) {
        console.error('README.md: the table of figures is not what tests/figures makes of tests/figures.json');
        process.exit(1);
    }
} else {
    const figures = gather();
    writeFileSync(store, `${JSON.stringify(figures, null, 2)}\n`);
    writeFileSync(readme, place(text, figures));
    console.log(table(figures));
}
