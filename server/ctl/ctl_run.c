/* Other programs as children of bptmctl: those of PostgreSQL and OpenSSL. */
#include <config.h> /* extensions of GNU */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/ctl.h"

/* Ctrl-C is for the program alone: what it leaves behind is then put right here. */
static const int signals[] = {SIGINT, SIGQUIT};
enum { SIGNALS = sizeof(signals) / sizeof(*signals) };

static int start(const char *const argv[], int in, int out, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t set;

    sigemptyset(&set);
    for (int i = 0; i < SIGNALS; i++)
        sigaddset(&set, signals[i]);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int rc = in >= 0 ? posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO)
                     : posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                                        O_RDONLY, 0);
    if (rc == 0 && out >= 0)
        rc = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(&attributes, &set);
    if (rc == 0)
        rc = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    if (rc == 0)
        rc = posix_spawnp(ret, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

enum error_code ctl_run(struct ctl *ctl, const char *const argv[], int in, int out)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, kept[SIGNALS];
    pid_t pid = -1;
    int status = 0;

    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &ignore, &kept[i]);
    int rc = start(argv, in, out, &pid);
    while (rc == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &kept[i], NULL);
    if (rc != 0)
        return ctl_fail(ctl, EC_IO, "%s: %s", argv[0], strerror(rc));
    if (WIFSIGNALED(status))
        return ctl_fail(ctl, EC_IO, "%s was ended by signal %d", argv[0], WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return ctl_fail(ctl, EC_IO, "%s failed", argv[0]);
    return EC_OK;
}
