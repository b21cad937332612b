// What was measured, as tables: on the terminal, as JSON, and as a section of RESULTS.md.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const results = fileURLToPath(new URL('../RESULTS.md', import.meta.url));

export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) / 2)] : NaN;
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, n) => (n ? '--:' : '---'))), ...rows.map(line)].join('\n');
}

export function thousands(n) {
  return Math.round(n).toLocaleString('en-GB');
}

function first(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\n')[0].trim();
  } catch {
    return `${command}: not there`;
  }
}

function packaged(name) {
  return `${name} ${first('dpkg-query', ['-W', '-f', '${Version}', name])}`;
}

/** What it ran on, with the load of others before it began. */
export function machine() {
  const { dependencies } = JSON.parse(readFileSync(new URL('../peer/package.json', import.meta.url)));
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
    cores: cpus().length,
    processor: cpus()[0].model.trim(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    load_before: Number(loadavg()[0].toFixed(2)),
    versions: [...['postgresql-15', 'mosquitto', 'libsodium23', 'libmosquitto1', 'gcc'].map(packaged),
      `node ${process.version.slice(1)}`, ...Object.entries(dependencies).map((pair) => pair.join(' '))],
    commit: first('git', ['-c', 'safe.directory=*', 'describe', '--always', '--dirty']),
  };
}

export function machineText(facts) {
  return `${facts.date}, commit ${facts.commit}. ${facts.cores} cores (${facts.processor}), ${facts.memory_gib} GiB, ` +
    `Linux ${facts.kernel}; load of the machine before the run ${facts.load_before}.\n${facts.versions.join(', ')}.`;
}

/** Put a section in the place of the one with the same name. */
export function writeSection(name, text) {
  const begin = `<!-- ${name} -->`;
  const end = `<!-- end of ${name} -->`;
  const section = `${begin}\n${text}\n${end}\n`;
  const old = readFileSync(results, 'utf8');
  const from = old.indexOf(begin);
  const to = old.indexOf(end);
  writeFileSync(results, from < 0 || to < from ? `${old.trimEnd()}\n\n${section}`
    : old.slice(0, from) + section + old.slice(to + end.length + 1));
}
