// The page of limits says what the code keeps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsPage, staleLimits } from '../lint/limits.mjs';

test('server/limits.md has every limit, with its number', () => {
    assert.deepEqual(staleLimits(), []);
    const rows = limitsPage().split('\n').filter((line) => /^\| (LIMIT_|\w+\.)/.test(line));
    assert.ok(rows.length > 90, `${rows.length} rows`);
    assert.ok(rows.every((row) => /\| [^|]*\d[^|]* \|/.test(row) || /LIMIT_\w+ \|/.test(row)), 'each has its number');
});
