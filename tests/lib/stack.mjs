// A private stack for a process test: deploy/lib/stack.sh underneath, one folder each, always removed.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile, chmod } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const top = fileURLToPath(new URL('../..', import.meta.url));
const script = path.join(top, 'deploy/lib/stack.sh');
const scratch = process.env.BPTM_WORK ?? '/var/tmp';

/** How many times as long things may take as on a machine of one's own. */
export const patience = Number(process.env.BPTM_TEST_PATIENCE ?? 1);

/** Call `probe` until it gives something true; throws with the last failure after `seconds` of patience. */
export async function until(what, probe, seconds = 20) {
    const end = Date.now() + seconds * 1000 * patience;
    let last;
    for (;;) {
        try {
            last = await probe();
            if (last) {
                return last;
            }
        } catch (error) {
            last = error;
        }
        if (Date.now() > end) {
            throw new Error(`not within ${seconds * patience} s: ${what} (last: ${last?.stack ?? JSON.stringify(last)})`);
        }
        await sleep(40);
    }
}

export class Stack {
    /**
     * Cluster, broker, schema and sample data, with PostgreSQL running. `homes` provisions simulated homes, `conf`
     * is text added to bptmd.conf, `users` are names of devices that the broker is to know.
     */
    static async create({ homes = 0, conf = '', users = [] } = {}) {
        if (!process.env.BPTM_APP) {
            throw new Error('BPTM_APP must name an installed tree: use tests/run');
        }
        const dir = await mkdtemp(path.join(scratch, 'stack-'));
        await chmod(dir, 0o755);
        const stack = new Stack(dir);
        try {
            await stack.command('create');
            stack.users = Object.fromEntries(users.map((name) => [name, randomBytes(12).toString('hex')]));
            if (conf || users.length > 0) {
                const lines = Object.entries(stack.users).map((user) => `${user.join(':')}\n`);
                await writeFile(stack.file('bptmd.extra'), conf);
                await writeFile(stack.file('mosquitto/users'), lines.join(''));
                await stack.command('create');
            }
            await stack.command('sample', top);
            if (homes) {
                await stack.command('provision', String(homes));
            }
            const key = await stack.command('ctl', 'key', 'public', stack.file('secret/receipt.key'));
            stack.fleetKey = Buffer.from(key.trim(), 'hex');
            await stack.readFacts();
        } catch (error) {
            await stack.destroy();
            throw error;
        }
        return stack;
    }

    constructor(dir) {
        this.dir = dir;
        this.script = script;
        this.tokens = {};
        this.timeout = 120_000 * patience; // ms that a command may take
    }

    file(name) {
        return path.join(this.dir, 'run', name);
    }

    /** One command of deploy/lib/stack.sh; its standard output. */
    async command(...args) {
        const options = { maxBuffer: 16 << 20, timeout: this.timeout };
        const { stdout } = await run(script, this.args(args), options);
        return stdout;
    }

    args(args) {
        return ['--state-dir', this.dir, '--app', process.env.BPTM_APP, ...args];
    }

    async start(...names) {
        await this.command('start', ...names);
        await this.readFacts();
    }

    /** A second REST server, the part bptmd-http, with these keys of [http] beside the address: its port. */
    async startSecond(keys) {
        const own = { port: 0, port_file: this.file('second.port'), ...keys };
        const http = ['[http]', 'address = 127.0.0.1', ...Object.entries(own).map((pair) => pair.join(' = '))].join('\n');
        const conf = (await this.text('bptmd.conf')).replace(/^\[http\]\n[^[]*/gm, '');
        await writeFile(this.file('second.conf'), `${http}\n${conf}`, { mode: 0o644 });
        await writeFile(this.file('bptmd-http.args'), `--config\n${this.file('second.conf')}\n`);
        await rm(own.port_file, { force: true });
        await this.start('bptmd-http');
        return until('the port of the second server', async () => Number(await readFile(own.port_file, 'utf8')));
    }

    stop(...names) {
        return this.command('stop', ...names);
    }

    kill(...names) {
        return this.command('kill', ...names);
    }

    /** The part as a child of this process: { child, exit } with exit a promise of { code, signal }. */
    foreground(name) {
        const child = spawn(script, this.args(['foreground', name]), { stdio: ['ignore', 'pipe', 'pipe'] });
        const output = [];
        child.stdout.on('data', (data) => output.push(data));
        child.stderr.on('data', (data) => output.push(data));
        const exit = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
        return { child, exit, output: () => Buffer.concat(output).toString() };
    }

    async readFacts() {
        const ports = Object.fromEntries((await this.text('ports')).trim().split('\n').map((l) => l.split('=')));
        this.mqttPort = Number(ports.mqtt);
        this.url = `http://127.0.0.1:${ports.http}`;
        for (const role of ['enrolment', 'installer', 'analyst', 'operator', 'admin']) {
            this.tokens[role] = (await this.text(`secret/token-${role}`)).trim();
        }
    }

    text(name) {
        return readFile(this.file(name), 'utf8');
    }

    log(name) {
        return this.text(`log/${name}.log`);
    }

    /** Rows of one statement as objects; runs as the cluster's superuser. */
    async sql(statement) {
        const query = `select coalesce(json_agg(t), '[]') from (${statement}) t`;
        return JSON.parse(await this.command('run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', query));
    }

    /** A REST request: { status, headers, body }, the body parsed when it is JSON. */
    async request(method, target, { role, body, headers = {} } = {}) {
        const response = await fetch(this.url + target, {
            method,
            headers: {
                ...(role && { authorization: `Bearer ${this.tokens[role]}` }),
                ...(body !== undefined && { 'content-type': 'application/json' }),
                ...headers,
            },
            body: body === undefined ? undefined : JSON.stringify(body),
            signal: AbortSignal.timeout(20_000),
        });
        const text = await response.text();
        const json = /json/.test(response.headers.get('content-type') ?? '');
        return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
    }

    /** Lines to the simulator's control socket; resolves with what it answers to the last of them. */
    control(...lines) {
        return new Promise((resolve, reject) => {
            const socket = connect(this.file('sim/control'));
            let answer = '';
            socket.setTimeout(5000, () => socket.destroy(new Error('the simulator does not answer')));
            socket.on('data', (data) => {
                answer += data;
                if (answer.split('\n').length > lines.length) {
                    socket.end();
                    resolve(answer.trim());
                }
            });
            socket.on('error', reject);
            socket.on('close', () => resolve(answer.trim()));
            socket.write(lines.join('\n') + '\n');
        });
    }

    async destroy() {
        try {
            await this.command('down');
        } finally {
            if (!process.env.BPTM_KEEP) {
                await rm(this.dir, { recursive: true, force: true });
            }
        }
    }
}
