// A QR code as a drawing, by the qrcode-generator that bring.sh took along from Debian; loaded when one is needed.
import { h, s } from '/lib/dom.js';

/** The code of a text as SVG; without the library, or for a text that is too long, nothing. */
export async function qrCode(text, label) {
    let code;
    try {
        const { default: qrcode } = await import('/vendor/qrcode.js');
        code = qrcode(0, 'M');
        code.addData(text);
        code.make();
    } catch {
        return null;
    }
    const n = code.getModuleCount();
    const quiet = 4;
    let path = '';
    for (let row = 0; row < n; row++) {
        for (let column = 0; column < n; column++) {
            if (code.isDark(row, column)) {
                path += `M${column + quiet} ${row + quiet}h1v1h-1z`;
            }
        }
    }
    const side = n + 2 * quiet;
    return h('figure', { class: 'qr' }, s('svg', { viewBox: `0 0 ${side} ${side}`, role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' },
        s('rect', { width: side, height: side, fill: '#fff' }), s('path', { d: path, fill: '#000' })));
}
