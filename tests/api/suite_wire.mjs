// Bytes on the socket: request smuggling, slow and oversized clients, pipelining.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const host = 'Host: localhost\r\n';
const get = `GET /livez HTTP/1.1\r\n${host}`;
const post = `POST /v1/premises HTTP/1.1\r\n${host}Content-Type: application/json\r\n`;
const hidden = `GET /livez HTTP/1.1\r\n${host}\r\n`;

/** Each must be answered once, with 400, and the connection closed: what follows is never a request. */
const smuggling = {
    'Content-Length and Transfer-Encoding': `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'Transfer-Encoding and Content-Length': `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
    'two Content-Lengths': `${post}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n`,
    'two equal Content-Lengths': `${post}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`,
    'two Content-Lengths in one field': `${post}Content-Length: 0, ${hidden.length}\r\n\r\n`,
    'a signed Content-Length': `${post}Content-Length: +0\r\n\r\n`,
    'a hexadecimal Content-Length': `${post}Content-Length: 0x0\r\n\r\n`,
    'two Hosts': `${get}Host: other\r\n\r\n`,
    'no Host': 'GET /livez HTTP/1.1\r\n\r\n',
    'space before the colon': `${post}Content-Length : 5\r\n\r\n`,
    'tab before the colon': `${post}Transfer-Encoding\t: chunked\r\n\r\n`,
    'a folded value': `${get}X-A: one\r\n two\r\n\r\n`,
    'a folded Content-Length': `${post}Content-Length: 0\r\n 5\r\n\r\n`,
    'a folded Transfer-Encoding': `${post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`,
    'a fold after the request line': `GET /livez HTTP/1.1\r\n Host: localhost\r\n${host}\r\n`,
    'a fold at the end': `${get}X-A: b\r\n \r\n\r\n`,
    'a bare line feed in the head': `GET /livez HTTP/1.1\r\n${host}X-A: b\nX-B: c\r\n\r\n`,
    'a bare line feed after the request line': `GET /livez HTTP/1.1\n${host}\r\n`,
    'a NUL in a value': `${get}X-A: b\0c\r\n\r\n`,
    'a NUL in a name': `${get}X\0A: b\r\n\r\n`,
    'a carriage return in a value': `${get}X-A: b\rc\r\n\r\n`,
    'another transfer coding': `${post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    'the identity coding': `${post}Transfer-Encoding: identity\r\n\r\n`,
    'an unknown coding that ends alike': `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    'two Transfer-Encodings': `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'chunks in HTTP/1.0': `POST /v1/premises HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a name that is not a token': `${get}X(A): b\r\n\r\n`,
    'an unknown method': `BREW /livez HTTP/1.1\r\n${host}\r\n`,
    'a method in small letters': `get /livez HTTP/1.1\r\n${host}\r\n`,
    'an absolute target': `GET http://other/livez HTTP/1.1\r\n${host}\r\n`,
    'a space in the query': `GET /livez?a=b c HTTP/1.1\r\n${host}\r\n`,
    'a tab in the target': `GET /livez\t HTTP/1.1\r\n${host}\r\n`,
    'a fragment in the target': `GET /livez#x HTTP/1.1\r\n${host}\r\n`,
    'a byte that is not ASCII in the query': `GET /livez?a=\xe9 HTTP/1.1\r\n${host}\r\n`,
    'a field without a colon': `${get}nothing\r\n\r\n`,
    'a broken chunk size': `${post}Transfer-Encoding: chunked\r\n\r\nx\r\n`,
    'two Authorizations': `${get}Authorization: a\r\nAuthorization: b\r\n\r\n`,
};

