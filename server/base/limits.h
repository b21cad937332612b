/* Every limit of the server that is not a key of bptmd.conf(5); the documents quote this table. */
#ifndef BPTM_LIMITS_H
#define BPTM_LIMITS_H

enum {
    /* database */
    LIMIT_DB_CONNECT_S = 5,         /* to open a connection */
    LIMIT_DB_STATEMENT_MS = 30000,  /* server side, one statement */
    LIMIT_DB_LOCK_MS = 10000,       /* server side, one lock */
    LIMIT_UPGRADE_LOCK_MS = 500,    /* that an upgrade waits for a table, and others behind it */
    LIMIT_UPGRADE_PAUSE_MS = 1000,  /* until it asks for it again */
    LIMIT_UPGRADE_WAIT_MS = 600000, /* that it goes on asking */
    LIMIT_DB_ANSWER_MS = 35000,     /* client side, when the server does not even time out */
    LIMIT_DB_CHECK_MS = 2000,    /* server side, whether who asked for long work is still there */
    LIMIT_DB_IDLE_TX_MS = 60000, /* server side, an abandoned transaction */
    LIMIT_MIGRATE_MS = 86400000, /* for a statement of a patch or an object of the schema */
    LIMIT_DB_TRIES = 5,          /* runs of one transaction */
    LIMIT_DB_BACKOFF_MS = 50,    /* wait before the second run; doubles */
    LIMIT_DB_STATEMENTS = 128,   /* prepared statements a connection keeps */

    /* REST; what a head may hold is in http/guard.h, the body of each route in its table */
    LIMIT_HTTP_MEMORY = 32 * 1024,    /* head and read buffer of one connection */
    LIMIT_HTTP_BACKLOG = 128,         /* connections that wait to be accepted */
    LIMIT_HTTP_DRAIN = 1024 * 1024,   /* bytes of a refused body that are read before the answer */
    LIMIT_HTTP_STOP_MS = 3000,        /* for answers in flight to go out */
    LIMIT_HTTP_ANSWER_S = 900,        /* to make an answer and to read it */
    LIMIT_HTTP_WATCH_MS = 250,        /* late connections are looked for this often */
    LIMIT_HTTP_ACCEPT_PAUSE_MS = 100, /* before the next try, when descriptors or memory ran out */
    LIMIT_TLS_FILE = 64 * 1024,       /* bytes of a file with certificates, or a key */
    LIMIT_TLS_CHAIN = 8,              /* certificates from the server's up */
    LIMIT_RATE_PLACES = 16384,        /* tokens, addresses and devices whose pace is remembered */

    /* web pages and their sessions */
    LIMIT_ASSETS = 512,                   /* files */
    LIMIT_ASSET_BYTES = 16 * 1024 * 1024, /* of all files together, compressed ones too */
    LIMIT_SESSION_H = 10,                 /* a session lasts this long, whatever is done in it */
    LIMIT_SESSIONS = 16,                  /* of one subject; the oldest ends */
    LIMIT_SESSION_KEEP_DAYS = 30,         /* an ended one is known this long */

    /* the identity provider */
    LIMIT_OIDC_TOKEN = 4096,       /* bytes of one */
    LIMIT_OIDC_LEEWAY_S = 60,      /* by which its clock may differ from ours */
    LIMIT_OIDC_LIFETIME_S = 86400, /* from iat to exp: nobody can take a token back */
    LIMIT_OIDC_KEYS = 32,          /* of its set; more are passed over */
    LIMIT_OIDC_HEAD = 16 * 1024,   /* bytes of an answer's head */
    LIMIT_OIDC_BODY = 256 * 1024,  /* bytes of an answer's body */
    LIMIT_OIDC_CONNECT_MS = 2000,  /* to reach it */
    LIMIT_OIDC_TOTAL_MS = 5000,    /* for one answer, from name to end */
    LIMIT_OIDC_WAITERS = 1,        /* requests that wait for its keys; others are answered 503 */
    LIMIT_OIDC_WAIT_MS = 2000,     /* for so long */

    LIMIT_SIGN_IN_S = 300,      /* to come back from it with a person */
    LIMIT_SIGN_INS = 4096,      /* under way; the oldest gives its place */
    LIMIT_SIGN_INS_CLIENT = 32, /* of one address; likewise */

