// What the programme is asked for, at the size of a large utility: tests/bench/run programme.
//
// Each figure is a file of programme/ that exports `title`, `wanted` (as in WANTED of ingest.mjs) and
// `measure(world)`, which gives { figures, lines }. All share one stack and one world (programme/world.mjs),
// in this order; each writes its own section of RESULTS.md, so that one of them can be measured alone.
import { parseArgs } from 'node:util';
import { machine, machineText, table, writeSection } from './lib/report.mjs';
import { World } from './programme/world.mjs';

const PARTS = ['eligibility', 'look-up', 'decision', 'import', 'preview'];

function say(text) {
  process.stderr.write(`${text}\n`);
}

function judge(wanted, figures) {
  return wanted.map(({ figure, least, below, text }) => {
    const seen = figures[figure];
    return { figure, text, wanted: least === undefined ? `< ${below}` : `>= ${least}`, seen,
      reached: least === undefined ? seen < below : seen >= least };
  });
}

function shown(value) {
  return value === undefined ? 'not measured' : Number.isInteger(value) ? String(value) : value.toFixed(2);
}

function describe(name, part, world, { facts, verdicts, lines }) {
  return [
    `## programme: ${part.title}`,
    '',
    machineText(facts),
    world.describe(),
    '',
    table(['figure', 'wanted', 'seen', 'reached'],
      verdicts.map((v) => [v.text, v.wanted, shown(v.seen), v.reached ? 'yes' : '**no**'])),
    '',
    ...lines,
  ].join('\n').trimEnd();
}

async function measurePart(world, name, options) {
  const part = await import(`./programme/${name}.mjs`);
  const facts = machine();
  let measured = { figures: {}, lines: [] };
  let failure;
  try {
    measured = await part.measure(world, { say, ...options });
  } catch (error) {
    failure = error;
    measured.lines = [`**Failed:** ${error.message.split('\n')[0]}`];
    say(`failed: ${name}: ${error.stack}`);
  }
  const verdicts = judge(part.wanted, measured.figures);
  const text = describe(name, part, world, { facts, verdicts, lines: measured.lines });
  say(text);
  if (options.keep) {
    writeSection(`programme-${name}`, text);
  }
  return { name, facts, ...measured, verdicts, failure: failure?.message };
}

const { values } = parseArgs({ options: {
  json: { type: 'boolean' }, scale: { type: 'string', default: '1' }, only: { type: 'string', multiple: true },
} });
const scale = Number(values.scale);
const names = values.only ?? PARTS;
if (!(scale >= 0.001 && scale <= 2) || names.some((name) => !PARTS.includes(name))) {
  say(`--scale must be 0.001..2, --only one of ${PARTS.join(', ')}`);
  process.exit(2);
}
const from = Date.now();
const parts = [];
const world = await World.create(scale);
try {
  for (const name of names) {
    parts.push(await measurePart(world, name, { keep: scale === 1 }));
  }
} finally {
  await world.destroy();
}
say(`${Math.round((Date.now() - from) / 1000)} s in all`);
if (values.json) {
  console.log(JSON.stringify({ scale, parts }));
}
process.exitCode = parts.some((p) => p.failure || p.verdicts.some((v) => !v.reached)) ? 1 : 0;
