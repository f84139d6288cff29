/* SPDX-License-Identifier: Apache-2.0 */
/* dosegate-firmware: the virtual pump with its core as firmware of an emulated
 * Cortex-M4.  Command line, ready line, link and bench are those of
 * dosegate-device; in between is device/firmware in qemu-system-arm. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "device/bench.h"
#include "device/options.h"
#include "dosegate/controller.h"
#include "emulator.h"
#include "link.h"
#include "memory.h"
#include "remote.h"

#define BURST 64U

struct bridge {
    struct dg_memory memory;
    struct dg_emulator emulator;
    struct dg_remote remote;
    struct dg_hands hands;
    struct dg_bench bench;
    struct dg_crypto crypto; /* of the bench, as the verifier */
    struct dg_link link;
};

static struct bridge bridge;
static volatile sig_atomic_t is_ending;

static void end(int signal)
{
    (void)signal;
    is_ending = 1;
}

/* As dosegate-device dies in the middle of a flash write; the emulator goes
 * with it, board.ram stays. */
static void die(void)
{
    (void)kill(getpid(), SIGKILL);
}

static int open_link(const struct dg_options *options)
{
    char why[DG_LINK_WHY_MAX];

    return (dg_link_open(&bridge.link, options->link, DG_LINK_SERVER, why) ==
            DG_OK)
               ? 0
               : dg_options_complain("--link", options->link, why);
}

static int make_dir(const struct dg_options *options)
{
    return ((mkdir(options->dir, 0700) == 0) || (errno == EEXIST))
               ? 0
               : dg_options_complain(
                     "cannot make", options->dir, strerror(errno));
}

static int judge_boot(const struct dg_options *options,
                      enum dg_status status,
                      enum dg_wire_stage stage)
{
    if (status == DG_OK) {
        return 0;
    }
    if ((status == DG_E_CORRUPT) && (stage == DG_WIRE_STAGE_WORLD)) {
        return dg_options_complain("not a world file of this device",
                                   bridge.memory.world_path,
                                   "restore the right file; nothing was "
                                   "changed");
    }
    if (status == DG_E_CORRUPT) {
        return dg_options_complain(
            "neither copy of the settings is sound",
            options->dir,
            "refused, nothing was repaired: restore flash.bin and world.bin "
            "together, or move both away and provision anew");
    }
    if (bridge.remote.is_gone) {
        return dg_options_complain("the emulator ended",
                                   options->dir,
                                   "is qemu-system-arm installed, and is "
                                   "DG_FIRMWARE the image?");
    }
    return dg_options_complain(
        "cannot boot", options->dir, dg_status_name(status));
}

static int look_for_fault(const struct dg_options *options)
{
    struct dg_hands_view view;

    dg_remote_hands(&bridge.hands, &bridge.remote);
    if (bridge.hands.look(bridge.hands.context, &view) != DG_OK) {
        return dg_options_complain(
            "the board does not answer", options->dir, "start again");
    }
    if (view.fault != 0U) {
        dg_options_warn_safe_state((enum dg_fault)view.fault);
    }
    return 0;
}

static int boot(const struct dg_options *options)
{
    const char *image = getenv("DG_FIRMWARE");
    enum dg_wire_stage stage = DG_WIRE_STAGE_CRYPTO;
    int result = dg_memory_open(&bridge.memory, options);

    if (result != 0) {
        return result;
    }
    if (dg_emulator_start(&bridge.emulator,
                          image,
                          bridge.memory.ram_path,
                          bridge.memory.flash) != 0) {
        result = dg_options_complain("emulator", image, strerror(errno));
    } else {
        bridge.remote = (struct dg_remote){
            .link = bridge.emulator.link,
            .bench = bridge.emulator.bench,
            .options = options,
            .is_new_world = bridge.memory.world.is_new,
            .is_new_flash = bridge.memory.is_new_flash,
            .on_cut = die,
        };

        const enum dg_status status = dg_remote_boot(&bridge.remote, &stage);

        result = judge_boot(options, status, stage);
    }
    if (result == 0) {
        result = look_for_fault(options);
    }
    if (result != 0) {
        dg_emulator_kill(&bridge.emulator);
        dg_memory_abandon(&bridge.memory);
    }
    return result;
}

