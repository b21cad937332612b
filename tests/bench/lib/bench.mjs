// A private stack to measure on: the same empty start for every contestant, and what each one uses.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Stack, until } from '../../lib/stack.mjs';
import { cpuOf, processesOf } from './cpu.mjs';

const run = promisify(execFile);
const LINKS = ['bench0', 'bench1', 'bench2'];
const PEER = 'peer';
const MANIFEST_MAX = 20_000; // devices, so that one import ends well within a command's time

// Users that no device is: the load, which speaks for all devices, and the peer.
const ACL = `
user bench0
topic read bptm/1/+/+/down/#
topic read bench/progress

user bench1
topic write bptm/1/+/+/up/#

user bench2
topic write bptm/1/+/+/up/#

user ${PEER}
topic read bptm/1/+/+/up/#
topic write bench/progress
`;

const EMPTY = `truncate fleet.journal_record, fleet.journal_batch, fleet.journal_gap, fleet.journal_fork,
  fleet.journal_head, fleet.device_boot, fleet.receipt, fleet.quarantine;
  insert into fleet.journal_head select * from bench.head`;

const KEEP = `create schema if not exists bench; drop table if exists bench.head;
  create table bench.head as select * from fleet.journal_head`;

export class Bench {
  static async create() {
    const stack = await Stack.create();
    const bench = new Bench(stack);
    try {
      await stack.command('ctl', 'seed');
      const users = [...LINKS, PEER].map((name) => `${name}:${bench.password}\n`);
      await writeFile(stack.file('mosquitto/users'), users.join(''));
      await stack.command('create');
      await appendFile(stack.file('mosquitto/acl'), ACL);
    } catch (error) {
      await stack.destroy();
      throw error;
    }
    return bench;
  }

  constructor(stack) {
    this.stack = stack;
    this.program = process.env.BPTM_BENCH;
    this.registered = 0;
    this.password = randomBytes(12).toString('hex');
  }

  destroy() {
    return this.stack.destroy();
  }

  /** One command of the measuring program; what it printed. */
  async measure(command, options, { timeout = 120_000 } = {}) {
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    try {
      const { stdout } = await run(this.program, [command, ...args], { timeout });
      return JSON.parse(stdout);
    } catch (error) {
      throw new Error(`bench ${command}: ${error.stderr?.trim() || error.message}`);
    }
  }

  /** Signed batches in a file, from the fixed seed. */
  async corpus(name, shape) {
    const file = path.join(this.stack.dir, name);
    await this.measure('make', { corpus: file, ...shape });
    return file;
  }

  /** Register devices up to `count` as an operator would, and keep what an empty start is. */
  async register(count) {
    const file = path.join(this.stack.dir, 'manifest.csv');
    while (this.registered < count) {
      const devices = Math.min(MANIFEST_MAX, count - this.registered);
      await this.measure('manifest', { to: file, 'first-device': this.registered, devices });
      await this.stack.command('ctl', 'import', 'devices', file);
      this.registered += devices;
    }
    await this.sql(KEEP);
  }

  sql(text) {
    return this.stack.command('run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', text);
  }

  async count(table) {
    return Number(await this.sql(`select count(*) from ${table}`));
  }

  /** An empty journal, an empty broker without sessions, and nobody else who takes messages. */
  async reset() {
    await this.stack.stop('bptmd', 'bptmd-mqtt', 'mosquitto');
    await rm(this.stack.file('mosquitto/mosquitto.db'), { force: true });
    await this.sql(EMPTY);
    await this.sql('checkpoint');
    await this.stack.start('mosquitto');
  }

  get database() {
    return { host: this.stack.file('sock'), database: 'bptm', user: 'bptm_mqtt' };
  }

  get conninfo() {
    const { host, database, user } = this.database;
    return `host=${host} dbname=${database} user=${user}`;
  }

  load(options, limits) {
    const fleetKey = this.stack.fleetKey.toString('hex');
    return this.measure('load', {
      port: this.stack.mqttPort, user: 'bench', password: this.password, 'fleet-key': fleetKey, ...options,
    }, limits);
  }

  /** The peer, ready; to be ended with its stop(), or kill(). */
  async peer(options) {
    if (!process.env.BPTM_PEER) {
      throw new Error('the packages of the peer are not installed');
    }
    const config = {
      port: this.stack.mqttPort, user: PEER, password: this.password, database: this.database,
      verify: false, rows: 1000, ...options,
    };
    const child = spawn('node', ['peer.mjs', JSON.stringify(config)], {
      cwd: process.env.BPTM_PEER, stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (data) => (said += data));
    const gone = once(child, 'exit');
    await until('the peer is ready', () => said.includes('ready') || child.exitCode !== null);
    const end = async (signal) => {
      child.kill(signal);
      await gone;
    };
    return { pid: child.pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
  }

  /** Process ids by part, of this stack only. */
  processes() {
    return processesOf(this.stack.dir);
  }

  /** Seconds of CPU that the parts have used; `postgres` with all of its children. */
  async cpu() {
    return cpuOf(await this.processes());
  }

  /** MiB of memory that bptmd has resident. */
  async memory() {
    const { bptmd } = await this.processes();
    const status = await readFile(`/proc/${bptmd}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
  }
}
