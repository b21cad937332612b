// Reads QR codes out of pixels, beside the page: jsqr, which bring.sh fetched when this was built.
import '/vendor/jsqr.js';

onmessage = ({ data: { id, data, width, height } }) => {
    const found = self.jsQR(data, width, height, { inversionAttempts: 'attemptBoth' });
    postMessage({ id, text: found?.data || undefined });
};
postMessage('ready');
