// The REST API of the real server, on a private stack of its own.
import { after, before, describe } from 'node:test';
import { Api } from './harness.mjs';
import { analyst } from './suite_analyst.mjs';
import { behaviour } from './suite_behaviour.mjs';
import { benefit } from './suite_benefit.mjs';
import { generators } from './suite_generators.mjs';
import { founding } from './suite_founding.mjs';
import { indices } from './suite_index.mjs';
import { events } from './suite_event.mjs';
import { exports_ } from './suite_export.mjs';
import { features } from './suite_feature.mjs';
import { bulkImport } from './suite_import.mjs';
import { badInput } from './suite_input.mjs';
import { roleTable } from './suite_roles.mjs';
import { enrolment } from './suite_enrolment.mjs';
import { life } from './suite_life.mjs';
import { queue } from './suite_queue.mjs';
import { quota } from './suite_quota.mjs';
import { session } from './suite_session.mjs';
import { story } from './suite_story.mjs';
import { wire } from './suite_wire.mjs';

let api;
before(async () => {
    api = await Api.start();
}, { timeout: 120_000 });
after(() => api?.end());

const get = () => api;
describe('events', () => events(get));
describe('indices', () => indices(get));
describe('benefit', () => benefit(get));
describe('life cycle', () => life(get));
describe('founding case', () => founding(get));
describe('enrolment', () => enrolment(get));
describe('quota', () => quota(get));
describe('generators', () => generators(get));
describe('sessions', () => session(get));
describe('the queue', () => queue(get));
describe('as meant', () => story(get));
describe('roles', () => roleTable(get));
describe('bad input', () => badInput(get));
describe('bulk import', () => bulkImport(get));
describe('the wire', () => wire(get));
describe('features', () => features(get));
describe('exports', () => exports_(get));
describe('analyst', () => analyst(get));
describe('behaviour', () => behaviour(get));