export function wire(api) {
    for (const [name, request] of Object.entries(smuggling)) {
        test(`refused and closed: ${name}`, async () => {
            const { answers, closed, text } = await api().raw(request + hidden);
            // libmicrohttpd writes the head of its own refusals twice; that is all it may write
            assert.ok(/^400(,400)?$/.test(answers.join()), text.slice(0, 300));
            assert.ok(answers.length === 1 || (text.includes('<html>') && !text.includes('"status":"ok"')), text);
            assert.ok(closed, 'the connection is closed');
        });
    }

    test('the same heads in single bytes are read the same', async () => {
        for (const name of ['a folded value', 'two Hosts', 'a NUL in a value', 'a bare line feed in the head']) {
            const { answers, closed } = await api().raw([...smuggling[name]], { quiet: 1500 });
            assert.deepEqual([answers, closed], [[400], true], name);
        }
        const { answers } = await api().raw([...`${get}X-A: b\r\n\r\n`], { quiet: 1500 });
        assert.deepEqual(answers, [200]);
    });

    test('an honest large head passes, whole and in pieces', async () => {
        const fields = Array.from({ length: 5 }, (_, n) => `X-${n}: ${'v'.repeat(4000)}\r\n`).join('');
        const request = `${get}${fields}\r\n`;
        assert.deepEqual((await api().raw(request)).answers, [200]);
        const pieces = request.match(/[^]{1,777}/g);
        assert.deepEqual((await api().raw(pieces, { pause: 2 })).answers, [200]);
    });

    test('too large a head is 431', async () => {
        assert.deepEqual((await api().raw(`${get}X-A: ${'v'.repeat(5000)}\r\n\r\n`)).answers, [431]);
        const many = Array.from({ length: 80 }, (_, n) => `X-${n}: v\r\n`).join('');
        const { answers, closed } = await api().raw(`${get}${many}\r\n`);
        assert.deepEqual([answers, closed], [[431], true]);
        assert.deepEqual((await api().raw(`${get}X-A: ${'v'.repeat(60000)}\r\n\r\n`)).answers, [431]);
    });

    test('pipelined requests are answered in order', async () => {
        const one = `GET /v1/me HTTP/1.1\r\n${host}Authorization: Bearer ${api().tokens.analyst}\r\n\r\n`;
        const { answers } = await api().raw(hidden + one + `GET /nope HTTP/1.1\r\n${host}\r\n` + hidden);
        assert.deepEqual(answers, [200, 200, 404, 200]);
    });

    test('a refused body is read past, and the connection lives on', async () => {
        const body = '{"a":1}';
        const refused = `${post}Content-Length: ${body.length}\r\n\r\n${body}`;
        assert.deepEqual((await api().raw(refused + hidden)).answers, [401, 200]);
    });

    test('a body in chunks is taken, and the connection closed after it', async () => {
        const json = JSON.stringify({ name: 'Chunked Customer' });
        const chunks = `${json.slice(0, 5).length.toString(16)}\r\n${json.slice(0, 5)}\r\n${json.slice(5).length.toString(16)}\r\n${json.slice(5)}\r\n0\r\n\r\n`;
        const request = `POST /v1/customers HTTP/1.1\r\n${host}Content-Type: application/json\r\nAuthorization: Bearer ${api().tokens.enrolment}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;
        const { answers, closed, text } = await api().raw(request + hidden);
        assert.deepEqual([answers, closed], [[201], true], text);
    });

    test('a body larger than announced limits is refused before it is sent', async () => {
        const { answers, closed } = await api().raw(`${post}Authorization: Bearer ${api().tokens.enrolment}\r\nContent-Length: 999999999\r\n\r\n`);
        assert.deepEqual([answers, closed], [[413], true]);
        const expect = await api().raw(`${post}Authorization: Bearer ${api().tokens.enrolment}\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n`);
        assert.deepEqual([expect.answers, expect.closed], [[413], true]);
    });

    test('endless chunks are cut', async () => {
        const piece = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
        const head = `${post}Authorization: Bearer ${api().tokens.enrolment}\r\nTransfer-Encoding: chunked\r\n\r\n`;
        const { closed, answers } = await api().raw([head, ...Array(40).fill(piece)], { quiet: 2000 });
        assert.ok(closed);
        assert.ok(!answers.includes(200) && !answers.includes(201));
    });

    test('slow clients are cut and do not hold up others', async () => {
        const begun = Date.now();
        const slow = [
            api().raw([get], { quiet: 8000 }),
            api().raw([`${post}Authorization: Bearer ${api().tokens.enrolment}\r\nContent-Length: 1000\r\n\r\n`, ...'x'.repeat(20)], { quiet: 8000, pause: 400 }),
            api().raw([''], { quiet: 8000 }),
        ];
        for (let n = 0; n < 5; n++) {
            const from = Date.now();
            await api().expect(200, 'GET', '/livez');
            assert.ok(Date.now() - from < 1000);
        }
        for (const { closed, answers } of await Promise.all(slow)) {
            assert.ok(closed, 'closed by the server');
            assert.ok(!answers.some((status) => status < 400));
        }
        assert.ok(Date.now() - begun < 12_000);
    });
}
