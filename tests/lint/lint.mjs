// Checks of the sources: one TAP line each, with the findings below.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { idleGrants } from './grants.mjs';
import { checkClaims } from './claims.mjs';
import { checkIncludes } from './includes.mjs';
import { checkPatches } from './patches.mjs';
import { bareC, listFiles, read } from './source.mjs';

const all = listFiles();
const c = all.filter((file) => /\.[ch]$/.test(file));
const product = c.filter((file) => !file.startsWith('tests/'));
const text = all.filter((file) => /\.(c|h|def|mjs|js|sql|md|cddl|mk|ac|am|sh|awk|json|conf|[1-9])$/.test(file) ||
    /^#!/.test(read(file).slice(0, 2)));
const shell = all.filter((file) => /^#!.*\b(ba)?sh\b/.test(read(file).slice(0, 40)));
const man = all.filter((file) => /\.[1-8]$/.test(file));

const FUNCTION_LINES = 80;
const FILE_LINES = 600;
const LINE_COLUMNS = 100;
const forbidden = ['strcpy', 'strcat', 'sprintf', 'vsprintf', 'gets', 'atoi', 'atol', 'atof', 'strtok', 'alloca', 'system', 'tmpnam', 'mktemp'];
const clock = ['time', 'clock', 'clock_gettime', 'gettimeofday', 'malloc', 'calloc', 'realloc', 'free', 'printf', 'rand', 'getenv'];

/** Lines that a tool prints, none when it is content. */
function tool(command, args, { status = 0 } = {}) {
    const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 24, timeout: 100_000 * Number(process.env.BPTM_TEST_PATIENCE ?? 1) });
    if (result.error) {
        return [`${command}: ${result.error.message}`];
    }
    const lines = (result.stdout + result.stderr).split('\n').filter(Boolean);
    return result.status === status ? [] : lines.length ? lines : [`${command} ended with ${result.status}`];
}

/** Calls of the named functions in C files. */
function calls(files, names) {
    const call = new RegExp(`(?<![\\w.>])(${names.join('|')})\\s*\\(`);
    return files.flatMap((file) => bareC(read(file)).split('\n').flatMap((line, n) => {
        const match = call.exec(line);
        return match ? [`${file}:${n + 1}: ${match[1]}()`] : [];
    }));
}

function longFunctions() {
    const args = ['-f', '-', '--kinds-C=f', '--langmap=C:.c.h', '--languages=C', '--fields=+ne', '-x', '--_xformat=%n %e %F %N', ...c];
    const result = spawnSync('ctags', args, { encoding: 'utf8', maxBuffer: 1 << 24 });
    if (result.status !== 0 || !result.stdout) {
        return [`ctags: ${result.stderr || 'no output'}`];
    }
    return result.stdout.trim().split('\n').map((line) => line.split(' ')).flatMap(([from, to, file, name]) =>
        to - from + 1 > FUNCTION_LINES ? [`${file}: ${name}() has ${to - from + 1} lines, at most ${FUNCTION_LINES}`] : []);
}

function longText() {
    const files = text.filter((file) => /\.(c|h|mjs|sql|sh)$/.test(file) || shell.includes(file));
    return files.flatMap((file) => {
        const lines = read(file).split('\n');
        const wide = c.includes(file) ? lines.findIndex((line) => line.length > LINE_COLUMNS) : -1;
        return [
            ...(lines.length - 1 > FILE_LINES ? [`${file}: ${lines.length - 1} lines, at most ${FILE_LINES}`] : []),
            ...(wide >= 0 ? [`${file}:${wide + 1}: more than ${LINE_COLUMNS} columns`] : []),
        ];
    });
}

function slashComments() {
    return c.flatMap((file) => {
        const lines = [];
        bareC(read(file), lines);
        return lines.map((line) => `${file}:${line}: // comment`);
    });
}

function firstComments() {
    return c.filter((file) => !/^\/\* ?\S|^\/\*\n \* \S/.test(read(file))).map((file) => `${file}: does not say what it is for`);
}

/** Text that belongs to somebody's machine or was left unfinished. */
function leftovers() {
    const marks = new RegExp(['/work' + '/', '/home' + '/[a-z]', '\\b(TO' + 'DO|FIX' + 'ME|XX' + 'X)\\b'].join('|'));
    return text.filter((file) => file !== 'tests/lint/lint.mjs').flatMap((file) =>
        read(file).split('\n').flatMap((line, n) => (marks.test(line) ? [`${file}:${n + 1}: ${line.trim().slice(0, 100)}`] : [])));
}

/** Relative links of documents that lead nowhere. */
function deadLinks() {
    return all.filter((file) => file.endsWith('.md')).flatMap((file) =>
        [...read(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target)
            .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(path.join(path.dirname(file), target)))
            .map((target) => `${file}: no ${target}`));
}

/** What cppcheck 2.10 gets wrong here: a NULL sentinel, an index or pointer that a test before it bounds,
 *  an initialiser that is included. */
const mistaken = ['varFuncNullUB', 'arrayIndexOutOfBoundsCond', 'nullPointerRedundantCheck', 'internalAstError',
    'missingIncludeSystem'];

function cppcheck() {
    const files = product.filter((file) => file.endsWith('.c'));
    const headers = [...new Set(product.filter((file) => file.endsWith('.h')).map((file) => path.dirname(file)))];
    return tool('cppcheck', ['-j2', '--quiet', '--std=c11', '--max-configs=1', '--enable=warning,portability,performance',
        '--inline-suppr', '--error-exitcode=1', ...mistaken.map((id) => `--suppress=${id}`),
        '-Iapi', '-Iserver', ...headers.map((dir) => `-I${dir}`), ...files]);
}

const inFolder = (folder) => c.filter((file) => file.startsWith(folder + '/'));

const checks = [
    ['includes follow the arrows', () => checkIncludes(all)],
    ['no role may read what its part does not name', () => idleGrants(all)],
    ['clang-format has nothing to change', () => tool('clang-format', ['--dry-run', '--Werror', '--ferror-limit=3', ...c])],
    ['no forbidden functions', () => calls(product, forbidden)],
    ['wire, core and domain read no clock and use no heap',
        () => calls(['api/wire', 'device-fw/core', 'server/domain'].flatMap(inFolder), clock)],
    ['no // comments', slashComments],
    ['every C file says what it is for', firstComments],
    ['functions are not too long', longFunctions],
    ['files and lines are not too long', longText],
    ['nothing of a machine, nothing unfinished', leftovers],
    ['links of documents lead somewhere', deadLinks],
    ['what docs/requirements.md says is met has its test', () => checkClaims()],
    ['no patch holds a table for as long as its rows take', checkPatches],
    ['the table of figures is the one that tests/figures makes', () => tool('tests/figures', ['--check'])],
    ['shellcheck', () => tool('shellcheck', ['-x', ...shell])],
    ['man pages', () => man.flatMap((file) => tool('mandoc', ['-Tlint', '-Wwarning', file]))],
    ['cppcheck', cppcheck],
];

let failed = 0;
checks.forEach(([name, check], n) => {
    const problems = check();
    failed += problems.length > 0;
    console.log(`${problems.length ? 'not ok' : 'ok'} ${n + 1} - ${name}`);
    problems.slice(0, 40).forEach((line) => console.log(`    ${line}`));
});
console.log(`1..${checks.length}`);
process.exitCode = failed ? 1 : 0;
