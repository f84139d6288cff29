/* SPDX-License-Identifier: Apache-2.0 */
/* dosegate-device: the virtual pump as a process.  Everything it decides is in
 * core/; here are its limbs: link, clock, bench, and a way to end. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "crypto_openssl.h"
#include "dosegate/controller.h"
#include "flash_file.h"
#include "hands.h"
#include "images.h"
#include "link.h"
#include "options.h"
#include "provision.h"
#include "world_file.h"

#define TICK_MS 500

/* All of one pump; static because it is large and there is one. */
struct pump {
    struct dg_crypto crypto;
    struct dg_flash_file flash;
    struct dg_images images;
    struct dg_crypto faulty; /* of an image that is */
    struct dg_world_file cells;
    struct dg_world world;
    struct dg_device_ports ports;
    struct dg_device device;
    struct dg_local_hands local;
    struct dg_hands hands;
    struct dg_bench bench;
    struct dg_link link;
};

static struct pump pump;
static volatile sig_atomic_t is_ending;

static void end(int signal)
{
    (void)signal;
    is_ending = 1;
}

/* The power is cut in the middle of a flash write. */
static void die(void *context)
{
    (void)context;
    (void)kill(getpid(), SIGKILL);
}

static int provision(const struct dg_options *options, const char *path)
{
    struct dg_therapy therapy;

    if (dg_provision_therapy(
            options->person, options->package, options->glucagon, &therapy) !=
        DG_OK) {
        return dg_options_complain(
            "--provision", options->person, dg_provision_people);
    }
    if (dg_flash_file_create(&pump.flash, path, DG_FLASH_SECTORS_MIN) !=
        DG_OK) {
        return dg_options_complain("cannot make flash", path, strerror(errno));
    }

    dg_world_fit_chamber(&pump.world, dg_provision_has_chamber(&therapy));

    const enum dg_status status =
        dg_provision_flash(&pump.flash.port,
                           &pump.crypto,
                           &therapy,
                           dg_world_clock(&pump.world),
                           dg_world_moved(&pump.world),
                           dg_world_chamber_moved(&pump.world));

    if (status != DG_OK) {
        (void)unlink(path);
        return dg_options_complain(
            "cannot provision", path, dg_status_name(status));
    }
    if (dg_images_make(&pump.images, options->dir, &pump.crypto) != DG_OK) {
        (void)unlink(path);
        return dg_options_complain(
            "cannot make images", options->dir, strerror(errno));
    }
    return 0;
}

/* What was made with the flash is opened with it. */
static int open_images(const struct dg_options *options)
{
    const enum dg_status status =
        dg_images_open(&pump.images, options->dir, &pump.crypto);

    if (status == DG_E_CORRUPT) {
        return dg_options_complain(
            "images.bin or maker.key is not of this device",
            options->dir,
            "restore the right files; nothing was changed");
    }
    return (status == DG_OK) ? 0
                             : dg_options_complain("cannot open images.bin",
                                                   options->dir,
                                                   dg_status_name(status));
}

static int open_flash(const struct dg_options *options)
{
    char path[DG_OPTIONS_PATH];

    if (!dg_options_path(path, options->dir, "flash.bin")) {
        return dg_options_complain("--dir", options->dir, "use a shorter path");
    }
    if (access(path, F_OK) != 0) {
        return provision(options, path);
    }

    const enum dg_status status =
        dg_flash_file_open(&pump.flash, path, DG_FLASH_SECTORS_MIN);

    if (status == DG_E_STATE) {
        return dg_options_complain(
            "flash is in use", path, "end the other device first");
    }
    if (status == DG_E_CORRUPT) {
        return dg_options_complain(
            "not a flash image of this device",
            path,
            "restore the right file; nothing was changed");
    }
    return (status == DG_OK) ? open_images(options)
                             : dg_options_complain(
                                   "cannot open flash", path, strerror(errno));
}

static uint64_t real_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec;
}

static int open_world(const struct dg_options *options)
{
    char path[DG_OPTIONS_PATH];

    if (!dg_options_path(path, options->dir, "world.bin")) {
        return dg_options_complain("--dir", options->dir, "use a shorter path");
    }

    enum dg_status status = dg_world_file_open(&pump.cells, path);

    if (status == DG_OK) {
        status = dg_world_init(&pump.world,
                               pump.cells.cells,
                               pump.cells.is_new,
                               options->is_driven,
                               real_s,
                               &pump.crypto);
    }
    if (status == DG_E_CORRUPT) {
        return dg_options_complain(
            "not a world file of this device",
            path,
            "restore the right file; nothing was changed");
    }
    return (status == DG_OK)
               ? 0
               : dg_options_complain("cannot open", path, strerror(errno));
}

static enum dg_status zero_random(void *context, dg_buf out)
{
    (void)context;
    memset(out.at, 0, out.capacity);
    return DG_OK;
}