    /* broker */
    LIMIT_MQTT_KEEPALIVE_S = 30,
    LIMIT_MQTT_BACKOFF_MS = 250,       /* wait before the first reconnect; doubles */
    LIMIT_MQTT_BACKOFF_MAX_MS = 15000, /* longest wait */
    LIMIT_MQTT_OUTGOING = 65536, /* receipts waiting to be sent; more are left to the resend */
    LIMIT_MQTT_TOPIC_LEN = 256,  /* of a topic kept in quarantine */
    LIMIT_MQTT_BURST_S = 10, /* a device that was quiet may send what it has for so long at once */

    /* ingest */
    LIMIT_INGEST_RESERVE = 1024, /* places of the queue kept for what one read may bring */
    LIMIT_INGEST_GROUP = 4096,   /* messages in one transaction, whatever the file says */
    LIMIT_INGEST_WORKERS = 64,   /* verifying threads */
    LIMIT_INGEST_RETRY_MS = 200, /* wait before a group meets the database again; doubles */
    LIMIT_INGEST_RETRY_MAX_MS = 2000,
    LIMIT_INGEST_STOP_MS = 10000,  /* to finish and receipt what is in flight */
    LIMIT_INGEST_PACE_MS = 2000,   /* pace asked of devices while the queue is over half full */
    LIMIT_KEYS = 131072,           /* devices whose keys are kept in memory */
    LIMIT_KEYS_PER_DEVICE = 4,     /* keys of one device that are looked at; valid ones first */
    LIMIT_KEY_OVERLAP_S = 7776000, /* that an old key of a device stays good beside a new one */
    LIMIT_KEY_OVERLAP_DEFAULT_S = 604800, /* the same, when nothing is said */
    LIMIT_KEYS_REFRESH_MS = 1000,         /* one device is read again at most this often */
    LIMIT_KEYS_REFRESH_PER_S = 2000,      /* look-ups of devices, all together */
    LIMIT_BOOTS = 65536,                  /* starts of devices whose row is known to exist */
    LIMIT_RECEIPTS = 16384,               /* devices whose newest receipt is not remembered yet */
    LIMIT_RECEIPT_HOLD_MS = 1000,         /* newer ones may replace it for so long */
    LIMIT_RANGES = 128,                   /* separate runs of sequences in one device's set */
    LIMIT_FORKS_PER_DEVICE = 256,         /* forked batches kept; more are counted only */
    LIMIT_QUARANTINE_PER_GROUP = 64, /* rows one transaction adds; more are counted as dropped */
    LIMIT_QUARANTINE_REPLAY = 64,    /* messages of newly registered devices taken back at a time */
    LIMIT_QUARANTINE_PAYLOAD = 8192, /* bytes kept of a message */

    /* bulk imports; what a row may hold is in codec/csv_stream.h */
    LIMIT_CIRCUIT_LIST_BYTES = 1024 * 1024, /* of a draft of a list of circuits */
    LIMIT_IMPORT_BYTES = 256 * 1024 * 1024, /* of a file */
    LIMIT_IMPORT_ROWS = 500000,             /* of a file */
    LIMIT_IMPORT_BUFFER = 256 * 1024,       /* staged rows kept in memory before they are sent */
    LIMIT_IMPORT_UPLOADS = 8,               /* at one time */
    LIMIT_IMPORT_UPLOAD_S = 900,            /* for one upload */
    LIMIT_IMPORT_MS = 600000,               /* for one statement of the work on a file */
    LIMIT_IMPORT_PIECE = 5000,              /* rows that one statement checks or writes */
    LIMIT_IMPORT_LIST_TRIES = 20,           /* of a list with rows that contradict each other */
    LIMIT_IMPORT_ERRORS = 20000,            /* kept of one file; more and its check gives up */
    LIMIT_IMPORT_KEEP_DAYS = 7,             /* staged rows after the end, and imports left alone */

    /* previews, one at a time */
    LIMIT_PREVIEWS = 32,        /* waiting, with the one that is made */
    LIMIT_PREVIEW_MS = 1800000, /* for one */

