// The systemd units, users, folders and AppArmor profiles, by the tools of their makers.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { figure } from '../lib/figures.mjs';

const top = fileURLToPath(new URL('../..', import.meta.url));
const at = (name) => path.join(top, 'deploy', name);
const roles = ['http', 'mqtt', 'job'];
const others = ['bptm-crl', 'bptm-retention', 'bptm-revoke']; // what runs bptmctl
const unit = (role) => at(`systemd/bptmd-${role}.service`);
const EXPOSURE_MAX = 2.0;
const root = mkdtempSync(path.join(process.env.BPTM_WORK ?? '/var/tmp', 'units-'));
after(() => rmSync(root, { recursive: true, force: true }));

function run(command, ...args) {
    const result = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
    assert.ifError(result.error);
    return { status: result.status, text: result.stdout + result.stderr };
}

/** All values that a unit gives a key, in order. */
const values = (role, key) => [...readFileSync(unit(role), 'utf8').matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((m) => m[1]);

const scores = {};
for (const name of readdirSync(at('systemd')).filter((file) => file.endsWith('.service'))) {
    test(`${name}: exposure below ${EXPOSURE_MAX}`, () => {
        const { text } = run('systemd-analyze', 'security', '--offline=true', at(`systemd/${name}`));
        scores[name] = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(text)[1]);
        assert.ok(scores[name] < EXPOSURE_MAX, text);
    });
}
test('the exposure of the worst unit is a figure', () => figure('systemd-exposure', Math.max(...Object.values(scores))));

test('systemd understands every line', () => {
    const units = path.join(root, 'units');
    mkdirSync(units);
    for (const role of roles) {
        // the program as it was built stands in for the installed one, and a man page for each of ours
        const text = readFileSync(unit(role), 'utf8').replace('/usr/sbin/bptmd', process.execPath).replace(/^Documentation=.*\n/m, '');
        writeFileSync(path.join(units, `bptmd-${role}.service`), text);
    }
    for (const name of others) {
        const text = readFileSync(at(`systemd/${name}.service`), 'utf8').replace('/usr/bin/bptmctl', process.execPath).replace(/^Documentation=.*\n/m, '');
        writeFileSync(path.join(units, `${name}.service`), text);
    }
    cpSync(at('systemd/bptm-fleet.target'), path.join(units, 'bptm-fleet.target'));
    const files = [...roles.map((role) => `bptmd-${role}.service`), ...others.map((name) => `${name}.service`), 'bptm-fleet.target'].map((name) => path.join(units, name));
    const { status, text } = run('systemd-analyze', 'verify', '--man=no', ...files);
    assert.equal(text.split('\n').filter((line) => line.includes(units) || /bptm/.test(line)).join('\n'), '');
    assert.equal(status, 0, text);
});

test('each role runs alone, as a user of its own named as its role in the database', () => {
    for (const role of roles) {
        assert.deepEqual(values(role, 'ExecStart'), [`/usr/sbin/bptmd --config=/etc/bptm-fleet/bptmd.conf --only=${role}`]);
        assert.deepEqual([values(role, 'User'), values(role, 'Group')], [[`bptm_${role}`], [`bptm_${role}`]]);
        assert.match(readFileSync(path.join(top, 'sql/bootstrap.sql'), 'utf8'), new RegExp(`'bptm_${role}',`));
    }
});

test('no unit reaches another machine, and the role job has no network at all', () => {
    for (const role of roles) {
        assert.deepEqual(values(role, 'IPAddressDeny'), ['any']);
        assert.deepEqual(values(role, 'IPAddressAllow'), role === 'job' ? [] : ['localhost']);
        assert.deepEqual(values(role, 'PrivateNetwork'), role === 'job' ? ['yes'] : []);
    }
    assert.deepEqual(readdirSync(at('systemd')).filter((name) => name.endsWith('.service') && !name.startsWith('bptmd-')), others.map((name) => `${name}.service`));
    for (const name of others) {
        const text = readFileSync(at(`systemd/${name}.service`), 'utf8');
        assert.ok(/^PrivateNetwork=yes$/m.test(text) || /^IPAddressDeny=any\nIPAddressAllow=localhost$/m.test(text), name);
    }
});

test('who tells the broker to read its list may find it and signal it', () => {
    const telling = others.map((name) => readFileSync(at(`systemd/${name}.service`), 'utf8')).filter((text) => text.includes('--broker-pid'));
    assert.equal(telling.length, 2);
    // Debian's broker keeps its process identifier in a folder that only its user may enter
    telling.forEach((text) => assert.match(text, /^CapabilityBoundingSet=CAP_KILL CAP_DAC_READ_SEARCH$/m));
});

test('the configuration of the broker repeats nothing of Debian\'s, which includes it', () => {
    const keys = (file) => readFileSync(file, 'utf8').split('\n').filter((line) => /^[a-z]/.test(line)).map((line) => line.split(' ')[0]);
    const debian = keys('/etc/mosquitto/mosquitto.conf');
    assert.ok(debian.includes('pid_file') && debian.includes('include_dir'));
    assert.deepEqual(keys(at('mosquitto/bptm.conf')).filter((key) => debian.includes(key)), []);
});

