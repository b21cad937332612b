// A bulk import of premises, from file to committed rows, with every premise loaded; then the same file again.
import { appendFile, writeFile } from 'node:fs/promises';

export const title = 'bulk import';
export const wanted = [{ figure: 'import_s', below: 60, text: 'premises from CSV, checked, compared and committed, 100,000 rows: s' }];

async function makeFile(world) {
  const file = world.stack.file('premises.csv');
  await writeFile(file, 'code,address,city,postal_code,longitude,latitude,meter_number,meter_form,service_amps,service_voltage,circuit_id\n', { mode: 0o644 });
  for (let from = 0; from < world.rows; from += 10_000) {
    await appendFile(file, Array.from({ length: Math.min(10_000, world.rows - from) }, (_, k) => {
      const n = from + k + 1;
      return `I-${n},${n} Import Road,Town ${n % 500},${90000 + (n % 6000)},${(-122 + (n % 997) / 250).toFixed(6)},${(36 + (n % 991) / 250).toFixed(6)},` +
        `I${n},2S,200,120/240,B${String(1 + (n % world.circuits)).padStart(8, '0')}\n`;
    }).join(''));
  }
  return file;
}

export async function measure(world, { say }) {
  const file = await makeFile(world);
  const run = async () => {
    const from = performance.now();
    const said = await world.stack.command('ctl', 'import', 'premises', file);
    return { seconds: (performance.now() - from) / 1000, said: said.split('\n')[0] };
  };
  const first = await run();
  const again = await run();
  say(`import: ${JSON.stringify({ first, again })}`);
  if (!first.said.startsWith(`${world.rows} rows, ${world.rows} new`) || !again.said.includes(`, ${world.rows} unchanged`)) {
    throw new Error(`the import said '${first.said}', then '${again.said}'`);
  }
  return {
    figures: { import_s: first.seconds, again_s: again.seconds },
    lines: [`${world.rows} rows: ${first.seconds.toFixed(1)} s; the same file again, which changes nothing, ${again.seconds.toFixed(1)} s.`],
  };
}
