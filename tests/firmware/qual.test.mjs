// Every condition and every figure of device-fw/core/qual.c changed a little: its unit test notices.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const top = new URL('../..', import.meta.url).pathname;
const source = readFileSync(join(top, 'device-fw/core/qual.c'), 'utf8');

// What is found, and what each is made into.
const changes = [
  [/ >= /g, [' > ', ' <= ']],
  [/ <= /g, [' < ', ' >= ']],
  [/ > /g, [' >= ', ' < ']],
  [/ == /g, [' != ']],
  [/ != /g, [' == ']],
  [/ && /g, [' || ']],
  [/ \|\| /g, [' && ']],
  [/!(?=qual_)/g, ['']],
  [/if \((?=gap|raw)/g, ['if (!']],
  [/\bhigher\(/g, ['apart(']],
  [/(?<=[A-Z], )[01](?=,)/g, [(n) => `${1 - n}`]],
  [/(?<= = |\{|, )\d{2,4}(?=[,}])/g, [(n) => `${Number(n) + 1}`, (n) => `${Number(n) - 1}`]],
];

// Changed, and yet the same: why no test can tell.
const same = new Map([
  ['30: return a > b ? a - b : b - a; [> -> >=]', 'both are 0 when a is b'],
  ['35: return a > b ? a : b; [> -> >=]', 'both are a when a is b'],
]);

const inComment = (at) => source.lastIndexOf('/*', at) > source.lastIndexOf('*/', at);

function* mutants() {
  for (const [what, becomes] of changes) {
    for (const found of source.matchAll(what)) {
      const line = source.slice(0, found.index).split('\n').length;
      const text = source.split('\n')[line - 1].trim();
      if (inComment(found.index) || /^for |^static .*\)$/.test(text)) continue;
      for (const to of becomes) {
        const now = typeof to === 'string' ? to : to(found[0]);
        const code = source.slice(0, found.index) + now + source.slice(found.index + found[0].length);
        yield { name: `${line}: ${text} [${found[0].trim()} -> ${now.trim()}]`, code };
      }
    }
  }
}

const dir = mkdtempSync(join(process.env.BPTM_WORK ?? tmpdir(), 'qual.'));
const include = ['api', 'api/wire', 'device-fw/core', 'device-fw/plant'].map((d) => `-I${join(top, d)}`);
const cc = ['-std=gnu11', '-O0', ...include];

// Whether the unit test fails with this code in the place of qual.c.
async function caught(code, number) {
  const file = join(dir, `qual-${number}`);
  writeFileSync(`${file}.c`, code);
  await run('gcc', [...cc, `${file}.c`, join(dir, 'test.o'), '-lcmocka', '-o', file]);
  const failed = await run(file, { timeout: 20000 }).then(() => false, () => true);
  rmSync(file);
  return failed;
}

test('each mutant of qual.c fails its unit test', async (t) => {
  t.after(() => rmSync(dir, { recursive: true }));
  await run('gcc', [...cc, '-c', join(top, 'tests/unit/fw/test_qual.c'), '-o', join(dir, 'test.o')]);
  assert.equal(await caught(source, 'as-it-is'), false, 'the code as it is passes');
  const all = [...mutants()];
  const survived = [];
  const next = all.entries();
  const worker = async () => {
    for (const [number, { name, code }] of next)
      if (!(await caught(code, number)) && !same.has(name)) survived.push(name);
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  t.diagnostic(`${all.length} mutants, ${same.size} of them the same`);
  assert.ok(all.length > 60);
  assert.deepEqual(survived, []);
  for (const name of same.keys()) assert.ok(all.some((mutant) => mutant.name === name), name);
});
