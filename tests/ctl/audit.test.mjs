// bptmctl audit verify: bptmd seals the audit; what is changed in it afterwards is found and named.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { until } from '../lib/stack.mjs';
import { Ctl } from './ctl.mjs';

let ctl, kept;
const sessions = [];
before(async () => {
    ctl = await Ctl.create();
});
after(async () => {
    sessions.forEach((child) => child.kill());
    await ctl?.destroy();
});

const value = (query) => ctl.value(`(select ${query})`);

/** Rows of the audit, as the part http would write them. */
const rows = (count, action = 'test.write') => `insert into access.audit (role, action, object_id, before, after, reason)
    select 'operator', '${action}', n::text, '{"a": [1, null]}', jsonb_build_object('n', n), case when n % 2 = 0 then 'Because, "so"' end
    from generate_series(1, ${count}) n`;

/** What the timed job does. */
const seal = async (most = 1000) => value(`access.audit_seal_next(${most})`);
const verify = (...args) => ctl.run('audit', 'verify', ...args);
const newest = (stdout) => /^newest seal (\d+:[0-9a-f]{64})$/m.exec(stdout)?.[1];

/** Change something as a superuser, verify, and give the faults; all of it is put back afterwards. */
async function tampered(change, ...args) {
    await ctl.execute('begin; create table public.kept_audit as table access.audit; create table public.kept_seal as table access.audit_seal; commit');
    let seen;
    try {
        await ctl.execute(change);
        seen = await verify(...args);
    } finally {
        await ctl.execute(`begin; truncate access.audit, access.audit_seal;
            insert into access.audit overriding system value select * from public.kept_audit;
            insert into access.audit_seal select * from public.kept_seal; drop table public.kept_audit, public.kept_seal; commit`);
    }
    const { code, stdout, stderr } = seen;
    const faults = stdout.split('\n').filter((line) => /^seal /.test(line));
    assert.equal(code, faults.length ? 1 : 0, stdout + stderr);
    if (faults.length) {
        assert.match(stderr, new RegExp(`audit verify: ${faults.length} faults`));
    }
    return faults;
}

/** A session of its own in psql that says when it has done a statement. */
function session() {
    const child = spawn(ctl.stack.script, ctl.stack.args(['run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', ctl.database]));
    sessions.push(child);
    let said = '', wanted = 0;
    child.stdout.on('data', (data) => (said += data));
    return {
        async run(statement) {
            wanted++;
            child.stdin.write(`${statement};\n\\echo done-${wanted}\n`);
            await until(statement, () => said.includes(`done-${wanted}\n`), 60);
        },
        async end() {
            child.stdin.end();
            await once(child, 'close');
        },
    };
}

test('an audit without a seal says so, and expects none', async () => {
    const { code, stdout } = await verify();
    assert.equal(code, 0);
    assert.match(stdout, /^0 seals, 0 rows, 0 faults\n/);
    assert.equal(newest(stdout), undefined);
    const missing = await verify('--expect', `1:${'0'.repeat(64)}`);
    assert.equal(missing.code, 1);
    assert.match(missing.stdout, /^seal 1: expected, missing$/m);
    assert.equal((await verify('--expect', '1:12')).code, 2);
    assert.equal((await verify('--expect', `1:${'0'.repeat(65)}`)).code, 2);
});

test('bptmd seals what was written over REST', async () => {
    await ctl.stack.start('mosquitto', 'bptmd');
    await ctl.stack.stop('bptmd');
    await ctl.execute('truncate access.audit_seal');
    await ctl.execute(rows(3));
    await ctl.stack.start('bptmd');
    await until('the seal of the job', async () => (await value('count(*) from access.audit_seal')) === 1, 60);
    const answer = await ctl.stack.request('POST', '/v1/customers', { role: 'enrolment', body: { name: 'Sealed' }, headers: { 'idempotency-key': 'sealed-1' } });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    await ctl.stack.stop('bptmd');
    assert.ok(await seal() > 0);
    const { code, stdout } = await verify();
    assert.deepEqual([code, stdout.split('\n')[0]], [0, `2 seals, ${await value('count(*) from access.audit')} rows, 0 faults`]);
    assert.equal(await value("count(*) from access.audit where action = 'customer.create'"), 1);
});

