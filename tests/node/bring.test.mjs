// What others wrote for the web pages (server/www/bring.sh): pinned, or loudly not there; a build never fails for it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../server/www/bring.sh', import.meta.url));
let work;

/** Run it for a folder of its own: { stderr, files }. */
async function bring(name, { env = {}, as = script } = {}) {
    const dir = path.join(work, name);
    const { stderr } = await run(as, [dir], { env: { ...process.env, ...env } });
    return { stderr, files: (await readdir(dir)).sort(), dir };
}

before(async () => {
    work = await mkdtemp(path.join(process.env.BPTM_WORK ?? tmpdir(), 'bring-'));
});
after(() => rm(work, { recursive: true, force: true }));

test('without a registry and without the Debian package: said loudly, nothing left half done, no failure', async () => {
    const { stderr, files } = await bring('none', { env: { npm_config_registry: 'http://127.0.0.1:9', npm_config_cache: path.join(work, 'cache'), BPTM_QRCODE_GENERATOR: '/none' } });
    assert.match(stderr, /\*\*\* NOT IN THIS BUILD: jsqr 1\.4\.0, which reads QR codes\n\*\*\* .+\n\*\*\* .*the pages ask to type/);
    assert.match(stderr, /\*\*\* NOT IN THIS BUILD: qrcode-generator, which draws QR codes/);
    assert.deepEqual(files, []);
});

test('what is not the pinned file is not taken; what is, is', async (t) => {
    const good = await bring('good');
    if (!good.files.includes('jsqr.js')) {
        t.skip(`NOT CHECKED: ${good.stderr.trim()}`);
        return;
    }
    const text = await readFile(path.join(good.dir, 'jsqr.js'), 'utf8');
    assert.match(text, /^\/\* jsqr 1\.4\.0, Apache-2\.0, an npm package/);
    const changed = path.join(work, 'bring.sh');
    await writeFile(changed, (await readFile(script, 'utf8')).replace('sha512-dx', 'sha512-dy'));
    await chmod(changed, 0o755);
    const { stderr, files } = await bring('other', { as: changed });
    assert.match(stderr, /what came is not the file that is pinned/);
    assert.ok(!files.includes('jsqr.js') && !files.includes('.brought'));
});

test('one that draws ends as a module', async (t) => {
    const { files, dir } = await bring('draws');
    if (!files.includes('qrcode.js')) {
        t.skip('NOT CHECKED: node-qrcode-generator is not installed');
        return;
    }
    assert.match(await readFile(path.join(dir, 'qrcode.js'), 'utf8'), /Kazuhiko Arase[\s\S]*MIT license[\s\S]*\nexport default qrcode;\n$/);
});