    /* files of zones, and the programs that read them */
    LIMIT_ZONES_BYTES = 256 * 1024 * 1024, /* of a file */
    LIMIT_ZONES_S = 120,                   /* of CPU for one step */
    LIMIT_ZONES_MEMORY_MIB = 2048,         /* address space */

    /* the auditor of decisions */
    LIMIT_AUDIT_PAGE = 500, /* decisions that one statement recomputes */

    /* seals over the audit */
    LIMIT_AUDIT_SEAL = 1000,     /* rows of the audit in one seal */
    LIMIT_AUDIT_SEALS = 20,      /* seals that one statement verifies */
    LIMIT_AUDIT_SEAL_MS = 60000, /* between two seals while no rows are left over */

    /* exports */
    LIMIT_EXPORTS = 4,                     /* at one time, each with a connection of its own */
    LIMIT_EXPORT_S = 900,                  /* for one, however slow its reader */
    LIMIT_EXPORT_PARTS = 10000,            /* of each kind of one application, for its customer */
    LIMIT_EXPORT_PIECE = 16 * 1024 * 1024, /* bytes of a piece of 1,000 rows */

    /* commands to devices */
    LIMIT_COMMANDS_OPEN = 16,        /* of one device, neither closed nor expired */
    LIMIT_COMMANDS_PER_TICK = 64,    /* signed and sent at a time */
    LIMIT_COMMAND_REPEAT_MS = 15000, /* without an answer in the journal; doubles up to 256 times */

    /* firmware */
    LIMIT_FIRMWARE_QUEUE = 256,        /* requests waiting; more are dropped, and asked again */
    LIMIT_FIRMWARE_CHUNKS_PER_S = 512, /* of 1 KiB, to all devices together */

    /* webhooks */
    LIMIT_WEBHOOKS = 32,                /* subscribers */
    LIMIT_WEBHOOK_FLIGHTS = 8,          /* messages on their way at one time, one of a subscriber */
    LIMIT_WEBHOOK_CONNECT_MS = 5000,    /* to reach it */
    LIMIT_WEBHOOK_TOTAL_MS = 15000,     /* for one try, from name to answer */
    LIMIT_WEBHOOK_HEAD = 16 * 1024,     /* bytes of an answer's head; more and the try failed */
    LIMIT_WEBHOOK_BODY = 64 * 1024,     /* bytes read of its body, which counts for nothing */
    LIMIT_WEBHOOK_CLAIM_S = 30,         /* then another process may send what one has taken */
    LIMIT_WEBHOOK_RETRY_AFTER_S = 3600, /* of what an answer asks by Retry-After */
    LIMIT_WEBHOOK_DEAD = 3, /* messages given up in a row before the subscriber is disabled */
    LIMIT_WEBHOOK_OVERLAP_H = 168, /* an old secret is used beside a new one for at most so long */
    LIMIT_WEBHOOK_KEEP_DAYS = 7,   /* delivered messages */
    LIMIT_WEBHOOK_DEAD_DAYS = 30,  /* messages given up */

    /* leases, health, jobs */
    LIMIT_TICK_MS = 1000,      /* lease renewal, counters and health are written this often */
    LIMIT_LEASE_S = 5,         /* a holder that is silent this long has lost its part */
    LIMIT_JOB_DEVICES = 1000,  /* devices whose outages one run derives */
    LIMIT_JOB_FACTS = 500,     /* devices whose facts of backup power one run makes anew */
    LIMIT_JOB_MATCHES = 100,   /* events that one run matches with other sources */
    LIMIT_JOB_ALARMS = 500,    /* devices whose alarms one run judges */
    LIMIT_JOB_MESSAGES = 5000, /* messages of webhooks that one run forgets */
    LIMIT_JOB_PLACES = 200,    /* circuits and hours whose events one run derives */
    LIMIT_JOB_DAYS = 20,       /* days whose rollups one run makes anew */
    LIMIT_IDEMPOTENCY_H = 24,  /* answers to an Idempotency-Key are kept this long */

    /* between two counts of homes with a device, and of what generators did in the field */
    LIMIT_JOB_COUNT_MS = 15000,
};

#endif
