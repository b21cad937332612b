/* The real bptm-sim: its files, its refusals, its control socket, and what a kill leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "flash.h"

#define KEY "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"

enum { ARGS_MAX = 24, WAIT_MS = 20000 };

static char dir[64];
static char homes[96], control[96], path[160], log_path[96];

/* ---- helpers ---- */

static void sleep_ms(unsigned ms)
{
    const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

static pid_t spawn(const char *const *args)
{
    char *argv[ARGS_MAX] = {NULL};
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing stays behind when a test fails */
    argv[0] = strdup(SIM);
    for (int i = 0; args[i] != NULL; i++)
        argv[i + 1] = strdup(args[i]);
    fclose(stdin);
    if (freopen(log_path, "a", stderr) == NULL || freopen("/dev/null", "w", stdout) == NULL)
        _exit(126);
    execv(SIM, argv);
    _exit(127);
}

static int finish(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define SIM_RUN(...) finish(spawn((const char *const[]){__VA_ARGS__, NULL}))

static const char *slurp(const char *name)
{
    static char text[65536];
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), "%s/%s", homes, name);
    f = fopen(name[0] == '/' ? name : path, "r");
    assert_non_null(f);
    n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/bptm-sim-test-XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(homes, sizeof(homes), "%s/homes", dir);
    snprintf(control, sizeof(control), "%s/control", dir);
    snprintf(log_path, sizeof(log_path), "%s/log", dir);
    return 0;
}

static int teardown(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    return system(command);
}

static void provision(const char *count)
{
    assert_int_equal(
        SIM_RUN("provision", "--dir", homes, "--homes", count, "--fleet-key", KEY, "--seed", "5"),
        0);
}

/* A broker that nobody runs: port 1 of the loopback refuses. */
static pid_t start(const char *count, const char *speed)
{
    const char *const args[] = {"run",         "--dir",     homes,   "--homes", count, "--broker",
                                "127.0.0.1:1", "--control", control, "--speed", speed, NULL};

    return spawn(args);
}

static int dial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(address.sun_path, control);
    for (int waited = 0; waited < WAIT_MS; waited += 20) {
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
            return fd;
        sleep_ms(20);
    }
    fail_msg("no control socket: %s", slurp(log_path));
    return -1;
}

static const char *ask(int fd, const char *line)
{
    static char answer[1024];
    size_t len = 0;

    assert_int_equal(write(fd, line, strlen(line)), (ssize_t)strlen(line));
    assert_int_equal(write(fd, "\n", 1), 1);
    while (len < sizeof(answer) - 1 && read(fd, answer + len, 1) == 1 && answer[len] != '\n')
        len++;
    answer[len] = '\0';
    return answer;
}

/* Wait until the answer to "1 status" contains a text. */
static void await(int fd, const char *text)
{
    for (int waited = 0; waited < WAIT_MS; waited += 20) {
        if (strstr(ask(fd, "1 status"), text) != NULL)
            return;
        sleep_ms(20);
    }
    fail_msg("never '%s': %s", text, ask(fd, "1 status"));
}

static unsigned status_number(int fd, const char *name)
{
    const char *at = strstr(ask(fd, "1 status"), name);

    assert_non_null(at);
    return (unsigned)strtoul(at + strlen(name), NULL, 10);
}

/* ---- provision ---- */

