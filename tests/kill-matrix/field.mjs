// A stack under load, with links that can be cut and parts that can be killed: what the rows of the matrix work on.
import { spawn, execFile } from 'node:child_process';
import { appendFile, chown, mkdir, readFile, readdir, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Stack, until } from '../lib/stack.mjs';
import { decode } from '../lib/wire.mjs';
import { Cut } from './cut.mjs';
import { Oracle } from './oracle.mjs';

const run = promisify(execFile);
const PUBLISH = 3;
const DRAIN_SECONDS = 60;
const DISK = '400m'; // a cluster takes about 100 MB

/** Topic and payload of a PUBLISH packet. */
export function published({ flags, body }) {
    const length = body.readUInt16BE(0);
    const topic = body.toString('utf8', 2, 2 + length);
    return { topic, payload: body.subarray(2 + length + ((flags >> 1) & 3 ? 2 : 0)) };
}

export class Field {
    kills = 0;
    #looking;
    #load;
    #control;
    /** The number of a home that the load leaves alone; 0: none. */
    quiet = 0;

    /** `speed` is how fast the homes' time runs, so that their time-outs do not dominate. */
    static async create({ homes = 24, speed = 10, random, facts }) {
        const field = new Field();
        Object.assign(field, { homes, speed, random, facts });
        const stack = await Stack.create();
        field.stack = stack;
        try {
            await field.#cluster();
            await field.#provision();
            await field.#links();
            await field.start('mosquitto');
            await field.start('bptmd');
            await field.start('sim');
        } catch (error) {
            await field.destroy();
            throw error;
        }
        return field;
    }

