// What a patch may not do to a table that is in use without saying why it may: hold it for as long as its rows take.
import { listFiles, read } from './source.mjs';

const FROM = 800; // the patches before were written without this rule
const WAIVER = /^-- locks: \S/m; // "-- locks: the table has a dozen rows"

/** The name of the table that a statement is about, and what is wrong with it. */
const rules = [
    [/create\s+(?:unique\s+)?index\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?\S+\s+on\s+(?:only\s+)?(\S+)/gi, 'an index is made while nobody writes, and concurrently it cannot be: a patch is one transaction'],
    [/alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(\S+)[^;]*?\balter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?type\b/gi, 'another type writes every row anew'],
    [/alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(\S+)[^;]*?\bset\s+not\s+null\b/gi, 'not null looks at every row: add a check that is not valid, validate it in the next patch, then set it'],
    [/alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(\S+)[^;]*?\badd\s+(?:constraint\s+\S+\s+)?(?:check|foreign\s+key|unique|primary\s+key|exclude)\b(?![^;]*not\s+valid)/gi, 'a constraint looks at every row: add it not valid, validate it in the next patch'],
    [/alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(\S+)[^;]*?\badd\s+(?:column\s+)?(?!constraint)[^;,]*\b(?:default\s+(?:clock_timestamp|statement_timestamp|timeofday|random|gen_random_uuid|nextval)\b|generated\s+always\s+as)/gi, 'a value of its own for each row writes every row anew'],
    [/\b(?:vacuum\s+full|cluster|lock\s+table)\s+(\S+)/gi, 'it takes the table for itself'],
];

/** Problems of one patch: of tables that it did not make itself. */
export function checkPatch(file, text) {
    if (WAIVER.test(text)) {
        return [];
    }
    const bare = text.replace(/--.*$/gm, '').replace(/'(?:[^']|'')*'/g, "''");
    const made = new Set([...bare.matchAll(/create\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(\S+)/gi)].map((m) => m[1].toLowerCase()));
    return rules.flatMap(([pattern, why]) => [...bare.matchAll(pattern)].filter((m) => !made.has(m[1].replace(/[;(].*$/, '').toLowerCase()))
        .map((m) => `${file}: ${m[1]}: ${why}; or say "-- locks: why it may"`));
}

export const checkPatches = () => listFiles().filter((file) => /^sql\/patch\/\d{4}/.test(file) && Number(file.slice(10, 14)) >= FROM)
    .flatMap((file) => checkPatch(file, read(file)));
