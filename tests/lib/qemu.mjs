// A device under QEMU: the image for the mps2-an386, its flash in a file, its plant at UART 1.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { until } from './stack.mjs';

const run = promisify(execFile);

const scratch = process.env.BPTM_WORK ?? '/var/tmp';
const PAINT = 0x5aa55aa5;
const FLASH_SIZE = 16 << 20, SETTINGS_LEN = 0x2000;

/** Where the journal lies in the flash: device-fw/port/mps2/layout.h. */
export const journalPlace = { first: 0x10, sectors: 32 };

/** Addresses of the machine that tests look at. */
export const LIGHTS = 0x40028000;
export const LIGHT = { utility: 1, generator: 2 };

/**
 * Make a device with its keys, and make it known to the server and, by password, to the broker. `port` is the
 * broker's on loopback, which the machine sees at 10.0.2.2. More options are those of bptm-sim provision.
 * Returns { serial, flash }: the file to take the settings from.
 */
export async function provision(stack, name, port, ...options) {
    const dir = stack.file(name);
    await stack.command('run', path.join(process.env.BPTM_APP, 'bin/bptm-sim'), 'provision', '--dir', dir, '--homes', '1',
        '--fleet-key', stack.fleetKey.toString('hex'), '--model', 'BPTM-REF-30', '--hardware', 'mps2-an386',
        '--serial-prefix', `BPTM-${name.toUpperCase()}-`, '--broker', `10.0.2.2:${port}`, ...options);
    await appendFile(stack.file('mosquitto/users'), await readFile(path.join(dir, 'passwd')));
    await stack.command('create'); // the broker learns the password when it starts
    await stack.command('ctl', 'import', 'devices', path.join(dir, 'manifest.csv'));
    const [, line] = (await readFile(path.join(dir, 'manifest.csv'), 'utf8')).split('\n');
    return { serial: line.split(',')[0], flash: path.join(dir, 'home-00001.flash') };
}

/** A control socket of QEMU (QMP): one command after the other. */
class Monitor {
    static async open(file) {
        const monitor = new Monitor();
        await until('QEMU answers', async () => {
            monitor.socket = connect(file);
            await once(monitor.socket, 'connect');
            return true;
        }, 10);
        monitor.socket.on('error', () => {});
        monitor.lines = createInterface({ input: monitor.socket })[Symbol.asyncIterator]();
        await monitor.command('qmp_capabilities');
        return monitor;
    }

    async command(execute, args) {
        this.socket.write(JSON.stringify({ execute, ...(args && { arguments: args }) }) + '\n');
        for (;;) {
            const { value, done } = await this.lines.next();
            const answer = done ? { error: { desc: 'QEMU has ended' } } : JSON.parse(value);
            if (answer.error) {
                throw new Error(`${execute}: ${answer.error.desc}`);
            }
            if ('return' in answer) {
                return answer.return;
            }
        }
    }
}

/** The house around the device: bptm-plant, told by lines. */
class Plant {
    constructor(socket) {
        const program = path.join(process.env.BPTM_BUILD, 'device-fw/plant/bptm-plant');
        this.child = spawn(program, [socket], { stdio: ['pipe', 'pipe', 'inherit'] });
        this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    }

    /** "status", "utility off", "generator start" ...; the state of the house as an object. */
    async tell(line) {
        this.child.stdin.write(line + '\n');
        const { value } = await this.lines.next();
        if (!value || value.startsWith('error=')) {
            throw new Error(`the plant does not know "${line}"`);
        }
        return Object.fromEntries(value.split(' ').map((pair) => pair.split('=')));
    }

    async end() {
        this.child.stdin.end();
        await once(this.child, 'exit');
    }
}

export class Machine {
    /**
     * A machine with new flash, started with the image `image`.elf. `settings` is the flash file of a provisioned
     * home, whose settings are taken over; `areas` are more pairs of an offset in the flash and bytes.
     */
    static async create({ image = 'fw', settings, areas = [] }) {
        const machine = new Machine();
        machine.dir = await mkdtemp(path.join(scratch, 'qemu-'));
        machine.image = image;
        const flash = Buffer.alloc(FLASH_SIZE, 0xff);
        (await readFile(settings)).copy(flash, 0, 0, SETTINGS_LEN);
        areas.forEach(([at, bytes]) => bytes.copy(flash, at));
        await writeFile(machine.file('nvm.bin'), flash);
        machine.plant = new Plant(machine.file('frontend'));
        return machine;
    }

    file(name) {
        return path.join(this.dir, name);
    }

    /** Power on. */
    async start() {
        const elf = path.join(process.env.BPTM_FIRMWARE, `${this.image}.elf`);
        await rm(this.file('qmp'), { force: true });
        this.child = spawn('qemu-system-arm', [
            '-M', 'mps2-an386,memory-backend=nvm',
            '-object', `memory-backend-file,id=nvm,size=16M,mem-path=${this.file('nvm.bin')},share=on`,
            '-display', 'none', '-monitor', 'none',
            '-chardev', `file,id=console,append=on,path=${this.file('console.log')}`, '-serial', 'chardev:console',
            '-serial', `unix:${this.file('frontend')},server=on,wait=off`,
            '-nic', 'user,model=lan9118', '-qmp', `unix:${this.file('qmp')},server=on,wait=off`,
            '-kernel', elf,
        ], { stdio: ['ignore', 'ignore', 'pipe'] });
        this.said = '';
        this.child.stderr.on('data', (data) => { this.said += data; });
        this.gone = once(this.child, 'exit');
        this.monitor = await Monitor.open(this.file('qmp'));
    }

    /** The power goes: nothing of the machine survives but its flash. */
    async kill() {
        this.child.kill('SIGKILL');
        await this.gone;
    }

    /** A register of the machine as it stands. */
    async register(address) {
        const line = await this.monitor.command('human-monitor-command', { 'command-line': `xp /1wx 0x${address.toString(16)}` });
        return Number(line.trim().split(' ').pop());
    }

    /** Which lights are lit now. */
    async lights() {
        const bits = await this.register(LIGHTS);
        return { utility: (bits & LIGHT.utility) !== 0, generator: (bits & LIGHT.generator) !== 0 };
    }

    /** Bytes of the machine's memory. */
    async memory(address, size) {
        const filename = this.file('memory.bin');
        await this.monitor.command('pmemsave', { val: address, size, filename });
        return readFile(filename);
    }

    /** The stack's depth in bytes, by what is left of its paint. */
    async stack() {
        const elf = path.join(process.env.BPTM_FIRMWARE, `${this.image}.elf`);
        const { stdout } = await run('arm-none-eabi-nm', [elf]);
        const symbol = (name) => parseInt(stdout.split('\n').find((line) => line.endsWith(` ${name}`)), 16);
        const bottom = symbol('startup_stack_bottom'), size = symbol('startup_stack_top') - bottom;
        const memory = await this.memory(bottom, size);
        let free = 0;
        while (free < size && memory.readUInt32LE(free) === PAINT) {
            free += 4;
        }
        return size - free;
    }

    console() {
        return readFile(this.file('console.log'), 'utf8');
    }

    /** The flash, read while the machine may be writing it. */
    async flash(from = 0, length = FLASH_SIZE) {
        const file = await open(this.file('nvm.bin'));
        try {
            const { buffer } = await file.read(Buffer.alloc(length), 0, length, from);
            return buffer;
        } finally {
            await file.close();
        }
    }

    async destroy() {
        if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
            await this.kill();
        }
        await this.plant.end();
        if (!process.env.BPTM_KEEP) {
            await rm(this.dir, { recursive: true, force: true });
        }
    }
}