test('seals follow one another, of bounded size, over more than a page of them', async () => {
    await ctl.execute(rows(45));
    for (let left = 45; left > 0; left -= 2) {
        assert.equal(await seal(2), Math.min(left, 2));
    }
    assert.equal(await seal(2), 0);
    await ctl.execute(rows(2, 'test.late'));
    const { code, stdout } = await verify();
    assert.equal(code, 0);
    assert.match(stdout, /^25 seals, \d+ rows, 0 faults\n2 rows not sealed yet, since 20\d\d-.*Z\nnewest seal 25:[0-9a-f]{64}\n$/);
    kept = newest(stdout);
    assert.equal((await verify('--expect', kept)).code, 0, 'and the settings of who verifies change nothing:');
    await ctl.execute(`alter database ${ctl.database} set timezone = 'Asia/Kathmandu'; alter database ${ctl.database} set bytea_output = 'escape'`);
    assert.equal((await verify('--expect', kept)).code, 0);
});

test('a transaction that is open while others commit is waited for, and its rows are not lost', async () => {
    await seal();
    const slow = session(), before_ = await value('count(*) from access.audit_seal');
    await slow.run('begin');
    await slow.run(rows(1, 'test.slow'));
    await ctl.execute(rows(1, 'test.quick')); // a higher id, committed first
    assert.equal(await seal(), 0);
    assert.equal(await seal(), 0, 'it waits');
    await slow.run('commit');
    // one that began after the horizon was taken is not waited for
    const later = session();
    await later.run('begin');
    await later.run(rows(1, 'test.later'));
    assert.equal(await seal(), 2);
    const ids = await value(`ids from access.audit_seal where number = ${before_ + 1}`);
    assert.deepEqual(await value(`array_agg(action order by audit_id) from access.audit where audit_id = any('{${ids.join()}}')`), ['test.slow', 'test.quick']);
    await later.run('rollback');
    await ctl.execute(rows(1, 'test.after'));
    assert.equal(await seal(), 1, 'an id that was rolled back is a gap and no fault');
    await Promise.all([slow.end(), later.end()]);
    assert.equal((await verify('--expect', kept)).code, 0);
});

test('writers at once: each row that was committed is sealed once', async () => {
    const writers = Array.from({ length: 4 }, async (_, n) => {
        const own = session();
        for (let i = 0; i < 25; i++) {
            await own.run(`begin; ${rows(2, `test.writer${n}`)}; select pg_sleep(0.01); ${i % 5 === 4 ? 'rollback' : 'commit'}`);
        }
        await own.end();
    });
    let busy = true;
    const all = Promise.all(writers).finally(() => (busy = false));
    while (busy) {
        await seal(7);
    }
    await all;
    while (await seal(1000) > 0);
    assert.equal(await value("count(*) from access.audit where action like 'test.writer%'"), 160);
    const { code, stdout } = await verify();
    assert.equal(code, 0, stdout);
    assert.equal(Number(/(\d+) rows, 0 faults/.exec(stdout)[1]), await value('count(*) from access.audit'));
});

