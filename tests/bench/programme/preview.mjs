// A draft layer previewed over REST with every premise loaded: how soon it is asked, how long until it is made.
import { setTimeout as sleep } from 'node:timers/promises';

export const title = 'preview of a draft';
export const wanted = [
  { figure: 'asked_ms', below: 1000, text: 'answer to the POST, ms' },
  { figure: 'made_s', below: 300, text: 'every premise judged by what is in force and by the draft: s' },
];

/** The layer that is in force without every tenth zone. */
const DRAFT = `
  insert into programme.zone_layer (code, version, source, state, active) values ('hftd', 1001, 'bench', 'draft', false);
  insert into programme.zone (zone_layer_id, name, tier, geom)
  select n.zone_layer_id, z.name, z.tier, z.geom
  from programme.zone_layer l join programme.zone z using (zone_layer_id) join programme.zone_layer n on n.code = l.code and n.version = 1001
  where l.code = 'hftd' and l.version = 1000 and z.zone_id % 10 <> 0;
  select programme.zone_rim_make(zone_layer_id) from programme.zone_layer where code = 'hftd' and version = 1001;
  analyze programme.zone, programme.zone_rim`;

export async function measure(world, { say }) {
  await world.sql(DRAFT);
  await world.stack.start('mosquitto', 'bptmd');
  const ask = (...request) => world.stack.request(...request);
  try {
    const from = performance.now();
    const asked = await ask('POST', '/v1/previews', { role: 'operator', body: { programme: 'bptm', zone_layers: { hftd: '1001' } } });
    const askedMs = performance.now() - from;
    let one = asked.body;
    while (['waiting', 'running'].includes(one.state)) {
      await sleep(500);
      ({ body: one } = await ask('GET', `/v1/previews/${one.id}`, { role: 'operator' }));
    }
    if (one.state !== 'done' || one.counts.out === 0) {
      throw new Error(JSON.stringify(one));
    }
    const [{ s }] = await world.stack.sql(`select extract(epoch from v.ended_at - v.started_at)::float8 as s from programme.preview v where v.preview_id = ${one.id}`);
    say(`preview: ${JSON.stringify({ askedMs, s, counts: one.counts })}`);
    return {
      figures: { asked_ms: askedMs, made_s: s },
      lines: [`${one.counts.premises} premises: made in ${s.toFixed(1)} s; ${one.counts.in} would move in, ${one.counts.out} out, ${one.counts.other} otherwise.`],
    };
  } finally {
    await world.stack.stop('bptmd', 'mosquitto');
  }
}
