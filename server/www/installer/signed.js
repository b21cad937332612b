// The signed list of generators (api/generators.md): its signature under a pinned key, and what it says.
import { decode, head, joined } from './cbor.js';

const FORMAT = 'bptm-generators/1';
const VERDICTS = ['compatible', 'conditional', 'incompatible', 'unknown'];
const RESULTS = ['pass', 'fail', 'conditional', 'unknown', 'not_applicable'];
const GRADES = ['FULL', 'REDUCED'];
const NEUTRALS = ['floating', 'bonded', 'switchable'];
const SOURCES = ['engine', 'inverter', 'battery', 'vehicle'];

/** Why a list is not used: a code, and a sentence for people. */
export class ListRefused extends Error {
    constructor(code, sentence) {
        super(sentence);
        this.code = code;
    }
}

const bytesOfHex = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
export const hexOf = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');

/** The kid of a public key: the first 8 bytes of its SHA-256. Both in hex. */
export const kidOf = async (publicKey) => hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOfHex(publicKey))).subarray(0, 8));

const isBytes = (value, length) => value instanceof Uint8Array && (length === undefined || value.length === length);

/** A COSE_Sign1 taken apart: { kid, payload, signature, signed } with the bytes that were signed. */
function open(message) {
    let m;
    try {
        m = decode(message);
    } catch (error) {
        throw new ListRefused('form', `The file is no signed list: ${error.message}.`);
    }
    const [protectedHeader, header, payload, signature] = m?.tag === 18 && Array.isArray(m.value) && m.value.length === 4 ? m.value : [];
    if (!isBytes(protectedHeader) || hexOf(protectedHeader) !== 'a10127' || !(header instanceof Map) || header.size !== 1
        || !isBytes(header.get(4), 8) || !isBytes(payload) || !isBytes(signature, 64)) {
        throw new ListRefused('form', 'The file is no signed list.');
    }
    const text = (t) => joined(head(3, t.length), new TextEncoder().encode(t));
    const blob = (b) => joined(head(2, b.length), b);
    const signed = joined(head(4, 4), text('Signature1'), blob(protectedHeader), blob(new TextEncoder().encode(FORMAT)), blob(payload));
    return { kid: hexOf(header.get(4)), payload, signature, signed };
}

const textIn = (value, most) => typeof value === 'string' && value.length <= most;
const wordIn = (words, value) => words[value] ?? (() => { throw new ListRefused('content', 'The list says something that these pages do not know.'); })();

function modelOf(m, findings) {
    const places = m.get(6);
    if (!textIn(m.get(1), 240) || !textIn(m.get(2), 240) || !Array.isArray(places) || places.some((p) => !findings[p])) {
        throw new ListRefused('content', 'A model of the list is incomplete.');
    }
    return {
        make: m.get(1), model: m.get(2), aliases: m.get(3) ?? [], verdict: wordIn(VERDICTS, m.get(4)),
        grade: m.has(5) ? wordIn(GRADES, m.get(5)) : null, rules: places.map((p) => findings[p]),
        source_type: wordIn(SOURCES, m.get(7)), fuels: m.get(8) ?? [], running_w: m.get(9) ?? [],
        neutral: m.has(10) ? wordIn(NEUTRALS, m.get(10)) : 'unknown', valid_from: m.get(11) ?? null, valid_to: m.get(12) ?? null,
    };
}

/** What a payload says: { version, published_at, signed_at, source, models }. */
function contentOf(payload) {
    let list;
    try {
        list = decode(payload);
    } catch (error) {
        throw new ListRefused('content', `What is signed cannot be read: ${error.message}.`);
    }
    if (!(list instanceof Map) || list.get(1) !== FORMAT || !Number.isSafeInteger(list.get(2)) || !Array.isArray(list.get(6)) || !Array.isArray(list.get(7))) {
        throw new ListRefused('content', 'What is signed is no list of this version.');
    }
    const findings = list.get(6).map((f) => ({ code: f.get(1), result: wordIn(RESULTS, f.get(2)), sentence: f.get(3) }));
    return {
        version: list.get(2), published_at: new Date(list.get(3)).toISOString(), signed_at: new Date(list.get(4)).toISOString(),
        source: list.get(5), models: list.get(7).map((m) => modelOf(m, findings)),
    };
}

const cannotCheck = () => new ListRefused('browser', 'This browser cannot check the signature (Ed25519): it needs a newer one, or an https address.');

/** Whether the browser checks anything here: it does not at a plain http address. */
export const canCheck = () => Boolean(globalThis.crypto?.subtle);

async function isSignedBy(publicKey, { signature, signed }) {
    let key;
    try {
        key = await crypto.subtle.importKey('raw', bytesOfHex(publicKey), { name: 'Ed25519' }, false, ['verify']);
    } catch {
        throw cannotCheck();
    }
    return crypto.subtle.verify({ name: 'Ed25519' }, key, signature, signed);
}

/**
 * A list that may be believed.
 * @param message    bytes of the COSE_Sign1
 * @param publicKey  the pinned key, in hex
 * @throws ListRefused
 */
export async function verified(message, publicKey) {
    if (!canCheck()) {
        throw cannotCheck();
    }
    const m = open(message);
    if (m.kid !== await kidOf(publicKey)) {
        throw new ListRefused('key', `The list names another key (${m.kid}) than the one that this phone was given.`);
    }
    if (!await isSignedBy(publicKey, m)) {
        throw new ListRefused('signature', 'The signature of the list is wrong: it was changed after it was signed.');
    }
    return contentOf(m.payload);
}

/** The names in a list that nothing vouches for: to choose from, when the server then gives the verdict. */
export const namesOf = (message) => contentOf(open(message).payload).models.map(({ make, model, aliases, fuels }) => ({ make, model, aliases, fuels }));
