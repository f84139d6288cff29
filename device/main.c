/* SPDX-License-Identifier: Apache-2.0 */
/* dosegate-device: the virtual pump as a process.  Everything it decides is in
 * core/; here are its limbs: link, clock, bench, and a way to end. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "crypto_openssl.h"
#include "dosegate/controller.h"
#include "flash_file.h"
#include "link.h"
#include "provision.h"
#include "world.h"

#define PATH_MAX_ 480
#define TICK_MS   500

enum { EXIT_RAN = 0, EXIT_COULD_NOT_RUN = 1 };

struct options {
    const char *dir;
    const char *link;
    const char *bench;
    const char *person;
    enum dg_package package;
    bool is_driven;
    int ready_fd;
};

/* All of one pump; static because it is large and there is one. */
struct pump {
    struct dg_crypto crypto;
    struct dg_flash_file flash;
    struct dg_world world;
    struct dg_device_ports ports;
    struct dg_device device;
    struct dg_bench bench;
    struct dg_link link;
};

static struct pump pump;
static volatile sig_atomic_t is_ending;

static const char usage[] =
    "usage: dosegate-device --dir DIR [options]\n"
    "\n"
    "A virtual insulin pump: real process, real socket, persistent flash.\n"
    "\n"
    "  --dir DIR         flash and world live here (made when absent)\n"
    "  --link ADDRESS    udp:127.0.0.1:PORT or tcp:127.0.0.1:PORT, 0 picks\n"
    "                    a port (default udp:127.0.0.1:0)\n"
    "  --bench PATH      socket of the test bench (default DIR/bench.sock)\n"
    "  --provision NAME  on a new flash: therapy of adult, adolescent, child\n"
    "  --package NAME    on a new flash: low, medium (default) or high\n"
    "  --clock KIND      real (default), or driven by the bench\n"
    "  --ready-fd N      write one JSON line there when it runs (default 1)\n"
    "  --help            this\n"
    "\n"
    "Exit: 0 ended by SIGTERM or SIGINT, 1 could not run.\n"
    "Research software, not a medical device.\n";

static void end(int signal)
{
    (void)signal;
    is_ending = 1;
}

static int complain(const char *what, const char *which, const char *remedy)
{
    (void)fprintf(stderr, "dosegate-device: %s: %s; %s\n", what, which, remedy);
    return EXIT_COULD_NOT_RUN;
}

static bool read_package(const char *name, enum dg_package *package)
{
    static const char *const names[] = {NULL, "low", "medium", "high"};

    for (unsigned i = 1U; i < 4U; i++) {
        if (strcmp(name, names[i]) == 0) {
            *package = (enum dg_package)i;
            return true;
        }
    }
    return false;
}

/* 0: go on; 1: could not; 2: help was asked for. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"dir", required_argument, NULL, 'd'},
        {"link", required_argument, NULL, 'l'},
        {"bench", required_argument, NULL, 'b'},
        {"provision", required_argument, NULL, 'p'},
        {"package", required_argument, NULL, 'k'},
        {"clock", required_argument, NULL, 'c'},
        {"ready-fd", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int letter = 0;

    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
        char *rest = NULL;

        switch (letter) {
        case 'd':
            options->dir = optarg;
            break;
        case 'l':
            options->link = optarg;
            break;
        case 'b':
            options->bench = optarg;
            break;
        case 'p':
            options->person = optarg;
            break;
        case 'k':
            if (!read_package(optarg, &options->package)) {
                return complain(
                    "--package", optarg, "write low, medium or high");
            }
            break;
        case 'c':
            options->is_driven = strcmp(optarg, "driven") == 0;
            if (!options->is_driven && (strcmp(optarg, "real") != 0)) {
                return complain("--clock", optarg, "write real or driven");
            }
            break;
        case 'r':
            options->ready_fd = (int)strtol(optarg, &rest, 10);
            if ((*optarg == '\0') || (*rest != '\0') ||
                (options->ready_fd < 1) || (options->ready_fd > 255)) {
                return complain(
                    "--ready-fd", optarg, "write an open descriptor, 1 to 255");
            }
            break;
        case 'h':
            (void)fputs(usage, stdout);
            return 2;
        default:
            (void)fputs(usage, stderr);
            return EXIT_COULD_NOT_RUN;
        }
    }
    if (optind < argc) {
        return complain("argument", argv[optind], "see --help");
    }
    if (options->dir == NULL) {
        return complain("--dir", "missing", "name the pump's directory");
    }
    return 0;
}

static bool join(char path[PATH_MAX_], const char *dir, const char *name)
{
    const int size = snprintf(path, PATH_MAX_, "%s/%s", dir, name);

    return (size > 0) && (size < PATH_MAX_);
}

/* The power is cut in the middle of a flash write. */
static void die(void *context)
{
    (void)context;
    (void)kill(getpid(), SIGKILL);
}

