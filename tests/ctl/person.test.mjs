// bptmctl person-key: the file, a rotation while somebody writes, what a wrong or lost file means.
import assert from 'node:assert/strict';
import { readFile, stat, writeFile, chmod } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Ctl } from './ctl.mjs';

// More than a page of a rotation (1,000). Not many more: under AddressSanitizer the work on a text of all grows with its square.
const MANY = 1100;

let ctl, key;
before(async () => {
    ctl = await Ctl.create();
    key = ctl.stack.file('files.key');
});
after(() => ctl?.destroy());

const run = (...args) => ctl.run('person-key', ...args);
const versions = async () => (await readFile(key, 'utf8')).split('\n').filter((l) => l.startsWith('key ')).map((l) => Number(l.split(' ')[1]));
const used = () => ctl.sql('select version as v, count(*) as n from person.person_key group by 1 order by 1');

const unchanged = new RegExp(`0 changed, ${MANY} unchanged`);

/** Accounts of customers from `first` on, by the import; it needs the key. */
async function accounts(first, count, ...options) {
    const lines = Array.from({ length: count }, (_, n) => `PK-${first + n},PK,residential,Customer ${first + n},c${first + n}@example.org`);
    const file = await ctl.file('accounts.csv', ['number,premise_code,kind,customer_name,email', ...lines].join('\n') + '\n');
    return ctl.run('import', 'accounts', file, '--person-key', key, ...options);
}

test('the file is made once, for its owner alone', async () => {
    await ctl.use('person');
    assert.equal((await ctl.run('db', 'upgrade')).code, 0);
    await ctl.execute("insert into programme.premise (code, address, city, postal_code, geom) values ('PK', 'Road 1', 'Town', '12345', public.st_setsrid(public.st_point(-121, 39), 4326))");
    assert.deepEqual(await run('new', '--out', key), { code: 0, stdout: '', stderr: '' });
    assert.equal((await stat(key)).mode & 0o777, 0o600);
    assert.match((await run('new', '--out', key)).stderr, /File exists/);
    assert.match(await readFile(key, 'utf8'), /^index [0-9a-f]{64}\nkey 1 [0-9a-f]{64}\n$/);
});

test('a file that others may read, or that is none, is refused', async () => {
    await chmod(key, 0o644);
    assert.match((await run('seal', key)).stderr, /others may read it/);
    await chmod(key, 0o600);
    const none = await ctl.file('none.key', 'index 00\n');
    await chmod(none, 0o600);
    assert.match((await run('seal', none)).stderr, /none\.key: /);
    assert.match((await run('seal', ctl.stack.file('nowhere'))).stderr, /nowhere: No such file/);
});

test('a database learns its key once, and takes no other', async () => {
    assert.match((await accounts(1, 1)).stderr, /knows no key of personal data yet/);
    assert.deepEqual(await run('seal', key), { code: 0, stdout: '0 customers sealed\n0 notes sealed\n0 titles sealed\n', stderr: '' });
    const other = ctl.stack.file('other.key');
    assert.equal((await run('new', '--out', other)).code, 0);
    assert.match((await run('seal', other)).stderr, /does not have the key that this database uses/);
    assert.match((await run('rotate', other)).stderr, /does not have the key that this database uses/);
    const made = await accounts(1, MANY);
    assert.equal(made.code, 0, made.stderr);
    assert.deepEqual(await used(), [{ v: 1, n: MANY }]);
    assert.match((await accounts(1, MANY)).stdout, unchanged);
});

test('a rotation wraps all keys anew and no field, and old versions retire', async () => {
    const boxes = () => ctl.value("(select md5(string_agg(customer_id || ' ' || encode(name_box, 'hex'), ',' order by customer_id)) from person.customer)");
    const before_ = await boxes(), wrapped = await ctl.value('(select box from person.person_key order by 1 limit 1)');
    assert.equal((await run('add', key)).stdout, 'version 2\n');
    assert.equal((await stat(key)).mode & 0o777, 0o600);
    assert.deepEqual(await used(), [{ v: 1, n: MANY }], 'added, and used by nothing');
    assert.match((await accounts(5001, 10)).stdout, /10 new/);
    assert.deepEqual(await used(), [{ v: 1, n: MANY + 10 }]);
    assert.equal((await run('rotate', key)).stdout, `version 1 to 2\n${MANY + 10} keys wrapped anew\n`);
    assert.deepEqual(await used(), [{ v: 2, n: MANY + 10 }]);
    assert.notEqual(await ctl.value('(select box from person.person_key order by 1 limit 1)'), wrapped);
    assert.equal((await run('rotate', key)).stdout, 'version 2 to 2\n0 keys wrapped anew\n');
    assert.match((await accounts(1, MANY)).stdout, unchanged);
    assert.equal((await run('retire', key)).stdout, '1 retired, 1 left\n');
    assert.deepEqual(await versions(), [2]);
    assert.match((await accounts(1, MANY)).stdout, unchanged);
    assert.match((await accounts(6001, 1)).stdout, /1 new/);
    assert.notEqual(await boxes(), before_, 'eleven more');
});

