/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provision.h"

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
    "  --glucagon KIND   on a new flash: none (default), asked (micro-doses, "
    "and\n"
    "                    rescue by its button) or rescue (and by itself)\n"
    "  --clock KIND      real (default), or driven by the bench\n"
    "  --ready-fd N      write one JSON line there when it runs (default 1)\n"
    "  --help            this\n"
    "\n"
    "Exit: 0 ended by SIGTERM or SIGINT, 1 could not run.\n"
    "Research software, not a medical device.\n";

int dg_options_complain(const char *what, const char *which, const char *remedy)
{
    (void)fprintf(stderr, "dosegate-device: %s: %s; %s\n", what, which, remedy);
    return DG_EXIT_COULD_NOT_RUN;
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

static bool read_glucagon(const char *name,
                          enum dg_provision_glucagon *glucagon)
{
    static const char *const names[] = {"none", "asked", "rescue"};

    for (unsigned i = 0U; i < 3U; i++) {
        if (strcmp(name, names[i]) == 0) {
            *glucagon = (enum dg_provision_glucagon)i;
            return true;
        }
    }
    return false;
}

/* 0: go on; 1: could not; 2: help was asked for. */
int dg_options_read(int argc, char **argv, struct dg_options *options)
{
    static const struct option known[] = {
        {"dir", required_argument, NULL, 'd'},
        {"link", required_argument, NULL, 'l'},
        {"bench", required_argument, NULL, 'b'},
        {"provision", required_argument, NULL, 'p'},
        {"package", required_argument, NULL, 'k'},
        {"glucagon", required_argument, NULL, 'g'},
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
                return dg_options_complain(
                    "--package", optarg, "write low, medium or high");
            }
            break;
        case 'g':
            if (!read_glucagon(optarg, &options->glucagon)) {
                return dg_options_complain(
                    "--glucagon", optarg, "write none, asked or rescue");
            }
            break;
        case 'c':
            options->is_driven = strcmp(optarg, "driven") == 0;
            if (!options->is_driven && (strcmp(optarg, "real") != 0)) {
                return dg_options_complain(
                    "--clock", optarg, "write real or driven");
            }
            break;
        case 'r':
            options->ready_fd = (int)strtol(optarg, &rest, 10);
            if ((*optarg == '\0') || (*rest != '\0') ||
                (options->ready_fd < 1) || (options->ready_fd > 255)) {
                return dg_options_complain(
                    "--ready-fd", optarg, "write an open descriptor, 1 to 255");
            }
            break;
        case 'h':
            (void)fputs(usage, stdout);
            return 2;
        default:
            (void)fputs(usage, stderr);
            return DG_EXIT_COULD_NOT_RUN;
        }
    }
    if (optind < argc) {
        return dg_options_complain("argument", argv[optind], "see --help");
    }
    if (options->dir == NULL) {
        return dg_options_complain(
            "--dir", "missing", "name the pump's directory");
    }
    return 0;
}

void dg_options_warn_safe_state(enum dg_fault fault)
{
    (void)dg_options_complain(
        "safe state, basal only",
        dg_fault_text(fault),
        "nothing was repaired: restore flash.bin and world.bin "
        "together, or move both away and provision anew");
}

bool dg_options_path(char path[DG_OPTIONS_PATH],
                     const char *dir,
                     const char *name)
{
    const int size = snprintf(path, DG_OPTIONS_PATH, "%s/%s", dir, name);

    return (size > 0) && (size < DG_OPTIONS_PATH);
}

/* Before anything is made on disk: is this a pump, or can it become one? */
int dg_options_check_flash(const struct dg_options *options)
{
    char path[DG_OPTIONS_PATH];
    struct dg_therapy therapy;

    if (!dg_options_path(path, options->dir, "flash.bin")) {
        return dg_options_complain("--dir", options->dir, "use a shorter path");
    }
    if (access(path, F_OK) == 0) {
        return 0;
    }
    if (options->person == NULL) {
        return dg_options_complain(
            "no flash here", path, "say --provision NAME to make a new pump");
    }
    if (dg_provision_therapy(
            options->person, options->package, options->glucagon, &therapy) !=
        DG_OK) {
        return dg_options_complain(
            "--provision", options->person, dg_provision_people);
    }
    return 0;
}