    /** Room for backups, a log that stays small, and where we may mount, a disk that can be filled. */
    async #cluster() {
        const { stack } = this;
        await stack.command('stop', 'postgres');
        const append = (file, text) => appendFile(stack.file(`pg/${file}`), text);
        await append('pg_hba.conf', 'local replication all peer map=stack\n');
        await append('postgresql.auto.conf', "max_wal_size = '96MB'\nmin_wal_size = '32MB'\n");
        if (this.facts.tmpfs) {
            const { uid, gid } = await stat(stack.file('pg'));
            await rename(stack.file('pg'), stack.file('pg.made'));
            await mkdir(stack.file('pg'));
            await this.exec('mount', '-t', 'tmpfs', '-o', `size=${DISK},mode=0700,uid=${uid},gid=${gid}`, 'kill-matrix', stack.file('pg'));
            await stack.command('run', 'cp', '-a', `${stack.file('pg.made')}/.`, stack.file('pg'));
            await rm(stack.file('pg.made'), { recursive: true });
        }
        await stack.command('start', 'postgres');
    }

    async #provision() {
        const { stack } = this;
        await stack.command('run', `${process.env.BPTM_APP}/bin/bptm-sim`, 'provision', '--dir', stack.file('sim'),
            '--homes', String(this.homes), '--fleet-key', stack.fleetKey.toString('hex'), '--model', 'BPTM-REF-30',
            '--fail_ms', '1000', '--gen_ms', '1000', '--return_ms', '2000', '--cool_ms', '10000', '--status_ms', '10000');
        await stack.command('create'); // the broker learns the passwords
        await stack.command('ctl', 'seed');
        await stack.command('ctl', 'import', 'devices', stack.file('sim/manifest.csv'));
        const lines = (await stack.text('sim/manifest.csv')).trim().split('\n').slice(1);
        this.oracle = new Oracle(stack, lines.map((line) => line.split(',')[0]));
    }

    /** Server and devices reach what they need through links of ours. */
    async #links() {
        const { stack } = this;
        const broker = { host: '127.0.0.1', port: stack.mqttPort };
        const local = { host: '127.0.0.1', port: 0 };
        const owner = await stat(stack.dir + '/run');
        await mkdir(stack.file('cut'), { mode: 0o755 });
        await chown(stack.file('cut'), owner.uid, owner.gid);
        this.hooks = {};
        this.links = {
            device: await Cut.open(local, broker, this.#hook('device')),
            server: await Cut.open(local, broker, { up: (packet, push) => this.#sent(packet, push) }),
            database: await Cut.open({ path: stack.file('cut/.s.PGSQL.5432') }, { path: stack.file('sock/.s.PGSQL.5432') }),
        };
        const conf = await stack.text('bptmd.conf');
        const cut = conf.replace(`port = ${stack.mqttPort}`, `port = ${this.links.server.port}`)
            .replaceAll(`host=${stack.file('sock')}`, `host=${stack.file('cut')}`);
        await writeFile(stack.file('bptmd.conf'), cut);
    }

    /** A row may put functions into `hooks` to meddle with the packets of the devices' link. */
    #hook(link) {
        const via = (way) => (packet, push) => (this.hooks[`${link}-${way}`] ?? ((p, send) => send(p.raw)))(packet, push);
        return { up: via('up'), down: via('down') };
    }

    /** Every receipt that leaves the server is held against the database. */
    #sent(packet, push) {
        if (packet.type === PUBLISH) {
            const { topic, payload } = published(packet);
            if (topic.endsWith('/down/receipt')) {
                const receipt = decode(decode(payload)[0][2])[0];
                this.oracle.told({ device: receipt.get(1), through: receipt.get(2), epoch: receipt.get(5) });
            }
        }
        push(packet.raw);
    }

    // --- parts ------------------------------------------------------------------------------------

    async #processes() {
        const found = [];
        for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
            try {
                const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
                const cwd = await readlink(`/proc/${pid}/cwd`);
                found.push({ pid: Number(pid), args, cwd });
            } catch {
                // it has ended meanwhile
            }
        }
        return found;
    }

    /** Process identifiers of a part; of PostgreSQL the postmaster first, then its backends. */
    async pids(name) {
        const program = { sim: 'bptm-sim', postgres: 'postgres', mosquitto: 'mosquitto', bptmd: 'bptmd' }[name];
        const all = await this.#processes();
        if (name === 'postgres') {
            const mine = all.filter(({ cwd }) => cwd === this.stack.file('pg'));
            const isFirst = ({ args }) => args[1] === '-D';
            return [...mine.filter(isFirst), ...mine.filter((p) => !isFirst(p))].map(({ pid }) => pid);
        }
        return all.filter(({ args }) => path.basename(args[0]) === program && args.some((arg) => arg.startsWith(this.stack.dir)))
            .map(({ pid }) => pid);
    }

    /** SIGKILL at once: a fault of the matrix. */
    async kill(...names) {
        const pids = (await Promise.all(names.map((name) => this.pids(name)))).flat();
        if (pids.length === 0) {
            throw new Error(`${names} should be running and is not`);
        }
        pids.forEach((pid) => this.signal(pid, 'SIGKILL'));
        this.kills += names.length;
        await until(`${names} is gone`, async () => {
            const left = (await Promise.all(names.map((name) => this.pids(name)))).flat();
            return left.every((pid) => !pids.includes(pid));
        });
    }

    signal(pid, signal) {
        try {
            process.kill(pid, signal);
        } catch (error) {
            if (error.code !== 'ESRCH') {
                throw error;
            }
        }
    }

    async start(name) {
        if (name === 'sim') {
            await this.#startSim();
        } else {
            await this.stack.start(name);
        }
    }

    /** Its own arguments, for the homes go through our link. */
    async #startSim() {
        const { stack } = this;
        await rm(stack.file('sim/control'), { force: true });
        const args = ['run', `${process.env.BPTM_APP}/bin/bptm-sim`, 'run', '--dir', stack.file('sim'), '--homes',
            String(this.homes), '--broker', `127.0.0.1:${this.links.device.port}`, '--control', stack.file('sim/control'),
            '--seed', String(this.random.below(1 << 30)), '--speed', String(this.speed), '--quiet'];
        this.sim = spawn(stack.script, stack.args(args), { stdio: ['ignore', 'ignore', 'pipe'] });
        let said = '';
        this.sim.stderr.on('data', (data) => { said = (said + data).slice(-2000); });
        await until('the simulator answers', async () => {
            if (this.sim.exitCode !== null) {
                throw new Error(`bptm-sim ended: ${said}`);
            }
            return (await stack.control('all status')).startsWith('homes=');
        });
    }

    /** bptmd as a child that is to end by itself, with an environment of its own. */
    async doomed(environment) {
        await this.environment(environment);
        return this.stack.foreground('bptmd');
    }

    environment(lines) {
        return writeFile(this.stack.file('bptmd.env'), lines.map((line) => line + '\n').join(''), { mode: 0o644 });
    }

    /** A killed server's lease runs for seconds; the dead cannot give it back, so we do. */
    async freeLease() {
        await this.stack.command('run', 'psql', '-XAtq', '-c', "update fleet.lease set until = now() - interval '1 second'");
    }

    async ready() {
        await until('bptmd is ready', async () => (await this.stack.request('GET', '/readyz')).status === 200, 40);
    }

    // --- load -------------------------------------------------------------------------------------

    /** Homes flap until calm(). */
    flap() {
        this.#load = setInterval(() => this.#disturb(), 50);
        this.#looking ??= this.#keepLooking();
    }

    #disturb() {
        const { random } = this;
        const lines = [];
        for (let n = 0; n < 2 * this.homes; n++) {
            const home = 1 + random.below(this.homes);
            if (home === this.quiet) {
                continue;
            }
            lines.push(`${home} ${random.pick(['utility off', 'utility on', 'utility sag', 'generator start', 'generator stop',
                'field_work 600', 'field_work 0', 'field_work 600', 'field_work 0'])}`);
        }
        if (random.below(60) === 0) {
            lines.push(`${1 + random.below(this.homes - 1)} reboot`);
        }
        this.command(lines);
    }

    /** Lines to the simulator, if it is there. */
    command(lines) {
        if (!this.#control || this.#control.destroyed) {
            this.#control = connect(this.stack.file('sim/control'));
            this.#control.on('error', () => {}).resume();
        }
        this.#control.write(lines.map((line) => line + '\n').join(''));
    }

    /** The rings go round: look at them before records are gone. */
    async #keepLooking() {
        while (this.#load) {
            await this.oracle.look();
            await sleep(2000);
        }
        this.#looking = undefined;
    }

    async calm() {
        clearInterval(this.#load);
        this.#load = undefined;
        await this.#looking;
    }

    // --- what must be true ------------------------------------------------------------------------

    /** Wait until every device has a receipt for all it wrote; then ask the oracle. */
    async settle(why) {
        await this.calm();
        const from = Date.now();
        const { oracle } = this;
        try {
            await until(`${why}: everything receipted`, async () => {
                await oracle.look();
                const owed = oracle.owed();
                if (owed.length > 0) {
                    throw new Error(owed.slice(0, 4).map((o) => JSON.stringify(o)).join(' ') + ` and ${owed.length} in all`);
                }
                return true;
            }, DRAIN_SECONDS);
        } catch (error) {
            oracle.fail(error.message);
        }
        await oracle.checkAll(why);
        this.slowest = Math.max(this.slowest ?? 0, Date.now() - from);
    }

    pause(ms) {
        return sleep(ms);
    }

    /** A fault that does nothing tests nothing: `what` must have happened. */
    async mustHave(what, statement) {
        const [row] = await this.stack.sql(statement);
        if (!(Object.values(row)[0] > 0)) {
            this.oracle.fail(`the fault did not bite: ${what}`);
        }
    }

    async complaints() {
        const logs = await Promise.all(['bptmd', 'postgres', 'mosquitto'].map((name) => this.stack.log(name).catch(() => '')));
        return [...logs.join('\n').matchAll(/^.*(AddressSanitizer|LeakSanitizer|runtime error|Assertion).*$/gm)].map(([line]) => line);
    }

    async exec(command, ...args) {
        return (await run(command, args, { maxBuffer: 16 << 20, timeout: 120_000 })).stdout;
    }

    async destroy() {
        clearInterval(this.#load);
        this.#load = undefined;
        await Promise.allSettled(Object.values(this.links ?? {}).map((link) => link.close()));
        if (this.facts.tmpfs) {
            await this.stack.command('down');
            await this.exec('umount', this.stack.file('pg'));
        }
        await this.stack.destroy();
    }
}
