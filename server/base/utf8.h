/* UTF-8, strictly: no overlong form, no surrogate, nothing beyond U+10FFFF. */
#ifndef BPTM_UTF8_H
#define BPTM_UTF8_H

/** @return 1 when a NUL-terminated text is UTF-8 */
int utf8_valid(const char *text);

#endif
