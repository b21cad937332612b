// ZIP files and spreadsheets, good and bad, for the tests of what reads them.
import { deflateRawSync } from 'node:zlib';

const table = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) {
        c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    }
    return c >>> 0;
});
const crc = (bytes) => (bytes.reduce((c, b) => table[(c ^ b) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function numbers(...pairs) {
    return Buffer.concat(pairs.map(([size, value]) => {
        const b = Buffer.alloc(size);
        b.writeUIntLE(value, 0, size);
        return b;
    }));
}

/** A ZIP file of { name: content }; `lie` may change what the directory says of an entry. */
export function zip(entries, lie = (entry) => entry) {
    const bodies = [];
    const directory = [];
    let at = 0;
    for (const [name, content] of Object.entries(entries)) {
        const plain = Buffer.from(content);
        const packed = deflateRawSync(plain, { level: 9 });
        const said = lie({ name, flags: 0, method: 8, packed: packed.length, unpacked: plain.length });
        const common = [[2, said.flags], [2, said.method], [4, 0], [4, crc(plain)], [4, said.packed], [4, said.unpacked], [2, Buffer.byteLength(name)], [2, 0]];
        const body = Buffer.concat([numbers([4, 0x04034b50], [2, 20], ...common), Buffer.from(name), packed]);
        directory.push(numbers([4, 0x02014b50], [2, 20], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]), Buffer.from(name));
        bodies.push(body);
        at += body.length;
    }
    const count = Object.keys(entries).length;
    const list = Buffer.concat(directory);
    return Buffer.concat([...bodies, list, numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, list.length], [4, at], [2, 0])]);
}

const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.codePointAt(0)};`);
const column = (n) => (n < 26 ? String.fromCharCode(65 + n) : column(Math.floor(n / 26) - 1) + column(n % 26));

/** A cell: text stays text, a number is a number, { formula, value } has both. */
function cell(value, ref, shared) {
    if (value === '') {
        return '';
    }
    if (typeof value === 'number') {
        return `<c r="${ref}"><v>${value}</v></c>`;
    }
    if (typeof value === 'object') {
        return `<c r="${ref}" t="str"><f>${escape(value.formula)}</f><v>${escape(value.value)}</v></c>`;
    }
    const place = shared.push(value) - 1;
    return `<c r="${ref}" t="s"><v>${place}</v></c>`;
}

/** Entries of a workbook with one sheet of these rows. */
export function workbook(rows, { doctype = '' } = {}) {
    const head = `<?xml version="1.0" encoding="UTF-8"?>${doctype}`;
    const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
    const rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
    const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
    const shared = [];
    const body = rows.map((row, y) => `<row r="${y + 1}">${row.map((value, x) => cell(value, `${column(x)}${y + 1}`, shared)).join('')}</row>`).join('');
    return {
        '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${types}.sharedStrings+xml"/></Types>`,
        '_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
        'xl/workbook.xml': `${head}<workbook ${main} xmlns:r="${rel}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
        'xl/_rels/workbook.xml.rels': `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${rel}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${rel}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
        'xl/worksheets/sheet1.xml': `${head}<worksheet ${main}><dimension ref="A1:${String.fromCharCode(64 + rows[0].length)}${rows.length}"/><sheetData>${body}</sheetData></worksheet>`,
        'xl/sharedStrings.xml': `<?xml version="1.0"?><sst ${main} count="${shared.length}" uniqueCount="${shared.length}">${shared.map((text) => `<si><t xml:space="preserve">${escape(text)}</t></si>`).join('')}</sst>`,
    };
}