static int open_bench(const char *bench)
{
    if (dg_crypto_openssl_init(&bridge.crypto) != DG_OK) {
        return dg_options_complain(
            "OpenSSL", "no usable libcrypto", "install OpenSSL 3");
    }
    bridge.bench.hands = &bridge.hands;
    bridge.bench.crypto = &bridge.crypto;
    return (dg_bench_open(&bridge.bench, bench) == 0)
               ? 0
               : dg_options_complain("--bench", bench, strerror(errno));
}

static void serve_link(void)
{
    uint8_t in[DG_DATAGRAM_MAX];

    for (unsigned i = 0U; i < BURST; i++) {
        struct dg_link_peer peer;
        dg_span datagram = {NULL, 0U};
        dg_span answer = {NULL, 0U};

        if ((dg_link_receive(&bridge.link, DG_BUF_OF(in), &peer, &datagram) !=
             DG_OK) ||
            (dg_remote_datagram(&bridge.remote, datagram, &answer) != DG_OK)) {
            return;
        }
        if (answer.size > 0U) {
            /* A link may lose; nothing hangs on it. */
            const enum dg_status sent =
                dg_link_send(&bridge.link, &peer, answer);

            (void)sent;
        }
    }
}

static void run(void)
{
    while ((is_ending == 0) && !bridge.remote.is_gone) {
        struct pollfd entries[DG_LINK_POLL_MAX + 2U + DG_BENCH_CLIENTS_MAX];
        size_t count = dg_link_poll(&bridge.link, entries, DG_LINK_POLL_MAX);

        count += dg_bench_poll(&bridge.bench, &entries[count]);
        entries[count++] = (struct pollfd){bridge.remote.bench, POLLIN, 0};
        (void)poll(entries, (nfds_t)count, -1);
        dg_remote_listen(&bridge.remote);
        serve_link();
        dg_bench_serve(&bridge.bench);
    }
}

static int serve(const struct dg_options *options)
{
    char address[DG_LINK_ADDRESS_MAX];

    dg_link_address(&bridge.link, address);
    (void)dprintf(options->ready_fd,
                  "{\"ready\":true,\"link\":\"%s\",\"bench\":\"%s\"}\n",
                  address,
                  options->bench);
    run();
    if (!bridge.remote.is_gone) {
        const enum dg_status off = dg_remote_off(&bridge.remote);

        (void)off; /* A board that does not answer is cut off below. */
    }
    dg_emulator_kill(&bridge.emulator);
    dg_memory_close(&bridge.memory);
    dg_bench_close(&bridge.bench, options->bench);
    dg_crypto_openssl_free(&bridge.crypto);
    dg_link_close(&bridge.link);
    return bridge.remote.is_gone
               ? dg_options_complain("the emulator ended",
                                     options->dir,
                                     "start again: the pump's memory is kept")
               : DG_EXIT_RAN;
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
    if (getenv("DG_FIRMWARE") == NULL) {
        return dg_options_complain("DG_FIRMWARE",
                                   "not set",
                                   "name the image: make firmware builds "
                                   "build/firmware/dosegate-firmware.elf");
    }
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);

    /* What can be refused without a trace on disk comes first. */
    result = dg_options_check_flash(&options);
    if (result == 0) {
        result = open_link(&options);
    }
    if (result == 0) {
        result = make_dir(&options);
    }
    if (result == 0) {
        result = boot(&options);
    }
    if (result != 0) {
        return result;
    }
    result = open_bench(options.bench);
    if (result != 0) {
        dg_emulator_kill(&bridge.emulator);
        dg_memory_close(&bridge.memory);
        return result;
    }
    return serve(&options);
}
