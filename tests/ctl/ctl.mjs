// bptmctl on databases of its own in one private cluster, for the tests beside this file.
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Stack } from '../lib/stack.mjs';

export const app = process.env.BPTM_APP;
export const installed = path.join(app ?? '', 'share/bptm-fleet/sql');

export class Ctl {
    /** A cluster; its own database has the schema of the installed files. */
    static async create() {
        const ctl = new Ctl();
        ctl.stack = await Stack.create();
        ctl.files = path.join(ctl.stack.dir, 'files');
        await mkdir(ctl.files);
        await chmod(ctl.files, 0o777);
        ctl.database = 'bptm';
        return ctl;
    }

    /** Another, empty database with roles and extensions; later commands go there. */
    async use(name) {
        await this.ok(['run', 'psql', '-Xq', '-v', `database=${name}`, '-d', 'postgres', '-f', path.join(installed, 'bootstrap.sql')]);
        this.database = name;
    }

    async ok(args) {
        return this.stack.command(...args);
    }

    /** Run bptmctl: { code, stdout, stderr }; never throws. */
    async run(...args) {
        const conninfo = `host=${this.stack.file('sock')} dbname=${this.database} user=bptm_owner`;
        try {
            const stdout = await this.ok(['run', path.join(app, 'bin/bptmctl'), '--database', conninfo, ...args]);
            return { code: 0, stdout, stderr: '' };
        } catch (error) {
            return { code: error.code, stdout: error.stdout, stderr: error.stderr };
        }
    }

    /** bptmctl as it is, without a database. */
    async bare(...args) {
        try {
            return { code: 0, stdout: await this.ok(['run', path.join(app, 'bin/bptmctl'), ...args]), stderr: '' };
        } catch (error) {
            return { code: error.code, stdout: error.stdout, stderr: error.stderr };
        }
    }

    /** Rows of one statement as objects. */
    async sql(statement) {
        const query = `select coalesce(json_agg(t), '[]') from (${statement}) t`;
        return JSON.parse(await this.ok(['run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', this.database, '-c', query]));
    }

    /** One value. */
    async value(expression) {
        return (await this.sql(`select ${expression} as value`))[0].value;
    }

    async execute(statement) {
        await this.ok(['run', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', this.database, '-c', statement]);
    }

    /** A file that the stack's user can read; its path. */
    async file(name, text) {
        const target = path.join(this.files, name);
        await writeFile(target, text);
        await chmod(target, 0o644);
        return target;
    }

    /** A copy of the installed schema that may be changed; its path. */
    async schema(name) {
        const target = path.join(this.files, name);
        await cp(installed, target, { recursive: true });
        return target;
    }

    destroy() {
        return this.stack.destroy();
    }
}
