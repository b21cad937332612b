// The claims of docs/requirements.md: each file that is named exists, and has the test that is named.
import { existsSync } from 'node:fs';
import { read } from './source.mjs';

const states = ['met', 'built', 'not met', 'n/a'];

/** Problems of one row: | requirement | state | by |. */
function checkRow(where, cells) {
    const [, state, by] = cells;
    const named = [...by.matchAll(/`([^`\s]+\/[^`\s]+)`(?:: ([^;|]+))?/g)].filter(([, file]) => /^(tests|sql|server|api|deploy)\//.test(file));
    const problems = states.includes(state) ? [] : [`${where}: '${state}' is no state`];
    if (state === 'met' && !named.some(([, file]) => /^(tests|sql\/tests)\//.test(file))) {
        problems.push(`${where}: met, and no test is named`);
    }
    for (const [, file, title] of named) {
        if (!existsSync(file)) {
            problems.push(`${where}: no ${file}`);
        } else if (title && !read(file).replaceAll("\\'", "'").includes(title.replace(/, `.*$/, '').trim())) {
            problems.push(`${where}: no test '${title.trim()}' in ${file}`);
        }
    }
    return problems;
}

export function checkClaims(file = 'docs/requirements.md') {
    return read(file).split('\n').flatMap((line, n) => {
        const cells = line.split(' | ').map((cell) => cell.replace(/^\| ?|( ?\|)$/g, '').trim());
        const isRow = line.startsWith('| ') && cells.length >= 3 && cells[1] !== 'state';
        return isRow ? checkRow(`${file}:${n + 1}`, cells) : [];
    });
}
