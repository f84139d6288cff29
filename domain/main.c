/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "erase.h"
#include "keystore.h"
#include "monitor.h"
#include "oversee.h"
#include "private_file.h"
#include "senses.h"

static const char help[] =
    "dosegate-domain: the phone's medical domain, one process per role\n"
    "\n"
    "  --dir DIR            state directory, made with mode 700 (required)\n"
    "  --link ADDR          the pump: udp:127.0.0.1:PORT or "
    "tcp:127.0.0.1:PORT\n"
    "                       (required)\n"
    "  --sensor ADDR        where sensor frames arrive; default "
    "udp:127.0.0.1:0,\n"
    "                       which picks a port\n"
    "  --closed-loop on|off automatic doses toward the target; default off\n"
    "  --target MG_DL       80 .. 250, default 110\n"
    "  --isf MG_DL          insulin sensitivity, mg/dL per U, 2 .. 1000,\n"
    "                       default 50\n"
    "  --phone-battery N    percent, 0 .. 100, default 100 (on mains), or a "
    "file that\n"
    "                       holds it (/sys/class/power_supply/.../capacity)\n"
    "  --keys PLACE         where private keys are made, used and kept: file\n"
    "                       (weak, the default), tpm:TCTI or pkcs11:URI\n"
    "  --presence-keys PLACE  the same for the presence key; default as "
    "--keys\n"
    "  --page on|off        the trusted display also as a page for a browser "
    "of\n"
    "                       this machine (dosegate phone page); default off\n"
    "  --isolation NAME     linux (namespaces, seccomp, Landlock; default) or\n"
    "                       process (weak: for comparison only)\n"
    "  --ready-fd N         one JSON line goes there when all roles are "
    "confined\n"
    "  --erase              before all others: destroy keys and what is "
    "sealed\n"
    "                       under them in --dir, and end\n"
    "  --help               this text\n"
    "\n"
    "Ends on SIGTERM, or when keys, therapy or confirm ends; link and gateway "
    "are\n"
    "started again.  Exit codes: 0 ok, 1 could not "
    "run.\n";

static bool is_number(const char *text, long low, long high)
{
    char *end = NULL;

    if ((*text < '0') || (*text > '9')) {
        return false;
    }
    errno = 0;

    const long value = strtol(text, &end, 10);

    return (errno == 0) && (*end == '\0') && (value >= low) && (value <= high);
}

/* One option with its value; NULL or what is wrong with it. */
static const char *take_option(struct dg_domain_options *options,
                               const char *name,
                               const char *value)
{
    if (strcmp(name, "--dir") == 0) {
        options->dir = value;
        return (*value == '\0') ? "write a directory" : NULL;
    }
    if (strcmp(name, "--link") == 0) {
        options->link = value;
        return NULL;
    }
    if (strcmp(name, "--sensor") == 0) {
        options->sensor = value;
        return NULL;
    }
    if (strcmp(name, "--closed-loop") == 0) {
        options->closed_loop = value;
        return ((strcmp(value, "on") == 0) || (strcmp(value, "off") == 0))
                   ? NULL
                   : "write on or off";
    }
    if (strcmp(name, "--target") == 0) {
        options->target = value;
        return is_number(value, 80, 250) ? NULL : "write 80 .. 250 (mg/dL)";
    }
    if (strcmp(name, "--isf") == 0) {
        options->isf = value;
        return is_number(value, 2, 1000) ? NULL
                                         : "write 2 .. 1000 (mg/dL per U)";
    }
    if (strcmp(name, "--phone-battery") == 0) {
        options->phone_battery = value;
        return ((value[0] == '/') || is_number(value, 0, 100))
                   ? NULL
                   : "write 0 .. 100 (percent), or the path of a file";
    }
    if ((strcmp(name, "--keys") == 0) ||
        (strcmp(name, "--presence-keys") == 0)) {
        *((name[2] == 'k') ? &options->keys : &options->presence_keys) = value;
        return ((dg_keystore_row_of(value) == NULL) ||
                (strlen(value) >= DG_KEYSTORE_WHERE_MAX))
                   ? "write file, tpm:TCTI or pkcs11:URI"
                   : NULL;
    }
    if (strcmp(name, "--page") == 0) {
        options->page = strcmp(value, "on") == 0;
        return (options->page || (strcmp(value, "off") == 0))
                   ? NULL
                   : "write on or off";
    }
    if (strcmp(name, "--isolation") == 0) {
        options->isolation = value;
        return (dg_backend_named(value) != NULL) ? NULL
                                                 : "write linux or process";
    }
    if (strcmp(name, "--ready-fd") == 0) {
        if (!is_number(value, 0, 1023)) {
            return "write the number of an open descriptor";
        }
        options->ready_fd = (int)strtol(value, NULL, 10);
        return (fcntl(options->ready_fd, F_SETFD, FD_CLOEXEC) == 0)
                   ? NULL
                   : "that descriptor is not open";
    }
    return "no such option: see --help";
}