static void test_provision(void **state)
{
    struct stat st;
    const char *text;

    (void)state;
    provision("3");
    text = slurp("manifest.csv");
    assert_ptr_equal(strstr(text, "serial,public_key,model,hardware_revision\nBPTM-SIM-00001,"),
                     text);
    assert_non_null(strstr(text, "\nBPTM-SIM-00003,"));
    assert_non_null(strstr(text, ",BPTM-REF-1,sim\n"));
    text = slurp("passwd");
    assert_ptr_equal(strstr(text, "BPTM-SIM-00001:"), text);
    assert_int_equal(strcspn(text, "\n"), strlen("BPTM-SIM-00001:") + 24);
    for (int i = 1; i <= 3; i++) {
        snprintf(path, sizeof(path), "%s/home-%05d.flash", homes, i);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(st.st_size, 18 * 4096);
    }
    snprintf(path, sizeof(path), "%s/passwd", homes);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* The same seed gives the same devices; without a seed no two are alike. */
static void test_seed(void **state)
{
    char first[1024];

    (void)state;
    provision("2");
    strcpy(first, slurp("manifest.csv"));
    teardown(state);
    setup(state);
    provision("2");
    assert_string_equal(slurp("manifest.csv"), first);
    teardown(state);
    setup(state);
    assert_int_equal(SIM_RUN("provision", "--dir", homes, "--homes", "2", "--fleet-key", KEY), 0);
    assert_string_not_equal(slurp("manifest.csv"), first);
}

/* Devices that exist are never made anew. */
static void test_no_overwrite(void **state)
{
    char first[1024];

    (void)state;
    provision("2");
    strcpy(first, slurp("passwd"));
    assert_int_not_equal(SIM_RUN("provision", "--dir", homes, "--homes", "2", "--fleet-key", KEY),
                         0);
    assert_string_equal(slurp("passwd"), first);
}

static void test_refusals(void **state)
{
    static const char *const rows[][ARGS_MAX] = {
        {"provision"},
        {"provision", "--dir", "/nonexistent/x", "--homes", "1", "--fleet-key", KEY},
        {"provision", "--dir", "x", "--homes", "0", "--fleet-key", KEY},
        {"provision", "--dir", "x", "--homes", "20001", "--fleet-key", KEY},
        {"provision", "--dir", "x", "--homes", "-1", "--fleet-key", KEY},
        {"provision", "--dir", "x", "--homes", "1", "--fleet-key", "abcd"},
        {"provision", "--dir", "x", "--homes", "1", "--fleet-key", KEY "00"},
        {"provision", "--dir", "x", "--homes", "1", "--fleet-key", KEY, "--fail_ms", "999"},
        {"provision", "--dir", "x", "--homes", "1", "--fleet-key", KEY, "--dwell_ms", "5001"},
        {"provision", "--dir", "x", "--homes", "1", "--fleet-key", KEY, "--policy", "2"},
        {"provision", "--dir", "x", "--homes", "1", "--fleet-key", KEY, "--model", "a,b"},
        {"provision", "--dir", "x", "--homes", "1", "--fleet-key", KEY, "--seed", "1x"},
        {"run"},
        {"run", "--dir", "/nonexistent", "--homes", "1", "--broker", "127.0.0.1:1"},
        {"run", "--dir", "/tmp", "--homes", "1", "--broker", "127.0.0.1"},
        {"run", "--dir", "/tmp", "--homes", "1", "--broker", "127.0.0.1:nosuchport"},
        {"run", "--dir", "/tmp", "--homes", "1", "--broker", "127.0.0.1:1", "--speed", "0"},
        {"run", "--dir", "/tmp", "--homes", "1", "--broker", "127.0.0.1:1", "--speed", "nan"},
        {"run", "--dir", "/tmp", "--homes", "1", "--broker", "127.0.0.1:1", "--storm", "5"},
        {"run", "--dir", "/tmp", "--homes", "1", "--broker", "127.0.0.1:1", "--storm", "1:2:101"},
        {"fly"},
        {"--nonsense"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int code = finish(spawn(rows[i]));

        if (code == 0 || code >= 126)
            fail_msg("row %zu ended with %d", i, code);
    }
    assert_int_equal(access("x", F_OK), -1);
    assert_int_equal(SIM_RUN("--version"), 0);
    assert_int_equal(SIM_RUN("--help"), 0);
    assert_int_equal(SIM_RUN("run", "--help"), 0);
    assert_int_equal(SIM_RUN("provision", "--help"), 0);
}

static void test_bad_image(void **state)
{
    FILE *f;

    (void)state;
    provision("1");
    snprintf(path, sizeof(path), "%s/home-00001.flash", homes);
    assert_int_equal(truncate(path, 4096), 0);
    assert_int_not_equal(SIM_RUN("run", "--dir", homes, "--homes", "1", "--broker", "127.0.0.1:1"),
                         0);
    assert_int_equal(truncate(path, 18 * 4096), 0); /* right size, no settings */
    f = fopen(path, "r+");
    assert_non_null(f);
    fputs("garbage", f);
    fclose(f);
    assert_int_not_equal(SIM_RUN("run", "--dir", homes, "--homes", "1", "--broker", "127.0.0.1:1"),
                         0);
}

/* ---- run ---- */

/* The story through the control socket, ten times as fast. */
static void test_story(void **state)
{
    pid_t pid;
    int fd;

    (void)state;
    provision("3");
    pid = start("3", "10");
    fd = dial();
    await(fd, "state=on_utility leds=1000 contactors=1");
    assert_string_equal(ask(fd, "1 utility off"), "ok");
    assert_string_equal(ask(fd, "1 generator start"), "ok");
    await(fd, "state=on_generator leds=0100 contactors=2");
    assert_string_equal(ask(fd, "1 load 22.5"), "ok");
    await(fd, "load_da=22");
    assert_string_equal(ask(fd, "1 utility on"), "ok");
    await(fd, "state=on_utility leds=1200 contactors=1");
    assert_string_equal(ask(fd, "1 generator stop"), "ok");
    await(fd, "leds=1000");
    assert_non_null(strstr(ask(fd, "2 status"), "home=2 device=BPTM-SIM-00002 state=on_utility"));
    assert_non_null(strstr(ask(fd, "all status"), "homes=3 up=0 on_generator=0 faulty=0"));
    assert_string_equal(ask(fd, "all utility off"), "ok");
    assert_string_equal(ask(fd, "quit"), "ok");
    assert_int_equal(finish(pid), 0);
    close(fd);
    assert_int_equal(access(control, F_OK), -1);
    assert_non_null(strstr(slurp(log_path), "home=1 device=BPTM-SIM-00001"));
}

static void test_bad_lines(void **state)
{
    static const char *const lines[] = {
        "",          "1",           "0 status",    "4 status",       "x status",
        "1 utility", "1 utility x", "1 load",      "1 load 200.1",   "1 load -1",
        "1 load 1e", "1 fly up",    "1 status x",  "1 utility on x", "1x status",
        "quit now",  "all",         "1 reset now", "all reboot x",
    };
    char longest[600];
    pid_t pid;
    int fd;

    (void)state;
    provision("3");
    pid = start("3", "1");
    fd = dial();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (strncmp(ask(fd, lines[i]), "error ", 6) != 0)
            fail_msg("'%s' was taken", lines[i]);
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    send(fd, longest, sizeof(longest) - 1, MSG_NOSIGNAL);
    assert_true(recv(fd, longest, sizeof(longest), 0) <= 0); /* hung up */
    close(fd);
    fd = dial();
    assert_non_null(strstr(ask(fd, "1 status"), "home=1"));
    close(fd);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(finish(pid), 0);
}

/* A killed process loses nothing that was written, and the next start counts on. */
static void test_kill(void **state)
{
    unsigned written;
    pid_t pid;
    int fd;

    (void)state;
    provision("1");
    pid = start("1", "10");
    fd = dial();
    await(fd, "on_utility");
    assert_string_equal(ask(fd, "1 utility off"), "ok");
    await(fd, "leds=0000");
    written = status_number(fd, "written=");
    assert_int_equal(written, 2);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(finish(pid), 128 + SIGKILL);
    close(fd);
    pid = start("1", "10"); /* the dead process left its socket behind */
    fd = dial();
    await(fd, "on_utility leds=1000");
    await(fd, "written=4"); /* and boot, utility_restored */
    assert_int_equal(status_number(fd, "boot="), 2);
    assert_string_equal(ask(fd, "1 reboot"), "ok");
    await(fd, "boot=3");
    assert_string_equal(ask(fd, "quit"), "ok");
    assert_int_equal(finish(pid), 0);
    close(fd);
}

static void test_one_process_per_folder(void **state)
{
    pid_t pid;
    int fd;

    (void)state;
    provision("1");
    pid = start("1", "1");
    fd = dial();
    assert_int_not_equal(SIM_RUN("run", "--dir", homes, "--homes", "1", "--broker", "127.0.0.1:1"),
                         0);
    assert_string_equal(ask(fd, "quit"), "ok");
    assert_int_equal(finish(pid), 0);
    close(fd);
}

static void test_storm(void **state)
{
    const char *const args[] = {"run",      "--dir",       homes,     "--homes", "5",
                                "--broker", "127.0.0.1:1", "--speed", "20",      "--storm",
                                "1:20",     "--duration",  "60",      NULL};
    const char *log;
    int closed = 0;

    (void)state;
    provision("5");
    assert_int_equal(finish(spawn(args)), 0);
    log = slurp(log_path);
    while ((log = strstr(log, "state=on_generator")) != NULL) {
        closed++;
        log++;
    }
    assert_int_equal(closed, 5);
}

/* ---- scripts ---- */

static const char faults[] = "circuit NORTH 1 4   # homes\n"
                             "circuit SOUTH 5 6\n"
                             "\n"
                             "20     NORTH utility off\n"
                             "22~10  NORTH generator start\n"
                             "25     1     generator fragile\n"
                             "30.5   SOUTH utility flap\n"
                             "40     2     tear 3\n"
                             "45     all   self_test\n"
                             "50     3     weld hidden\n"
                             "60     SOUTH utility on\n"
                             "70~2   NORTH utility on\n"
                             "80     4     clock_forward 100\n"
                             "100~9  NORTH generator stop\n"
                             "110    all   link down\n";

static void write_script(const char *text)
{
    FILE *f;

    snprintf(path, sizeof(path), "%s/script", dir);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* Six homes, two simulated minutes; all the flash images as one checksum. */
static uint32_t images_after(const char *seed)
{
    static uint8_t image[1 << 20];
    char remove[128], script[128];
    uint32_t crc = 0;

    snprintf(remove, sizeof(remove), "rm -rf '%s'", homes);
    assert_int_equal(system(remove), 0);
    provision("6");
    snprintf(script, sizeof(script), "%s/script", dir);
    assert_int_equal(SIM_RUN("run", "--dir", homes, "--homes", "6", "--offline", "--duration",
                             "120", "--script", script, "--seed", seed),
                     0);
    for (int i = 1; i <= 6; i++) {
        FILE *f;

        snprintf(path, sizeof(path), "%s/home-%05d.flash", homes, i);
        f = fopen(path, "r");
        assert_non_null(f);
        crc = flash_crc(crc, image, (uint32_t)fread(image, 1, sizeof(image), f));
        fclose(f);
    }
    return crc;
}

/* The same seed leaves the same journals, another one does not; and each fault left its mark. */
static void test_script(void **state)
{
    uint32_t first;
    const char *log;

    (void)state;
    write_script(faults);
    first = images_after("7");
    assert_int_equal(images_after("7"), first);
    assert_int_not_equal(images_after("8"), first);
    log = slurp(log_path);
    assert_non_null(strstr(log, "home=1 device=BPTM-SIM-00001 t_ms="));
    assert_non_null(strstr(log, "event=restart"));      /* the torn flash */
    assert_non_null(strstr(log, "state=on_generator")); /* an outage */
    assert_non_null(strstr(log, "state=fault_"));       /* the weld */
    assert_null(strstr(log, "event=script error"));
}

static void test_bad_scripts(void **state)
{
    static const char *const bad[] = {"10 all utility sideways\n",
                                      "x all utility on\n",
                                      "10 NOWHERE utility on\n",
                                      "10 7 utility on\n",
                                      "10 all\n",
                                      "circuit A 1 99\n",
                                      "10~ all utility on\n",
                                      "10 all utility on now\n"};
    char script[128];

    (void)state;
    provision("2");
    snprintf(script, sizeof(script), "%s/script", dir);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        write_script(bad[i]);
        assert_int_not_equal(SIM_RUN("run", "--dir", homes, "--homes", "2", "--offline",
                                     "--duration", "20", "--script", script),
                             0);
    }
    assert_non_null(strstr(slurp(log_path), "script:1: "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_provision), TEST(test_seed),      TEST(test_no_overwrite),
        TEST(test_refusals),  TEST(test_bad_image), TEST(test_story),
        TEST(test_bad_lines), TEST(test_kill),      TEST(test_one_process_per_folder),
        TEST(test_storm),     TEST(test_script),    TEST(test_bad_scripts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
