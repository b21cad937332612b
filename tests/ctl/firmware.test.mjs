// bptmctl firmware: what is signed, what is kept, what is offered, and what is not.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Ctl } from './ctl.mjs';

let ctl, key, publicKey;

before(async () => {
    ctl = await Ctl.create();
    key = path.join(ctl.files, 'firmware.key');
    assert.equal((await ctl.bare('key', 'create', '--out', key)).code, 0);
    publicKey = (await ctl.bare('key', 'public', key)).stdout.trim();
});
after(() => ctl?.destroy());

/** An ELF file for ARM with these segments: { address, bytes }. */
function elf(...segments) {
    const head = Buffer.alloc(52 + 32 * segments.length);
    head.write('\x7fELF\x01\x01\x01', 'latin1');
    head.writeUInt32LE(52, 28);
    head.writeUInt16LE(32, 42);
    head.writeUInt16LE(segments.length, 44);
    let at = head.length;
    segments.forEach(({ address, bytes }, i) => {
        [1, at, address, address, bytes.length, bytes.length].forEach((v, k) => head.writeUInt32LE(v, 52 + 32 * i + 4 * k));
        at += bytes.length;
    });
    return Buffer.concat([head, ...segments.map(({ bytes }) => bytes)]);
}

async function sign(name, bytes, ...more) {
    const out = path.join(ctl.files, `${name}.img`);
    await rm(out, { force: true });
    const args = ['--key', key, '--hardware', 'board-1', '--image-version', '1.2.3', '--out', out, ...more];
    const result = await ctl.bare('firmware', 'sign', await ctl.file(name, bytes), ...args);
    return { ...result, out };
}

test('a binary is padded, hashed and signed as the document says', async () => {
    const program = Buffer.from('a program of 22 bytes.');
    const { code, stdout, out } = await sign('plain', program, '--address', '21100000');
    assert.equal(code, 0);
    const image = await readFile(out), body = image.subarray(1024);
    assert.equal(stdout, `version=1.2.3 hardware=board-1 address=0x21100000 size=24 image=${image.toString('hex', 56, 64)}\n`);
    assert.deepEqual(body, Buffer.concat([program, Buffer.from([255, 255])]));
    assert.ok(image.subarray(192, 1024).every((byte) => byte === 255));
    assert.deepEqual([4, 8, 12, 16].map((at) => image.readUInt32LE(at)), [1, 0x010203, 24, 0x21100000]);
    assert.equal(image.toString('hex', 56, 120), createHash('sha512').update(body).digest('hex'));
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey, 'hex').toString('base64url') };
    assert.ok(verify(null, image.subarray(0, 128), createPublicKey({ key: jwk, format: 'jwk' }), image.subarray(128, 192)));
    assert.equal((await sign('plain', program, '--address', '21100000')).code, 0);
    assert.deepEqual(await readFile(out), image);
});

test('an ELF file says itself where it belongs, and gaps are filled', async () => {
    const file = elf({ address: 0x21180400, bytes: Buffer.from('12345678') }, { address: 0x21180410, bytes: Buffer.from('abcdefgh') });
    const { code, stdout, out } = await sign('linked', file);
    assert.equal(code, 0);
    assert.match(stdout, /address=0x21180000 size=24 /);
    assert.equal((await readFile(out)).toString('latin1', 1024), '12345678' + '\xff'.repeat(8) + 'abcdefgh');
    assert.equal((await sign('linked', file, '--address', '21180000')).code, 0);
    const wrong = await sign('linked', file, '--address', '21100000');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /the file is linked for 0x21180000/);
});

test('what cannot be signed is refused, and no file is left', async () => {
    const broken = elf({ address: 0x400, bytes: Buffer.alloc(8) });
    broken.writeUInt32LE(4096, 52 + 4); // the segment lies outside the file
    const headed = elf({ address: 0x400, bytes: Buffer.alloc(8) });
    headed.writeUInt32LE(0, 52 + 4); // the segment begins with the file's head
    const rows = [
        ['headed', headed, [], 1, /outside its range/],
        ['plain', Buffer.from('x'), [], 2, /--address is required/],
        ['plain', Buffer.from('x'), ['--address', 'zz'], 2, /--address must be hex digits/],
        ['plain', Buffer.from('x'), ['--address', '21100000', '--image-version', '1.2'], 2, /--image-version must be like 1\.2\.3/],
        ['plain', Buffer.from('x'), ['--address', '21100000', '--image-version', '0.0.0'], 2, /--image-version must be like/],
        ['plain', Buffer.from('x'), ['--address', '21100000', '--image-version', '1.2.256'], 2, /--image-version must be like/],
        ['plain', Buffer.from('x'), ['--address', '21100000', '--hardware', 'a b'], 1, /printable/],
        ['plain', Buffer.from('x'), ['--address', '21100000', '--hardware', 'x'.repeat(32)], 2, /at most 31/],
        ['plain', Buffer.from('x'), ['--address', '21100000', '--key', '/nonexistent'], 1, /No such file/],
        ['empty', Buffer.alloc(0), ['--address', '21100000'], 1, /is empty/],
        ['low', elf({ address: 0x10, bytes: Buffer.alloc(8) }), [], 1, /is not linked for a slot/],
        ['broken', broken, [], 1, /outside its range/],
        ['wide', elf({ address: 0x400, bytes: Buffer.alloc(8) }, { address: 0x9000000, bytes: Buffer.alloc(8) }), [], 1, /larger/],
        ['none', elf(), [], 1, /outside its range/],
    ];
    for (const [name, bytes, more, code, message] of rows) {
        const result = await sign(name, bytes, ...more);
        assert.equal(result.code, code, `${name} ${more}: ${result.stderr}`);
        assert.match(result.stderr, message);
        await assert.rejects(readFile(result.out), { code: 'ENOENT' });
    }
});