// ROW is the second of the two rows of seal N, and seal M the next; GAP is an id that was rolled back, below the end of seal G.
const rehash = (number) => `update access.audit_seal s set hash = access.audit_seal_hash(previous, number, sealed_at, ids, hashes) where number = ${number}`;
for (const [what, change, expected] of [
    ['a changed row', "update access.audit set after = '{\"n\": 99}' where audit_id = ROW", ['seal N: row ROW: changed']],
    ['a changed time, by a microsecond', "update access.audit set at = at + interval '1 us' where audit_id = ROW", ['seal N: row ROW: changed']],
    ['another person', "update access.audit set token_id = gen_random_uuid() where audit_id = ROW", ['seal N: row ROW: changed']],
    ['a reason moved into another column', 'update access.audit set request_id = reason, reason = null where audit_id = ROW', ['seal N: row ROW: changed']],
    ['a deleted row', 'delete from access.audit where audit_id = ROW', ['seal N: row ROW: deleted']],
    ['a row in the place of another', `delete from access.audit where audit_id = ROW; insert into access.audit (audit_id, role, action, object_id)
        overriding system value values (ROW, 'operator', 'test.write', 'forged')`, ['seal N: row ROW: changed']],
    ['inserted rows', `insert into access.audit (audit_id, role, action, object_id)
        overriding system value values (GAP, 'operator', 'test.write', 'forged'), (-5, 'operator', 'test.write', 'forged')`,
    ['seal 1: row -5: inserted', 'seal G: row GAP: inserted']],
    ['a row with its seal', `update access.audit set action = 'forged' where audit_id = ROW; update access.audit_seal s
        set hashes = (select array_agg(access.audit_row_hash(a) order by a.audit_id) from access.audit a where a.audit_id = any(s.ids)) where number = N`,
    ['seal N: altered']],
    ['a row with its seal and the hash of that', `update access.audit set action = 'forged' where audit_id = ROW; update access.audit_seal s
        set hashes = (select array_agg(access.audit_row_hash(a) order by a.audit_id) from access.audit a where a.audit_id = any(s.ids)) where number = N; ${rehash('N')}`,
    ['seal N: not the one before seal M']],
    ['a row taken out of its seal, and of the audit', `delete from access.audit where audit_id = ROW; update access.audit_seal
        set ids = array_remove(ids, ROW), hashes = hashes[1:1] where number = N`, ['seal N: altered']],
    ['the time of a seal', "update access.audit_seal set sealed_at = sealed_at - interval '1 day' where number = N", ['seal N: altered']],
    ['a seal that is gone', 'delete from access.audit_seal where number = N', ['seal N: missing']],
    ['the first seals gone', 'delete from access.audit_seal where number < 4', ['seal 1 to 3: missing']],
    ['a first seal that follows another', `update access.audit_seal set previous = sha256('') where number = 1; ${rehash(1)}`,
    ['seal 1: not the first', 'seal 1: not the one before seal 2']],
]) {
    test(`${what}: found and named`, async () => {
        const row = await value('ids[2] from access.audit_seal where number = 8');
        const gap = await value('min(g) from generate_series(1, (select max(audit_id) from access.audit)) g where g not in (select audit_id from access.audit)');
        const after_ = await value(`min(number) from access.audit_seal where ids[cardinality(ids)] > ${gap}`);
        const fill = (text) => text.replaceAll('ROW', row).replaceAll('GAP', gap).replace(/\bG\b/g, after_).replace(/\bN\b/g, 8).replace(/\bM\b/g, 9);
        const faults = await tampered(fill(change));
        assert.deepEqual(faults, expected.map(fill));
    });
}

test('a chain made anew as a whole, or cut off at its end, is found by a seal that was kept', async () => {
    const [number] = kept.split(':');
    const anew = `update access.audit set action = 'forged' where audit_id = (select ids[1] from access.audit_seal where number = 8);
        truncate access.audit_seal; do $$ begin while access.audit_seal_next(2) > 0 loop end loop; end $$`;
    assert.deepEqual(await tampered(anew), [], 'by itself it looks whole');
    assert.deepEqual(await tampered(anew, '--expect', kept), [`seal ${number}: not the one expected`]);
    const cut = `delete from access.audit_seal where number >= ${number}`;
    assert.deepEqual(await tampered(cut), []);
    assert.deepEqual(await tampered(cut, '--expect', kept), [`seal ${number}: expected, missing`]);
    assert.equal((await verify('--expect', kept)).code, 0, 'and all was put back');
});
