// docs/analyst.md: every query is run as an analyst, and the answers in the text are what comes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const at = (name) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
const pairs = /```sql\n([^`]+)```\n```answer\n([^`]*)```/g;

/** A program with text to read: { status, stdout, stderr }. */
const run = (command, args, input) => new Promise((done, fail) => {
    const child = spawn(command, args, { timeout: 60_000 });
    const out = { stdout: '', stderr: '' };
    for (const name of Object.keys(out)) {
        child[name].setEncoding('utf8').on('data', (text) => { out[name] += text; });
    }
    child.on('error', fail).on('close', (status) => done({ status, ...out }));
    child.stdin.end(input);
});

export function analyst(api) {
    /** psql on the stack with the tutorial's data in a transaction that is rolled back; what `script` prints. */
    async function told(script) {
        const stack = api().stack;
        const input = `\\set ON_ERROR_STOP on\n\\set QUIET on\n\\pset footer off\n\\pset format aligned\n\\pset null ''\nset timezone = 'UTC';\nbegin;\n\\o /dev/null
            delete from outage.event; delete from outage.outage; delete from outage.index_day; delete from outage.index_month; delete from outage.served_span;\n${readFileSync(at('analyst-data.sql'), 'utf8')}\nset local role bptm_analyst;\n\\o\n${script}\nrollback;\n`;
        const result = await run(stack.script, stack.args(['run', 'psql', '-X', '-f', '-']), input);
        assert.equal(result.status, 0, result.stderr);
        return result.stdout;
    }

    test('each query gives the answer that the text has', async () => {
        const text = readFileSync(at('analyst.md'), 'utf8');
        const all = [...text.matchAll(pairs)];
        assert.ok(all.length >= 5, 'the text has queries');
        const mark = '-- answer --';
        const answers = (await told(all.map(([, sql]) => `\\echo '${mark}'\n${sql.trim()};`).join('\n'))).split(`${mark}\n`).slice(1);
        if (process.env.BPTM_WRITE_ANSWERS) { // to be looked at, then committed
            let n = 0;
            writeFileSync(at('analyst.md'), text.replace(pairs, (whole, sql) => `\`\`\`sql\n${sql}\`\`\`\n\`\`\`answer\n${answers[n++].trimEnd()}\n\`\`\``));
        }
        all.forEach(([, sql, answer], n) => assert.equal(answers[n].trimEnd(), answer.trimEnd(), sql));
    });

    test('what it says of limits is so', async () => {
        const refused = async (sql) => {
            const input = `set role bptm_analyst;\nset default_transaction_read_only = on;\n${sql}\n`;
            return (await run(api().stack.script, api().stack.args(['run', 'psql', '-XAtq', '-f', '-']), input)).stderr;
        };
        for (const table of ['outage.outage', 'outage.place', 'programme.premise', 'person.customer', 'fleet.device', 'access.token']) {
            assert.match(await refused(`select * from ${table};`), /permission denied/, table);
        }
        assert.match(await refused('create table mine (a int);'), /permission denied|read-only/);
    });
}
