// What a package-lock.json under tests/ names, installed into the scratch folder of a run.
import { execFile } from 'node:child_process';
import { access, chmod, copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The folder that has `node_modules/NAME` of tests/FOLDER/package-lock.json; throws with npm's reason. Two parts
 *  may ask at a time: each installs into a folder of its own, and the first to end gives it its name. */
export async function installed(folder, name) {
    const dir = path.join(process.env.BPTM_WORK ?? '/var/tmp', `npm-${folder}`);
    const isThere = () => access(path.join(dir, 'node_modules', name, 'package.json')).then(() => true, () => false);
    if (await isThere()) {
        return dir;
    }
    const own = await mkdtemp(`${dir}-`);
    try {
        for (const file of ['package.json', 'package-lock.json']) {
            await copyFile(fileURLToPath(new URL(`../${folder}/${file}`, import.meta.url)), path.join(own, file));
        }
        const options = ['--ignore-scripts', '--omit=dev', '--omit=optional', '--no-audit', '--no-fund'];
        await run('npm', ['ci', ...options], { cwd: own, timeout: 180_000 }); // a registry that does not answer is no reason to wait longer
        await chmod(own, 0o755);
        await rename(own, dir);
    } catch (error) {
        await rm(own, { recursive: true, force: true });
        if (!await isThere()) {
            throw error;
        }
    }
    return dir;
}

/** Why npm could not, in a line. */
export const reason = (error) => (error.stderr || error.message).trim().split('\n').pop();