test('a rotation that was cut short goes on, and one still under the old key stops its retirement', async () => {
    assert.equal((await run('add', key)).stdout, 'version 3\n');
    await ctl.execute("insert into person.master_key (version, print) values (99, '\\x00112233445566778899aabbccddeeff')");
    assert.match((await run('rotate', key)).stderr, /does not have the key that this database uses/);
    await ctl.execute('delete from person.master_key where version = 99');
    await ctl.execute('create function person.stop() returns trigger language plpgsql as $$ begin if new.customer_id > 1050 then raise exception $x$stopped$x$; end if; return new; end $$');
    await ctl.execute('create trigger stop before update on person.person_key for each row execute function person.stop()');
    assert.equal((await run('rotate', key)).code, 1);
    const half = await used();
    assert.deepEqual(half.map((u) => u.v), [2, 3]);
    assert.equal((await run('retire', key)).stdout, '0 retired, 2 left\n');
    assert.match((await accounts(1, MANY)).stdout, unchanged, 'both open');
    await ctl.execute('drop trigger stop on person.person_key; drop function person.stop()');
    assert.equal((await run('rotate', key)).stdout, `version 3 to 3\n${half[0].n} keys wrapped anew\n`);
    assert.equal((await run('retire', key)).stdout, '1 retired, 1 left\n');
    assert.deepEqual(await versions(), [3]);
});

test('cells of persons are sealed while they are staged, and whoever has the key is told of them', async () => {
    const header = 'number,premise_code,kind,customer_name,email,phone,remark';
    const rows = ['PK-1,PK,residential,Customer 1 now,c1@example.org,=555-1,"call ""Customer 1"""', 'PK-9001,PK,residential,Customer 9001,no address example.org,5,x',
        'PK-9002,PK,residential,"Customer, 9002",c9002@example.org,555 9002,'];
    const rejects = ctl.stack.file('rejects.csv'), file = await ctl.file('staged.csv', [header, ...rows].join('\n') + '\n');
    const told = await ctl.run('import', 'accounts', file, '--person-key', key, '--dry-run', '--rejects', rejects);
    assert.equal(told.code, 1);
    assert.match(told.stderr, /row 3, column email, value 'no address example\.org': is not an address/);
    assert.match(told.stderr, /row 3, column phone, value '5': is too short/);
    assert.match(told.stdout, /row 2: update PK-1: customer_name "Customer 1" -> "Customer 1 now", phone null -> "=555-1"/);
    assert.match(told.stdout, /row 4: create PK-9002: .*customer_name "Customer, 9002"/);
    const [, line] = (await readFile(rejects, 'utf8')).split('\r\n');
    assert.ok(line.startsWith('"PK-9001","PK","residential","Customer 9001","no address example.org","5","x","3",'), line);
    assert.deepEqual(await ctl.sql(`select cells::text ~ 'bptm-cell' as sealed from person.import_row group by 1`), [{ sealed: true }]);
    assert.match((await ctl.run('import', 'accounts', file, '--person-key', key, '--skip-errors')).stdout, /1 new, 1 changed/);
    assert.match((await accounts(1, 1)).stdout, /1 changed/, 'back to the old name');
});

test('rows that share a customer must say the same of it, sealed or not', async () => {
    await ctl.execute("insert into programme.account (number, premise_id, customer_id, kind) select 'PK-B', premise_id, customer_id, kind from programme.account where number = 'PK-1'");
    const load = async (second) => ctl.run('import', 'accounts', await ctl.file('shared.csv',
        `number,premise_code,kind,customer_name,email\nPK-1,PK,residential,Customer 1,c1@example.org\nPK-B,PK,residential,${second},c1@example.org\n`), '--person-key', key);
    assert.match((await load('Customer 1')).stdout, /2 unchanged/);
    assert.match((await load('Customer 2')).stderr, /column customer_name, value 'Customer 2': gives the customer of row 2 other data/);
});

test('nothing of a person is in the database in plain', async () => {
    const dump = await ctl.ok(['run', 'pg_dump', '--data-only', '-d', ctl.database]);
    assert.ok(dump.includes(`PK-${MANY}`) && dump.includes('bptm-cell.'), 'the dump has the accounts, and staged rows');
    assert.ok(!/Customer \d|Customer, \d|\d@example\.org|no address|=555-1/.test(dump));
});

test('a box of another person, and one that was changed, are not taken for good', async () => {
    await ctl.execute('update person.customer c set name_box = (select name_box from person.customer x where x.customer_id = 2) where c.customer_id = 1');
    assert.match((await accounts(1, 3)).stderr, /person-unreadable/);
});
