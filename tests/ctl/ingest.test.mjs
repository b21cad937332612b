// The C tests of the ingest, each of its tests by name, against a private PostgreSQL.
import assert from 'node:assert/strict';
import { chmod, copyFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack } from '../lib/stack.mjs';

let stack;
before(async () => { stack = await Stack.create(); });
after(() => stack?.destroy());

/** Run a C test program where the user of the stack can reach it: its status and all it wrote. */
async function run(program) {
    const file = path.join(stack.dir, program);
    await copyFile(path.join(process.env.BPTM_BUILD, 'tests/store', program), file);
    await chmod(file, 0o755);
    try {
        return { code: 0, text: await stack.command('run', 'sh', '-c', 'exec "$0" 2>&1', file) };
    } catch (error) {
        return { code: error.code, text: `${error.stdout}${error.stderr}` };
    }
}

for (const program of ['test_ingest', 'test_writer']) {
    test(program, async (t) => {
        const { code, text } = await run(program);
        const results = [...text.matchAll(/^\[ +(OK|FAILED) +\] (\w+)$/gm)];
        assert.ok(results.length > 0, text);
        for (const [, result, name] of results) {
            await t.test(name.replaceAll('_', ' '), () => assert.equal(result, 'OK', text));
        }
        assert.equal(code, 0, text);
    });
}