test('a signed image is kept once, and never replaced by another of the same version', async () => {
    const first = (await sign('first', Buffer.from('the first one.'), '--address', '21100000')).out;
    const second = (await sign('second', Buffer.from('another one.'), '--address', '21100000')).out;
    for (let i = 0; i < 2; i++) {
        assert.equal((await ctl.run('firmware', 'import', first, '--firmware-key', publicKey)).code, 0);
    }
    assert.deepEqual(await ctl.sql("select hardware, version, address, convert_from(image, 'latin1') like 'the first one.%' as same from fleet.firmware_image"),
        [{ hardware: 'board-1', version: 0x010203, address: 0x21100000, same: true }]);
    assert.equal(await ctl.value("(select count(*) from access.audit where action = 'firmware.import')"), 1);
    const other = await ctl.run('firmware', 'import', second);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /another image of this version is there/);
});

test('what is not a signed image is not kept', async () => {
    const good = await readFile((await sign('good', Buffer.from('good program'), '--address', '21180000')).out);
    const flipped = Buffer.from(good), signature = Buffer.from(good);
    flipped[1030] ^= 1;
    signature[130] ^= 1;
    const rows = [
        ['short', good.subarray(0, 500), /is not a signed image/],
        ['longer', Buffer.concat([good, Buffer.alloc(8)]), /holds \d+ bytes, its manifest says/],
        ['flipped', flipped, /is not the image that was signed/],
        ['signature', signature, /is not signed by this key/],
        ['program', Buffer.alloc(2000), /is not a signed image/],
    ];
    for (const [name, bytes, message] of rows) {
        const { code, stderr } = await ctl.run('firmware', 'import', await ctl.file(name, bytes), '--firmware-key', publicKey);
        assert.equal(code, 1, name);
        assert.match(stderr, message);
    }
    const bad = await ctl.run('firmware', 'import', await ctl.file('good', good), '--firmware-key', 'abc');
    assert.equal(bad.code, 2);
});

test('an offer is a command in the outbox of the device, and the newest one counts', async () => {
    const manifest = `serial,public_key,model,hardware_revision\nBPTM-FW-1,${'ab'.repeat(32)},BPTM-REF-30,r1\n`;
    assert.equal((await ctl.run('import', 'devices', await ctl.file('devices.csv', manifest))).code, 0);
    for (const hardware of ['board-1', 'board-2']) {
        const { out } = await sign('two', Buffer.from('version two'), '--address', '21100000', '--image-version', '2.0.0', '--hardware', hardware);
        assert.equal((await ctl.run('firmware', 'import', out)).code, 0);
    }
    const rows = [
        [['--device', 'BPTM-FW-2', '--image-version', '1.2.3'], 1, /no device has this serial/],
        [['--device', 'BPTM-FW-1', '--image-version', '9.9.9'], 1, /no image of this version/],
        [['--device', 'BPTM-FW-1', '--image-version', '2.0.0'], 1, /more than one hardware: board-1, board-2/],
        [['--device', 'BPTM-FW-1', '--image-version', '2'], 2, /--image-version must be/],
        [['--device', 'BPTM-FW-1', '--image-version', '1.2.3', '--expires-in', '5'], 2, /--expires-in must be/],
        [['--device', 'BPTM-FW-1'], 2, /--image-version is required/],
    ];
    for (const [args, code, message] of rows) {
        const result = await ctl.run('firmware', 'offer', ...args);
        assert.equal(result.code, code, `${args}: ${result.stderr}`);
        assert.match(result.stderr, message);
    }
    assert.equal(await ctl.value('(select count(*) from fleet.command)'), 0);
    for (const args of [['1.2.3'], ['2.0.0', '--hardware', 'board-2']]) {
        const { code, stdout } = await ctl.run('firmware', 'offer', '--device', 'BPTM-FW-1', '--image-version', ...args);
        assert.equal(code, 0);
        assert.match(stdout, /^counter=\d+\n$/);
    }
    assert.deepEqual(await ctl.sql(`select c.code, c.arguments, length(c.argument) as length, o.hardware, o.state
        from fleet.command c left join fleet.firmware_offer o using (device_id, counter) order by c.counter`), [
        { code: 6, arguments: { version: '1.2.3', hardware: 'board-1' }, length: 196, hardware: null, state: null },
        { code: 6, arguments: { version: '2.0.0', hardware: 'board-2' }, length: 196, hardware: 'board-2', state: null },
    ]);
    assert.equal(await ctl.value("(select count(*) from access.audit where action = 'firmware.offer' and object_id = 'BPTM-FW-1')"), 2);
});