static bool read_options(struct dg_domain_options *options,
                         int argc,
                         char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        const char *wrong = (i + 1 < argc)
                                ? take_option(options, argv[i], argv[i + 1])
                                : "its value is missing: see --help";

        if (wrong != NULL) {
            (void)fprintf(stderr, "dosegate-domain: %s: %s\n", argv[i], wrong);
            return false;
        }
    }
    if ((options->dir == NULL) || (options->link == NULL)) {
        (void)fprintf(stderr,
                      "dosegate-domain: --dir and --link are needed: see "
                      "--help\n");
        return false;
    }

    /* Told here, in words, before five processes trip over it. */
    if (strlen(options->dir) + sizeof("/confirm.sock") >
        sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        (void)fprintf(stderr,
                      "dosegate-domain: --dir is too long for a socket path: "
                      "choose one of at most %zu characters\n",
                      sizeof(((struct sockaddr_un *)NULL)->sun_path) -
                          sizeof("/confirm.sock"));
        return false;
    }
    return true;
}

static void remove_sockets(const struct dg_domain_options *options)
{
    char path[DG_PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s/gateway.sock", options->dir);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/confirm.sock", options->dir);
    (void)unlink(path);
}

/* Nobody looks into us, nobody has put code into us: as far as we can see. */
static bool is_untouched(void)
{
    const char *why = NULL;

    if (dg_senses_has_preload(environ)) {
        why = dg_monitor_text(DG_FINDING_PRELOAD);
    } else if (dg_senses_is_traced(0)) {
        why = "it is traced: end the debugger first";
    } else if (dg_senses_has_loose_memory()) {
        why = dg_monitor_text(DG_FINDING_MEMORY);
    } else if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        why = "the kernel does not let it hide its memory";
    }
    if (why != NULL) {
        (void)fprintf(stderr, "dosegate-domain: not started: %s\n", why);
    }
    return why == NULL;
}

static int erase(const struct dg_domain_options *options)
{
    struct dg_crypto crypto;

    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        (void)fprintf(stderr, "dosegate-domain: OpenSSL 3 does not start\n");
        return 1;
    }

    const bool done =
        dg_erase(&crypto, options->dir, options->keys, options->presence_keys);

    dg_crypto_openssl_free(&crypto);
    return done ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct dg_domain_options options = {.sensor = "udp:127.0.0.1:0",
                                        .closed_loop = "off",
                                        .target = "110",
                                        .isf = "50",
                                        .phone_battery = "100",
                                        .isolation = "linux",
                                        .keys = "file",
                                        .ready_fd = -1};
    char why[DG_PRIVATE_WHY_MAX];
    sigset_t set;
    int directory = -1;
    bool erases = false;

    if ((argc == 2) && (strcmp(argv[1], "--help") == 0)) {
        (void)fputs(help, stdout);
        return 0;
    }
    if ((argc > 1) && (strcmp(argv[1], "--erase") == 0)) {
        options.link = ""; /* there is nobody to talk to */
        erases = true;
        argc--;
        argv++;
    }
    if (!read_options(&options, argc, argv)) {
        return 1;
    }
    if (options.presence_keys == NULL) {
        options.presence_keys = options.keys;
    }
    if (!is_untouched()) {
        return 1;
    }
    if (dg_private_directory_open(options.dir, &directory, why) != DG_OK) {
        (void)fprintf(stderr, "dosegate-domain: %s\n", why);
        return 1;
    }
    if (flock(directory, LOCK_EX | LOCK_NB) != 0) {
        (void)fprintf(stderr,
                      "dosegate-domain: another domain runs in %s: end it "
                      "first, or choose another --dir\n",
                      options.dir);
        return 1;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    if (erases) {
        return erase(&options);
    }
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);

    const int signals = signalfd(-1, &set, SFD_CLOEXEC);

    if (signals < 0) {
        (void)fprintf(
            stderr, "dosegate-domain: no signals: %s\n", strerror(errno));
        return 1;
    }

    struct dg_crypto crypto;

    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        (void)fprintf(stderr, "dosegate-domain: OpenSSL 3 does not start\n");
        return 1;
    }

    const int code = dg_oversee(&options, &crypto, directory, signals);

    dg_crypto_openssl_free(&crypto);
    remove_sockets(&options);
    return code;
}
