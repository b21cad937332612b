/* A foreign program that reads foreign files, as a child that can do little else. */
#include <config.h> /* extensions of GNU */

#include "base/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENV_MAX = 16, EXIT_NOT_RUN = 127, FILES_MAX = 64 };

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#else
#error "say here which architecture system calls are to be checked for"
#endif

/* -- in the child, before the program -------------------------------------------------------- */

/* System calls that it is refused (EPERM): the network, other processes, other name spaces. */
static const int refused[] = {
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_ptrace,
    SYS_bpf,
    SYS_mount,
    SYS_unshare,
    SYS_setns,
    SYS_keyctl,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_add_key,
    SYS_kill,
    SYS_tgkill,
    SYS_pidfd_open,
    SYS_perf_event_open,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
};
enum { REFUSED = sizeof(refused) / sizeof(*refused) };

static int refuse_calls(void)
{
    struct sock_filter filter[2 * REFUSED + 5];
    size_t n = 0;

    filter[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    filter[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < REFUSED; i++) {
        filter[n++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)refused[i], 0, 1);
        filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    }
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct sock_fprog program = {(unsigned short)n, filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

enum {
    LOOK = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE,
    CHANGE = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
             LANDLOCK_ACCESS_FS_REMOVE_FILE,
    EVERYTHING = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1, /* all that the first version knows */
    OF_FILES =
        LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE,
};

static void open_path(int ruleset, const char *path, unsigned access)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access,
                                              .parent_fd = open(path, O_PATH | O_CLOEXEC)};
    if (rule.parent_fd < 0)
        return; /* not there on this machine */
    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

static int confine(const char *folder)
{
    static const char *const installed[] = {"/usr", "/lib", "/lib64", "/bin"};
    const struct landlock_ruleset_attr attr = {.handled_access_fs = EVERYTHING};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

    if (ruleset < 0)
        return errno == ENOSYS || errno == EOPNOTSUPP; /* a kernel without it */
    for (size_t i = 0; i < sizeof(installed) / sizeof(*installed); i++)
        open_path(ruleset, installed[i], LOOK);
    open_path(ruleset, "/etc/ld.so.cache", LANDLOCK_ACCESS_FS_READ_FILE);
    open_path(ruleset, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
    open_path(ruleset, "/dev/urandom", LANDLOCK_ACCESS_FS_READ_FILE);
    open_path(ruleset, folder, LOOK | CHANGE);
    int good = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return good;
}

static int limit(const struct sandbox *box)
{
    const struct {
        int what;
        rlim_t most;
    } limits[] = {
        {RLIMIT_CPU, box->seconds},
        {RLIMIT_AS, box->memory_bytes},
        {RLIMIT_FSIZE, box->file_bytes},
        {RLIMIT_NOFILE, FILES_MAX},
        {RLIMIT_CORE, 0},
    };
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
        if (setrlimit(limits[i].what, &(struct rlimit){limits[i].most, limits[i].most}) != 0)
            return 0;
    return 1;
}

static int stands_on(int fd, const char *path, int flags)
{
    int opened = open(path, flags, 0600);
    if (opened < 0 || dup2(opened, fd) < 0)
        return 0;
    if (opened != fd)
        close(opened);
    return 1;
}

static void become(const struct sandbox *box)
{
    const char *env[ENV_MAX + 1] = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", "LANG=C.UTF-8"};
    char path[128];
    size_t n = 3;

    while (n < ENV_MAX && box->env[n - 3] != NULL) {
        env[n] = box->env[n - 3];
        n++;
    }
    snprintf(path, sizeof(path), "/usr/bin/%s", box->argv[0]);
    int good = setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
               prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && chdir(box->folder) == 0 &&
               stands_on(STDIN_FILENO, "/dev/null", O_RDONLY) &&
               stands_on(STDOUT_FILENO, box->out, O_WRONLY | O_CREAT | O_TRUNC) &&
               stands_on(STDERR_FILENO, "complaint", O_WRONLY | O_CREAT | O_TRUNC) &&
               syscall(SYS_close_range, 3, ~0U, 0) == 0 && limit(box) && confine(box->folder) &&
               refuse_calls();
    if (good)
        execve(path, (char *const *)box->argv, (char *const *)env);
    _exit(EXIT_NOT_RUN);
}

/* -- in the parent --------------------------------------------------------------------------- */

/* Wait, at most twice the CPU time that it has. */
static int await(pid_t pid, unsigned seconds, int *ret_late)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0), status = 0;
    struct pollfd end = {.fd = fd, .events = POLLIN};

    *ret_late = fd >= 0 && poll(&end, 1, (int)seconds * 2000) == 0;
    if (*ret_late || fd < 0)
        kill(-pid, SIGKILL);
    if (fd >= 0)
        close(fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static int tells(const struct sandbox *box, const char *line)
{
    for (size_t i = 0; box->telling != NULL && box->telling[i] != NULL; i++)
        if (strstr(line, box->telling[i]) != NULL)
            return 1;
    return 0;
}

/* What it complained with: the first line, or the first that tells more. */
static void complaint(const struct sandbox *box, char *ret_note)
{
    char path[SANDBOX_FOLDER_MAX + 16], line[SANDBOX_NOTE_MAX];
    int lines = 0, is_telling = 0;

    snprintf(path, sizeof(path), "%s/complaint", box->folder);
    snprintf(ret_note, SANDBOX_NOTE_MAX, "%.60s failed and does not say why", box->argv[0]);
    FILE *f = fopen(path, "re");
    for (; f != NULL && !is_telling && fgets(line, sizeof(line), f) != NULL; lines++) {
        is_telling = tells(box, line);
        if (lines == 0 || is_telling)
            snprintf(ret_note, SANDBOX_NOTE_MAX, "%.*s", (int)strcspn(line, "\n"), line);
    }
    if (f != NULL)
        fclose(f);
}

static enum error_code judge(const struct sandbox *box, int status, int is_late, char *ret_note)
{
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    if (is_late || signal == SIGXCPU || (signal == SIGKILL && !is_late))
        snprintf(ret_note, SANDBOX_NOTE_MAX, "takes %.60s more than %u s", box->argv[0],
                 box->seconds);
    else if (signal == SIGXFSZ)
        snprintf(ret_note, SANDBOX_NOTE_MAX, "makes more than %zu MiB", box->file_bytes >> 20);
    else if (signal != 0)
        snprintf(ret_note, SANDBOX_NOTE_MAX, "%.60s was ended by signal %d, with %zu MiB of memory",
                 box->argv[0], signal, box->memory_bytes >> 20);
    else if (WEXITSTATUS(status) == EXIT_NOT_RUN) {
        snprintf(ret_note, SANDBOX_NOTE_MAX, "%.60s could not be run: is it installed?",
                 box->argv[0]);
        return EC_IO;
    } else if (WEXITSTATUS(status) != 0)
        complaint(box, ret_note);
    else
        return EC_OK;
    return EC_FIELDS_INVALID;
}

enum error_code sandbox_run(const struct sandbox *box, char *ret_note)
{
    int is_late = 0;
    pid_t pid = fork();

    if (pid == 0)
        become(box);
    if (pid < 0) {
        snprintf(ret_note, SANDBOX_NOTE_MAX, "%.60s: %s", box->argv[0], strerror(errno));
        return EC_IO;
    }
    int status = await(pid, box->seconds, &is_late);
    return judge(box, status, is_late, ret_note);
}

enum error_code sandbox_folder(char ret[SANDBOX_FOLDER_MAX], char *ret_note)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(ret, SANDBOX_FOLDER_MAX, "%s/bptm-XXXXXX",
             tmp != NULL && tmp[0] == '/' ? tmp : "/var/tmp");
    if (mkdtemp(ret) != NULL)
        return EC_OK;
    snprintf(ret_note, SANDBOX_NOTE_MAX, "%.200s: %s", ret, strerror(errno));
    return EC_IO;
}

void sandbox_remove(const char *folder)
{
    DIR *d = opendir(folder);

    if (d == NULL)
        return;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(folder);
}
