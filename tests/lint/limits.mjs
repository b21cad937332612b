// server/limits.md is made of the headers and tables that have the limits: node tests/lint/limits.mjs --write
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { read } from './source.mjs';

const page = 'server/limits.md';

/** Headers -> which of their constants are limits. */
const headers = [
    ['server/base/limits.h', /^LIMIT_/],
    ['server/http/guard.h', /_MAX$/],
    ['server/http/params.h', /_MAX$/],
    ['server/http/request.h', /^(PARAM_TEXT_MAX|PAGE_MAX|PARAMS_MAX)$/],
    ['server/http/exchange.h', /_MAX$/],
    ['server/codec/csv_stream.h', /_(ROW|COLUMNS)_MAX$/],
    ['server/codec/json_table.h', /^JSON_ERRORS_MAX$/],
];

const cell = (text) => text.replace(/\s+/g, ' ').replace(/\|/g, '\\|').trim();

/** Rows of a header: a comment that stands alone begins a group. */
function constants(file, wanted) {
    const rows = [];
    const bodies = [...read(file).matchAll(/\benum(?:\s+\w+)?\s*\{([^}]*)\}/g)].map(([, body]) => body);
    for (const body of bodies) {
        let group = '';
        for (const [, alone, name, value, said] of body.matchAll(/^[ \t]*\/\*((?:[^*]|\*(?!\/))*)\*\/[ \t]*$|(\w+)\s*=\s*([^,/\n]+(?:\/(?!\*)[^,/\n]+)*),?[ \t]*(?:\/\*((?:[^*]|\*(?!\/))*)\*\/)?/gm)) {
            group = alone !== undefined ? cell(alone) : group;
            if (name && wanted.test(name)) {
                rows.push({ name, value: cell(value), said: cell(said ?? ''), group });
            }
        }
    }
    return rows;
}

/** Numbers of bptmd.conf: section.key, range, default, help. */
function keys() {
    const entry = /UINT\("(\w+)", "(\w+)", \w+, (\w+), (\w+), "(\d+)",\s*((?:"[^"]*"\s*)+)\)/g;
    return [...read('server/base/config.c').matchAll(entry)].map(([, section, name, min, max, fallback, help]) =>
        `| ${section}.${name} | ${fallback} | ${min} to ${max} | ${cell(help.replace(/"\s*"/g, '').replace(/"/g, ''))} |`);
}

/** Routes that take a body: how large it may be. */
function bodies() {
    const text = read('server/http/route_table.c');
    const [, small, medium] = /SMALL = (\d+), MEDIUM = (\d+)/.exec(text);
    const sizes = { SMALL: small, MEDIUM: medium };
    const rows = [...text.matchAll(/\{METHOD_(\w+),\s*"([^"]+)",\s*[^,]+,\s*(\w+),/g)].filter(([, , , size]) => size !== '0');
    return rows.map(([, method, path, size]) => `| ${method} ${path} | ${sizes[size] ?? size} |`);
}

export function limitsPage() {
    const tables = headers.map(([file, wanted]) => [file, constants(file, wanted)]).filter(([, rows]) => rows.length);
    return [
        '# Limits', '',
        'Every limit of the server, out of the code that keeps it; `tests/lint` compares. Larger is refused, more is',
        'counted and dropped, later is cut: never is anything taken in without an end.', '',
        '## Set in bptmd.conf(5)', '', '| key | default | may be | |', '|---|--:|---|---|', ...keys(), '',
        ...tables.flatMap(([file, rows]) => [
            `## ${file}`, '', '| limit | value | |', '|---|--:|---|',
            ...rows.map(({ name, value, said, group }) => `| ${name} | ${value} | ${[group && `${group.split(';')[0]}:`, said].filter(Boolean).join(' ')} |`), '',
        ]),
        '## Bytes of a request body', '', '| route | at most |', '|---|--:|', ...bodies(), '',
    ].join('\n');
}

/** One line when the page is not what the code says. */
export function staleLimits() {
    return read(page) === limitsPage() ? [] : [`${page} is not what the code says: node tests/lint/limits.mjs --write`];
}

if (process.argv[2] === '--write' && import.meta.url === pathToFileURL(process.argv[1]).href) {
    writeFileSync(page, limitsPage());
}