test('the signing key is handed to the role mqtt alone', () => {
    assert.deepEqual(values('mqtt', 'LoadCredential'),
        ['receipt.key:/etc/bptm-fleet/secret/receipt.key', 'mqtt-password:/etc/bptm-fleet/secret/mqtt-password']);
    const conf = readFileSync(at('etc/bptmd.conf'), 'utf8');
    assert.match(conf, /^key_file = \/run\/credentials\/bptmd-mqtt\.service\/receipt\.key$/m);
});

test('the key of personal data is handed to the roles http and job alone', () => {
    for (const role of ['http', 'job']) {
        assert.deepEqual(values(role, 'LoadCredential'), ['person.key:/etc/bptm-fleet/secret/person.key']);
    }
    assert.match(readFileSync(at('etc/bptmd.conf'), 'utf8'), /^key_file = \$CREDENTIALS_DIRECTORY\/person\.key$/m);
});

test('the configuration that is installed is one that bptmd takes', () => {
    const { status, text } = run(path.join(process.env.BPTM_APP ?? '', 'sbin/bptmd'), `--check-config=${at('etc/bptmd.conf')}`);
    assert.deepEqual([status, text], [0, '']);
});

test('users and folders are made as they are named, secrets for root alone', () => {
    for (const kind of ['sysusers.d', 'tmpfiles.d']) {
        cpSync(at(`${kind}/bptm-fleet.conf`), path.join(root, 'tree/usr/lib', kind, 'bptm-fleet.conf'), { recursive: true });
    }
    const tree = path.join(root, 'tree');
    mkdirSync(path.join(tree, 'etc'));
    assert.deepEqual(run('systemd-sysusers', `--root=${tree}`).status, 0);
    const made = run('systemd-tmpfiles', `--root=${tree}`, '--create', '--prefix=/etc/bptm-fleet', '--prefix=/var/lib/bptm-fleet',
        '--prefix=/var/backups/bptm-fleet');
    assert.equal(made.status, 0, made.text);
    const users = Object.fromEntries(readFileSync(path.join(tree, 'etc/passwd'), 'utf8').trim().split('\n').map((line) => line.split(':')).map((f) => [f[0], f]));
    const owner = Number(users.bptm_owner[2]);
    assert.equal(new Set([...roles.map((role) => users[`bptm_${role}`][2]), users.bptm_owner[2]]).size, 4);
    for (const user of Object.values(users).filter(([name]) => name.startsWith('bptm_'))) {
        assert.match(user[6], /nologin$/);
    }
    const folder = (name) => (({ mode, uid }) => [(mode & 0o777).toString(8), uid])(statSync(path.join(tree, name)));
    assert.deepEqual(folder('etc/bptm-fleet/secret'), ['700', 0]);
    assert.deepEqual(folder('var/lib/bptm-fleet/ca'), ['711', 0]);
    assert.deepEqual(folder('var/backups/bptm-fleet'), ['700', owner]);
});

test('the role job, and no other, may run what reads spreadsheets, and may confine it', () => {
    const calls = ['landlock_create_ruleset', 'landlock_add_rule', 'landlock_restrict_self'];
    const profiles = readFileSync(at('apparmor/bptm-fleet'), 'utf8').split(/^profile /m).slice(1);
    for (const role of roles) {
        const allowed = values(role, 'SystemCallFilter').filter((line) => !line.startsWith('~')).join(' ').split(' ');
        assert.deepEqual(calls.map((call) => allowed.includes(call)), calls.map(() => role === 'job'), role);
        const profile = profiles.find((text) => text.startsWith(`bptmd-${role} `));
        assert.deepEqual([...profile.matchAll(/^ {2}(\/\S+) \w*x,/gm)].map(([, file]) => file), role === 'job' ? ['/usr/bin/xlsx2csv', '/usr/bin/python3*'] : [], role);
        assert.deepEqual(values(role, 'PrivateTmp'), ['yes']);
    }
});

test('the AppArmor profiles compile, and each key is within reach of whose it is', () => {
    const parsed = run('apparmor_parser', '-QKT', '--names', at('apparmor/bptm-fleet'));
    assert.equal(parsed.status, 0, parsed.text);
    const names = parsed.text.split('\n').filter((line) => /^bptmd-/.test(line)).sort();
    assert.deepEqual(names, roles.map((role) => `bptmd-${role}`).sort());
    for (const role of roles) {
        assert.deepEqual(values(role, 'AppArmorProfile'), [`-bptmd-${role}`]);
    }
    const profiles = Object.fromEntries(readFileSync(at('apparmor/bptm-fleet'), 'utf8').split(/^profile /m).slice(1).map((t) => [t.split(' ')[0], t]));
    for (const role of roles) {
        assert.equal(/^ {2}\/run\/credentials\/bptmd-mqtt/m.test(profiles[`bptmd-${role}`]), role === 'mqtt');
        assert.equal(profiles[`bptmd-${role}`].includes('person.key'), role !== 'mqtt');
        assert.match(profiles[`bptmd-${role}`], /deny \/etc\/bptm-fleet\/secret\/\*\* rwklx,/);
    }
});
