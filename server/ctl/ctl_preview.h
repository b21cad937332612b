/* Putting drafts in force, the one way: previewed first. */
#ifndef BPTM_CTL_PREVIEW_H
#define BPTM_CTL_PREVIEW_H

#include "ctl/ctl.h"
#include "store/preview.h"

/** Who acts, for the audit and as publications name them (generator_list_by()). */
struct ctl_publisher {
    struct audit_by by;
    const char *who;
};

/**
 * Preview drafts and print what they change: for one programme, or when drafts->programme is NULL
 * for each that has rules in force. With `yes` put them in force then; without, that is refused.
 * @param what  for messages, such as "version 3"
 * @return EC_OK when they are in force; else with the note filled
 */
enum error_code ctl_preview_publish(struct ctl *ctl, const struct preview_new *drafts,
                                    const struct ctl_publisher *by, int yes,
                                    const char *what) MUST_CHECK;

/** As CTL options of commands that publish. */
#define CTL_PREVIEW_YES(n)                                                                         \
    {                                                                                              \
        "yes", CTL_OPTION(n), NULL, 0, "put it in force after the preview", 0                      \
    }
#define CTL_PREVIEW_PROGRAMME(n)                                                                   \
    {                                                                                              \
        "programme", CTL_OPTION(n), "CODE", 0, "preview it for this one; all with rules in force", \
            0                                                                                      \
    }

#endif
