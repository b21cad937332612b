// The repository's own files, and C text without comments and strings.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, existsSync } from 'node:fs';

const folders = ['api', 'device-fw', 'server', 'sql', 'deploy', 'docs', 'tests', '.ci'];

const git = ['git', '-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard'];
const find = ['find', ...folders, '-type', 'f'];

/** Paths of all files of the project: what git knows or would add, or the folders of an archive. */
export function listFiles() {
    const known = spawnSync(git[0], git.slice(1), { encoding: 'utf8', maxBuffer: 1 << 24 });
    const text = known.status === 0 ? known.stdout : execFileSync(find[0], find.slice(1), { encoding: 'utf8' });
    return [...new Set(text.trim().split('\n'))].filter((file) => existsSync(file)).sort();
}

export function read(file) {
    return readFileSync(file, 'utf8');
}

/**
 * C text with the content of strings, character constants and comments blanked out, lines kept.
 * `slashes` is filled with the lines that have a // comment.
 */
export function bareC(text, slashes = []) {
    const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g;
    return text.replace(token, (match, at) => {
        if (match.startsWith('//')) {
            slashes.push(text.slice(0, at).split('\n').length);
        }
        const quote = /^["']/.test(match) ? match[0] : '';
        return quote + match.replace(/[^\n]/g, ' ').slice(2 * quote.length) + quote;
    });
}
