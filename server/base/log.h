/* key=value log lines on stderr, one event a line. */
#ifndef BPTM_LOG_H
#define BPTM_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/** Least important level that is written; LOG_LEVEL_INFO at start. Call before threads start. */
void log_set_level(enum log_level level);

/**
 * Write `ts=... level=... event=...` and the fields, given as name and value pairs of C strings
 * that end with NULL: log_event(LOG_LEVEL_INFO, "listening", "address", "127.0.0.1:8080", NULL).
 * Values are quoted and escaped where needed, a NULL value is written as `-`; a line is at most
 * 1,024 bytes. No personal data, no secrets. Thread-safe.
 */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

/** printf into a small static-per-thread ring of buffers, for values of log_event(): 8 x 64 bytes.
 */
const char *log_value(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