/* Before anything is made on disk: is this a pump, or can it become one? */
static int check_flash(const struct options *options)
{
    char path[PATH_MAX_];
    struct dg_therapy therapy;

    if (!join(path, options->dir, "flash.bin")) {
        return complain("--dir", options->dir, "use a shorter path");
    }
    if (access(path, F_OK) == 0) {
        return 0;
    }
    if (options->person == NULL) {
        return complain(
            "no flash here", path, "say --provision NAME to make a new pump");
    }
    if (dg_provision_therapy(options->person, options->package, &therapy) !=
        DG_OK) {
        return complain("--provision", options->person, dg_provision_people);
    }
    return 0;
}

static int provision(const struct options *options, const char *path)
{
    struct dg_therapy therapy;

    if (dg_provision_therapy(options->person, options->package, &therapy) !=
        DG_OK) {
        return complain("--provision", options->person, dg_provision_people);
    }
    if (dg_flash_file_create(&pump.flash, path) != DG_OK) {
        return complain("cannot make flash", path, strerror(errno));
    }

    const enum dg_status status =
        dg_provision_flash(&pump.flash.port,
                           &pump.crypto,
                           &therapy,
                           dg_world_clock(&pump.world),
                           dg_world_moved(&pump.world));

    if (status != DG_OK) {
        (void)unlink(path);
        return complain("cannot provision", path, dg_status_name(status));
    }
    return 0;
}

static int open_flash(const struct options *options)
{
    char path[PATH_MAX_];

    if (!join(path, options->dir, "flash.bin")) {
        return complain("--dir", options->dir, "use a shorter path");
    }
    if (access(path, F_OK) != 0) {
        return provision(options, path);
    }

    const enum dg_status status = dg_flash_file_open(&pump.flash, path);

    if (status == DG_E_STATE) {
        return complain("flash is in use", path, "end the other device first");
    }
    if (status == DG_E_CORRUPT) {
        return complain("not a flash image of this device",
                        path,
                        "restore the right file; nothing was changed");
    }
    return (status == DG_OK)
               ? 0
               : complain("cannot open flash", path, strerror(errno));
}

static int open_world(const struct options *options)
{
    char path[PATH_MAX_];

    if (!join(path, options->dir, "world.bin")) {
        return complain("--dir", options->dir, "use a shorter path");
    }

    const enum dg_status status =
        dg_world_open(&pump.world, path, options->is_driven, &pump.crypto);

    if (status == DG_E_CORRUPT) {
        return complain("not a world file of this device",
                        path,
                        "restore the right file; nothing was changed");
    }
    return (status == DG_OK) ? 0
                             : complain("cannot open", path, strerror(errno));
}

static int boot(const struct options *options)
{
    pump.flash.on_cut = die;
    pump.ports =
        (struct dg_device_ports){.crypto = &pump.world.crypto,
                                 .flash = &pump.flash.port,
                                 .actuator = &pump.world.actuator,
                                 .annunciator = &pump.world.annunciator,
                                 .power = &pump.world.power};

    const enum dg_status status =
        dg_device_boot(&pump.device, &pump.ports, dg_world_clock(&pump.world));

    if (status == DG_E_CORRUPT) {
        return complain(
            "flash does not agree with itself or with the mechanism",
            options->dir,
            "refused, nothing was repaired: restore flash.bin and world.bin "
            "together, or move both away and provision anew");
    }
    if (status != DG_OK) {
        return complain("cannot boot", options->dir, dg_status_name(status));
    }
    return 0;
}

static int open_link(const struct options *options)
{
    char why[DG_LINK_WHY_MAX];

    return (dg_link_open(&pump.link, options->link, DG_LINK_SERVER, why) ==
            DG_OK)
               ? 0
               : complain("--link", options->link, why);
}

