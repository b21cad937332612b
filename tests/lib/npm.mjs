// What a package-lock.json under tests/ names, installed into the scratch folder of a run.
import { execFile } from 'node:child_process';
import { access, copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The folder that has `node_modules/NAME` of tests/FOLDER/package-lock.json; throws with npm's reason. */
export async function installed(folder, name) {
    const dir = path.join(process.env.BPTM_WORK ?? '/var/tmp', `npm-${folder}`);
    try {
        await access(path.join(dir, 'node_modules', name, 'package.json'));
    } catch {
        await mkdir(dir, { recursive: true });
        for (const file of ['package.json', 'package-lock.json']) {
            await copyFile(fileURLToPath(new URL(`../${folder}/${file}`, import.meta.url)), path.join(dir, file));
        }
        const options = ['--ignore-scripts', '--omit=dev', '--omit=optional', '--no-audit', '--no-fund'];
        await run('npm', ['ci', ...options], { cwd: dir, timeout: 180_000 }); // a registry that does not answer is no reason to wait longer
    }
    return dir;
}

/** Why npm could not, in a line. */
export const reason = (error) => (error.stderr || error.message).trim().split('\n').pop();