/* The boot loader's part: which image runs, and how that one behaves. */
static int choose_image(const struct dg_options *options)
{
    enum dg_image_kind kind = DG_IMAGE_GOOD;

    pump.images.flash.on_cut = die;
    if (pump.images.is_open &&
        (dg_images_boot(&pump.images, &pump.crypto, &kind) != DG_OK)) {
        return dg_options_complain(
            "no image in images.bin may run",
            options->dir,
            "restore images.bin and maker.key together; nothing was repaired");
    }
    pump.faulty = pump.world.crypto;
    pump.faulty.random = zero_random;
    pump.ports.crypto =
        (kind == DG_IMAGE_FAULTY) ? &pump.faulty : &pump.world.crypto;
    pump.ports.update = pump.images.is_open ? &pump.images.port : NULL;
    return 0;
}

static int boot(const struct dg_options *options)
{
    pump.flash.on_cut = die;
    pump.ports =
        (struct dg_device_ports){.crypto = &pump.world.crypto,
                                 .flash = &pump.flash.port,
                                 .actuator = &pump.world.actuator,
                                 .reservoir = &pump.world.reservoir,
                                 .annunciator = &pump.world.annunciator,
                                 .power = &pump.world.power,
                                 .glucagon = dg_world_chamber(&pump.world)};
    if (choose_image(options) != 0) {
        return DG_EXIT_COULD_NOT_RUN;
    }

    const enum dg_status status =
        dg_device_boot(&pump.device, &pump.ports, dg_world_clock(&pump.world));

    if (status == DG_E_CORRUPT) {
        return dg_options_complain(
            "neither copy of the settings is sound",
            options->dir,
            "refused, nothing was repaired: restore flash.bin and world.bin "
            "together, or move both away and provision anew");
    }
    if (status != DG_OK) {
        return dg_options_complain(
            "cannot boot", options->dir, dg_status_name(status));
    }
    if (pump.device.is_fault) {
        dg_options_warn_safe_state(pump.device.fault);
    }
    return 0;
}

static int open_link(const struct dg_options *options)
{
    char why[DG_LINK_WHY_MAX];

    return (dg_link_open(&pump.link, options->link, DG_LINK_SERVER, why) ==
            DG_OK)
               ? 0
               : dg_options_complain("--link", options->link, why);
}

static int open_bench(const char *bench)
{
    pump.local = (struct dg_local_hands){
        &pump.device, &pump.world, &pump.flash.cut_in, &pump.flash.cut_part};
    dg_hands_local(&pump.hands, &pump.local);
    pump.bench.hands = &pump.hands;
    pump.bench.images = &pump.images;
    pump.bench.crypto = &pump.crypto;
    return (dg_bench_open(&pump.bench, bench) == 0)
               ? 0
               : dg_options_complain("--bench", bench, strerror(errno));
}

static void tell_ready(const struct dg_options *options, const char *bench)
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

/* The reset line: what RAM held is gone, as after any reset. */
static bool restart(const struct dg_options *options)
{
    return !pump.images.is_due || (boot(options) == 0);
}

static int run(const struct dg_options *options)
{
    while (is_ending == 0) {
        if (!restart(options)) {
            return DG_EXIT_COULD_NOT_RUN;
        }

        struct pollfd entries[DG_LINK_POLL_MAX + 1U + DG_BENCH_CLIENTS_MAX];
        size_t count = dg_link_poll(&pump.link, entries, DG_LINK_POLL_MAX);

        count += dg_bench_poll(&pump.bench, &entries[count]);
        (void)poll(entries, (nfds_t)count, pump.world.is_driven ? -1 : TICK_MS);
        dg_device_tick(&pump.device, dg_world_clock(&pump.world));
        serve_link();
        dg_bench_serve(&pump.bench);
    }
    return DG_EXIT_RAN;
}

static int make_dir(const struct dg_options *options)
{
    return ((mkdir(options->dir, 0700) == 0) || (errno == EEXIST))
               ? 0
               : dg_options_complain(
                     "cannot make", options->dir, strerror(errno));
}

static int start(const struct dg_options *options, const char *bench)
{
    if (dg_crypto_openssl_init(&pump.crypto) != DG_OK) {
        return dg_options_complain(
            "OpenSSL", "no usable libcrypto", "install OpenSSL 3");
    }

    /* What can be refused without a trace on disk comes first. */
    int result = dg_options_check_flash(options);

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
    struct dg_options options = {
        .link = "udp:127.0.0.1:0", .package = DG_PACKAGE_MEDIUM, .ready_fd = 1};
    const struct sigaction action = {.sa_handler = end};
    char bench[DG_OPTIONS_PATH];
    int result = dg_options_read(argc, argv, &options);

    if (result != 0) {
        return (result == 2) ? DG_EXIT_RAN : result;
    }
    if (options.bench == NULL) {
        if (!dg_options_path(bench, options.dir, "bench.sock")) {
            return dg_options_complain(
                "--dir", options.dir, "use a shorter path");
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
    result = run(&options);
    dg_bench_close(&pump.bench, options.bench);
    dg_link_close(&pump.link);
    dg_flash_file_close(&pump.flash);
    dg_images_close(&pump.images);
    dg_world_file_close(&pump.cells);
    dg_crypto_openssl_free(&pump.crypto);
    return result;
}