static int open_bench(const char *bench)
{
    pump.bench.device = &pump.device;
    pump.bench.world = &pump.world;
    pump.bench.flash = &pump.flash;
    return (dg_bench_open(&pump.bench, bench) == 0)
               ? 0
               : complain("--bench", bench, strerror(errno));
}

static void tell_ready(const struct options *options, const char *bench)
{
    char address[DG_LINK_ADDRESS_MAX];

    dg_link_address(&pump.link, address);
    (void)dprintf(options->ready_fd,
                  "{\"ready\":true,\"link\":\"%s\",\"bench\":\"%s\"}\n",
                  address,
                  bench);
}

/* As many datagrams as wait, but never so many that a pulse could be late. */
#define BURST 64U

static void serve_link(void)
{
    uint8_t in[DG_DATAGRAM_MAX];
    uint8_t out[DG_DATAGRAM_MAX];

    for (unsigned i = 0U; i < BURST; i++) {
        struct dg_link_peer peer;
        dg_span datagram = {NULL, 0U};
        dg_span answer = {NULL, 0U};

        if (dg_link_receive(&pump.link, DG_BUF_OF(in), &peer, &datagram) !=
            DG_OK) {
            return;
        }
        dg_world_packet(&pump.world);
        if (dg_device_receive(&pump.device,
                              dg_world_clock(&pump.world),
                              datagram,
                              DG_BUF_OF(out),
                              &answer) != DG_OK) {
            return;
        }
        if (answer.size > 0U) {
            dg_world_packet(&pump.world);
            /* A link may lose; nothing hangs on it. */
            const enum dg_status sent = dg_link_send(&pump.link, &peer, answer);

            (void)sent;
        }
    }
}

static void run(void)
{
    while (is_ending == 0) {
        struct pollfd entries[DG_LINK_POLL_MAX + 1U + DG_BENCH_CLIENTS_MAX];
        size_t count = dg_link_poll(&pump.link, entries, DG_LINK_POLL_MAX);

        count += dg_bench_poll(&pump.bench, &entries[count]);
        (void)poll(entries, (nfds_t)count, pump.world.is_driven ? -1 : TICK_MS);
        dg_device_tick(&pump.device, dg_world_clock(&pump.world));
        serve_link();
        dg_bench_serve(&pump.bench);
    }
}

static int make_dir(const struct options *options)
{
    return ((mkdir(options->dir, 0700) == 0) || (errno == EEXIST))
               ? 0
               : complain("cannot make", options->dir, strerror(errno));
}

static int start(const struct options *options, const char *bench)
{
    if (dg_crypto_openssl_init(&pump.crypto) != DG_OK) {
        return complain("OpenSSL", "no usable libcrypto", "install OpenSSL 3");
    }

    /* What can be refused without a trace on disk comes first. */
    int result = check_flash(options);

    if (result == 0) {
        result = open_link(options);
    }
    if (result == 0) {
        result = make_dir(options);
    }
    if (result == 0) {
        result = open_world(options);
    }
    if (result == 0) {
        result = open_flash(options);
    }
    if (result == 0) {
        result = boot(options);
    }
    if (result == 0) {
        result = open_bench(bench);
    }
    return result;
}

int main(int argc, char **argv)
{
    struct options options = {
        .link = "udp:127.0.0.1:0", .package = DG_PACKAGE_MEDIUM, .ready_fd = 1};
    const struct sigaction action = {.sa_handler = end};
    char bench[PATH_MAX_];
    int result = read_options(argc, argv, &options);

    if (result != 0) {
        return (result == 2) ? EXIT_RAN : result;
    }
    if (options.bench == NULL) {
        if (!join(bench, options.dir, "bench.sock")) {
            return complain("--dir", options.dir, "use a shorter path");
        }
        options.bench = bench;
    }
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    result = start(&options, options.bench);
    if (result != 0) {
        return result;
    }
    tell_ready(&options, options.bench);
    run();
    dg_bench_close(&pump.bench, options.bench);
    dg_link_close(&pump.link);
    dg_flash_file_close(&pump.flash);
    dg_world_close(&pump.world);
    dg_crypto_openssl_free(&pump.crypto);
    return EXIT_RAN;
}
