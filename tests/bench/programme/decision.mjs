// One application decided by REST, at a steady rate, with every premise loaded.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const RATE = 100;
const SECONDS = 20;
const WARM = 200; // requests before the clock: connections, plans, caches

export const title = 'one decision by REST';
export const wanted = [
  { figure: 'p99_ms', below: 50, text: `POST of a decision at ${RATE} requests/s, from its due time: p99, ms` },
  { figure: 'refused', below: 1, text: 'answers that were no decision' },
];

/** Applications of premises from all over, one for each request. */
const APPLICATIONS = (count) => `
  insert into programme.application (programme_id, premise_id, account_id, customer_id, generator_make, generator_model, owner_or_permission, access_agreed, survey_agreed)
  select pr.programme_id, a.premise_id, a.account_id, a.customer_id, 'DuroMax', 'XP13000HX', true, true, true
  from (select * from programme.account where number like 'A%' and premise_id in (select premise_id from programme.premise where code like 'B-%')
        order by hashint8extended(account_id, 7) limit ${count}) a
  cross join programme.programme pr where pr.code = 'bptm';
  select json_agg(application_id order by hashint8extended(application_id, 8)) from programme.application where generator_model = 'XP13000HX'
    and premise_id in (select premise_id from programme.premise where code like 'B-%')`;

function decide(agent, url, token, id) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}/v1/applications/${id}/decisions`, {
      agent, method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-length': 0 } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
    request.end();
  });
}

/** Requests at their due times, whether or not earlier ones were answered; ms from due to answer, sorted. */
async function load(ids, each) {
  const begun = performance.now() + 50;
  const took = [];
  let refused = 0;
  await Promise.all(ids.map(async (id, n) => {
    const due = begun + (n * 1000) / RATE;
    await sleep(Math.max(0, due - performance.now()));
    const status = await each(id);
    took.push(performance.now() - due);
    refused += status !== 201;
  }));
  return { took: took.sort((a, b) => a - b), refused };
}

export async function measure(world, { say }) {
  const count = Math.min(WARM + RATE * SECONDS, Math.floor(world.premises / 2));
  const ids = JSON.parse(await world.sql(APPLICATIONS(count)));
  await world.sql('vacuum analyze programme.application');
  await world.stack.start('mosquitto', 'bptmd');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  try {
    const each = (id) => decide(agent, world.stack.url, world.stack.tokens.enrolment, id);
    const warm = Math.min(WARM, Math.floor(ids.length / 4));
    await load(ids.slice(0, warm), each);
    const { took, refused } = await load(ids.slice(warm), each);
    const at = (share) => took[Math.min(took.length - 1, Math.ceil(took.length * share) - 1)];
    const figures = { p50_ms: at(0.5), p99_ms: at(0.99), most_ms: at(1), refused, requests: took.length };
    say(`decision: ${JSON.stringify(figures)}`);
    return { figures, lines: [`${took.length} decisions, each kept with its rules, audit and change of state: p50 ${at(0.5).toFixed(1)} ms, ` +
      `p99 ${at(0.99).toFixed(1)} ms, longest ${at(1).toFixed(1)} ms.`] };
  } finally {
    agent.destroy();
    await world.stack.stop('bptmd', 'mosquitto');
  }
}
