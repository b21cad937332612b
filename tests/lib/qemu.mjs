// A device under QEMU: the image for the mps2-an386, its flash in a file, its plant at UART 1.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './stack.mjs';

const scratch = process.env.BPTM_WORK ?? '/var/tmp';
const FLASH_SIZE = 16 << 20, SETTINGS_LEN = 0x2000;

/** Where the journal lies in the flash: device-fw/port/mps2/layout.h. */
export const journalPlace = { first: 0x10, sectors: 32 };

/** Addresses of the machine that tests look at. */
export const LIGHTS = 0x40028000;
export const LIGHT = { utility: 1, generator: 2 };

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
    /** A machine with new flash. `settings` is the flash file of a provisioned home: its settings are taken over. */
    static async create({ image = 'fw', settings }) {
        const machine = new Machine();
        machine.dir = await mkdtemp(path.join(scratch, 'qemu-'));
        machine.image = image;
        const flash = Buffer.alloc(FLASH_SIZE, 0xff);
        (await readFile(settings)).copy(flash, 0, 0, SETTINGS_LEN);
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

export { sleep };
