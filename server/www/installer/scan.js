// Scanning a label: by the camera or from a picture, by the browser's BarcodeDetector or by jsqr in a worker.
import { h, icon, put } from '/lib/dom.js';
import { workerUrl } from '/lib/trusted.js';

const SIDE_MAX = 1600; // pixels; larger pictures are made smaller, and looked at again smaller still
const EVERY_MS = 180;

let reader;

async function byBrowser() {
    const can = await globalThis.BarcodeDetector?.getSupportedFormats() ?? [];
    if (!can.includes('qr_code')) {
        return undefined;
    }
    const detector = new BarcodeDetector({ formats: ['qr_code', 'data_matrix', 'code_128'].filter((f) => can.includes(f)) });
    return async (canvas) => (await detector.detect(canvas))[0]?.rawValue;
}

function byWorker() {
    return new Promise((resolve, reject) => {
        const worker = new Worker(workerUrl('/installer/scan-worker.js'), { type: 'module' });
        const waiting = new Map();
        let last = 0;
        worker.onerror = (event) => {
            event.preventDefault();
            worker.terminate();
            reader = undefined;
            reject(new Error('Codes cannot be read in this browser with this build. Type what the label says.'));
        };
        worker.onmessage = ({ data }) => {
            if (data === 'ready') {
                resolve((canvas) => new Promise((found) => {
                    const image = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                    waiting.set(++last, found);
                    worker.postMessage({ id: last, width: image.width, height: image.height, data: image.data }, [image.data.buffer]);
                }));
                return;
            }
            waiting.get(data.id)(data.text);
            waiting.delete(data.id);
        };
    });
}

/** A function (canvas) -> text of the code in it, or undefined; made when it is first needed. */
const readerOnce = () => (reader ??= byBrowser().then((r) => r ?? byWorker()));

function drawn(source, width, height, side) {
    const scale = Math.min(1, side / Math.max(width, height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.getContext('2d', { willReadFrequently: true }).drawImage(source, 0, 0, canvas.width, canvas.height);
    return canvas;
}

/** The text of the code in a picture file; undefined when there is none. */
export async function readFile(file) {
    const decode = await readerOnce();
    const image = await createImageBitmap(file);
    for (const side of [SIDE_MAX, SIDE_MAX / 2, SIDE_MAX / 4]) {
        const text = await decode(drawn(image, image.width, image.height, side));
        if (text) {
            return text;
        }
    }
    return undefined;
}

async function watchCamera(video, isOn, found) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
    video.srcObject = stream;
    await video.play();
    const decode = await readerOnce();
    while (isOn()) {
        const text = video.videoWidth && await decode(drawn(video, video.videoWidth, video.videoHeight, 800));
        if (text) {
            found(text);
            break;
        }
        await new Promise((next) => setTimeout(next, EVERY_MS));
    }
    return stream;
}

/** Ask for a code: resolves with its text, or undefined when the person goes without. */
export function scan(title, hint) {
    return new Promise((resolve) => {
        const dialog = h('dialog', { class: 'scanner', 'aria-label': title });
        const say = h('p', { role: 'status', class: 'small' }, hint);
        const video = h('video', { playsinline: true, muted: true, hidden: true, 'aria-label': 'What the camera sees' });
        const file = h('input', { type: 'file', accept: 'image/*', capture: 'environment', id: 'scan-file', class: 'hidden' });
        let stream, result, isOn = true;
        const found = (text) => {
            result = text.trim();
            dialog.close();
        };
        file.addEventListener('change', async () => {
            put(say, 'Reading the picture …');
            try {
                const text = await readFile(file.files[0]);
                if (text) {
                    found(text);
                } else {
                    put(say, 'No code was found in this picture. Go nearer, hold still, avoid reflections – or type what the label says.');
                }
            } catch (error) {
                put(say, error.message);
            }
            file.value = '';
        });
        const camera = h('button', { type: 'button', class: 'primary', on: { click: async () => {
            camera.hidden = true;
            video.hidden = false;
            put(say, 'Hold the code inside the picture.');
            try {
                stream = await watchCamera(video, () => isOn, found);
            } catch (error) {
                video.hidden = true;
                put(say, error.name === 'NotAllowedError' ? 'The camera is not allowed for this page. Choose a picture, or type.'
                    : error.name === 'NotFoundError' ? 'This device has no camera. Choose a picture, or type.' : error.message);
            }
            if (!isOn) {
                stream?.getTracks().forEach((track) => track.stop());
            }
        } } }, icon('camera'), 'Use the camera');
        put(dialog, h('h2', {}, title), video, say, h('div', { class: 'actions stretch' },
            navigator.mediaDevices?.getUserMedia && camera, h('label', { for: 'scan-file', class: 'button' }, 'Choose a picture'), file,
            h('button', { type: 'button', on: { click: () => dialog.close() } }, 'Type instead')));
        dialog.addEventListener('close', () => {
            isOn = false;
            (stream ?? video.srcObject)?.getTracks().forEach((track) => track.stop());
            dialog.remove();
            resolve(result);
        });
        document.body.append(dialog);
        dialog.showModal();
    });
}
