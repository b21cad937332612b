// Processor time of the parts of a stack, which what else the machine does changes little.
import { readdir, readFile } from 'node:fs/promises';

async function pidsOfAll() {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
}

/** Process ids by part of the stack in this folder: { bptmd, mosquitto, postgres }. */
export async function processesOf(dir) {
  const found = {};
  for (const pid of await pidsOfAll()) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const title = line.replaceAll('\0', ' ');
    const part = ['bptmd', 'mosquitto', 'postgres'].find((name) => line.split('\0')[0].endsWith(`/${name}`));
    if (part && title.includes(dir)) {
      found[part] = Number(pid);
    }
  }
  return found;
}

/** Seconds of CPU that each of `pids` has used, by the same names; `postgres` with all of its children. */
export async function cpuOf(pids) {
  const used = {};
  for (const pid of await pidsOfAll()) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const own = Number(pid);
    const part = Object.keys(pids).find((name) => pids[name] === own ||
      (name === 'postgres' && pids.postgres === Number(fields[1])));
    if (part) {
      used[part] = (used[part] ?? 0) + (Number(fields[11]) + Number(fields[12])) / 100;
    }
  }
  return used;
}
