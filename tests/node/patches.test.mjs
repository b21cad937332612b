// The rule for patches itself: what it refuses, and what it lets be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPatch } from '../lint/patches.mjs';

const refused = [
    'create index a on fleet.device (model);',
    'create index concurrently a on fleet.device (model);',
    'create unique index if not exists a on fleet.device (model);',
    'alter table fleet.device alter column bucket type bigint;',
    'alter table fleet.device alter bucket set data type bigint;',
    'alter table fleet.device alter column model set not null;',
    'alter table fleet.device add constraint c check (bucket > 0);',
    'alter table fleet.device add foreign key (model) references fleet.device_model;',
    'alter table fleet.device add column u uuid default gen_random_uuid();',
    'alter table fleet.device add column n bigint generated always as identity;',
    'lock table fleet.device;',
    "-- a comment is no reason\nalter table fleet.device add column a text,\n  add constraint c unique (a);",
];
for (const text of refused) {
    test(`refused: ${text.slice(0, 60)}`, () => {
        assert.equal(checkPatch('p', text).length, 1);
        assert.deepEqual(checkPatch('p', `-- locks: it has ten rows\n${text}`), []);
    });
}

const allowed = [
    'create table fleet.made (a integer); create index made_a on fleet.made (a); alter table fleet.made alter column a set not null;',
    'alter table fleet.device add column a text;',
    "alter table fleet.device add column a text not null default 'x';",
    'alter table fleet.device add constraint c check (bucket > 0) not valid;',
    'alter table fleet.device validate constraint c;',
    "insert into fleet.device_model values ('create index a on fleet.device (model);');",
];
for (const text of allowed) {
    test(`allowed: ${text.slice(0, 60)}`, () => assert.deepEqual(checkPatch('p', text), []));
}
