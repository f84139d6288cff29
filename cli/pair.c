/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "place.h"
#include "talk.h"
#include "verbs.h"

#define ANSWER_MS 20000

static const char help[] =
    "usage: dosegate pair [--dir DIR] [--code HEX | --digits DIGITS]\n"
    "                     [--name NAME] [--role ROLE]\n"
    "\n"
    "Pair this phone with the pump.  A person at the pump presses its pair\n"
    "button, and the pump shows a code for two minutes; the phone needs that\n"
    "code.  Without --code this command presses the button of the virtual "
    "pump\n"
    "that dosegate up started.\n"
    "\n"
    "  --code HEX       the long code that the pump shows\n"
    "  --digits DIGITS  or the eight digits that it shows as well\n"
    "  --name NAME      what the pump calls this phone, default phone\n"
    "  --role ROLE      owner (default), caregiver or observer\n"
    "\n"
    "Wrong digits five times close the window, and the pump then waits a\n"
    "minute or more before it opens another.\n";

#define CODE_MAX 257U
#define DIGITS   8U

/* The virtual pump has no screen to photograph; its bench shows the same. */
static bool read_code(const char *dir, char code[CODE_MAX])
{
    struct dg_cli_talk bench;
    char path[DG_CLI_PATH_MAX];

    if (!dg_cli_join(dir, "device/bench.sock", path) ||
        !dg_cli_talk_open(&bench,
                          path,
                          "no virtual pump runs here: dosegate up, or write "
                          "--code with what your pump shows")) {
        return false;
    }
    (void)printf("Pressing the pair button of the virtual pump: it opens its "
                 "window for two minutes.\n");

    json_t *pressed = dg_cli_talk_ask(
        &bench, "{\"op\":\"press\",\"button\":\"pair\"}", ANSWER_MS);
    json_t *shown = dg_cli_talk_ask(&bench, "{\"op\":\"display\"}", ANSWER_MS);
    const char *text = dg_cli_text(shown, "code");
    const bool is_there = json_is_true(json_object_get(pressed, "ok")) &&
                          (*text != '\0') && (strlen(text) < CODE_MAX);

    if (is_there) {
        (void)snprintf(code, CODE_MAX, "%s", text);
        (void)printf("The pump shows its code; the phone reads it.\n");
    } else {
        (void)fprintf(stderr,
                      "dosegate: the pump does not open its pairing window: "
                      "%s\n",
                      dg_cli_text(pressed, "error"));
    }
    json_decref(pressed);
    json_decref(shown);
    dg_cli_talk_close(&bench);
    return is_there;
}

static int pair(const char *dir,
                const char *code,
                const char *name,
                const char *role)
{
    struct dg_cli_talk gateway;

    if (!dg_cli_gateway(&gateway, dir)) {
        return DG_CLI_FAILED;
    }

    json_t *order = json_object();

    (void)json_object_set_new(order, "op", json_string("pair"));
    (void)json_object_set_new(order, "code", json_string(code));
    (void)json_object_set_new(order, "name", json_string(name));
    (void)json_object_set_new(order, "role", json_string(role));

    char line[1024];
    const size_t size = json_dumpb(order, line, sizeof(line) - 1U, 0);

    json_decref(order);
    if ((size == 0U) || (size >= sizeof(line))) {
        (void)fprintf(stderr,
                      "dosegate pair: the name must be UTF-8, 1 to 24 bytes, "
                      "and the code hex digits\n");
        dg_cli_talk_close(&gateway);
        return DG_CLI_FAILED;
    }
    line[size] = '\0';

    json_t *reply = dg_cli_talk_ask(&gateway, line, ANSWER_MS);
    const bool is_ok = json_is_true(json_object_get(reply, "ok"));

    if (is_ok) {
        (void)printf("Paired as %s (place %lld of the pump's four).  Next: "
                     "dosegate status\n",
                     dg_cli_text(reply, "role"),
                     dg_cli_int(reply, "slot") + 1);
    } else {
        dg_cli_complain(reply);
    }
    json_decref(reply);
    dg_cli_talk_close(&gateway);
    if (is_ok) {
        dg_cli_show_phone_if_simulated(dir);
    }
    return is_ok ? DG_CLI_OK : DG_CLI_FAILED;
}

/* As people write them: 1234 5678, 1234-5678. */
static bool read_digits(const char *text, char code[CODE_MAX])
{
    size_t count = 0;

    for (; *text != '\0'; text++) {
        if ((*text == ' ') || (*text == '-')) {
            continue;
        }
        if ((*text < '0') || (*text > '9') || (count == DIGITS)) {
            return false;
        }
        code[count] = *text;
        count++;
    }
    code[count] = '\0';
    return count == DIGITS;
}

int dg_cli_pair(int argc, char **argv)
{
    const char *asked = NULL;
    const char *given = NULL;
    const char *digits = NULL;
    const char *name = "phone";
    const char *role = "owner";
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL},
                                            {"--code", &given, NULL},
                                            {"--digits", &digits, NULL},
                                            {"--name", &name, NULL},
                                            {"--role", &role, NULL}};
    char dir[DG_CLI_PATH_MAX];
    char code[CODE_MAX];
    const int read = dg_cli_options(argc, argv, help, options, 5, NULL);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir)) {
        return DG_CLI_FAILED;
    }
    if ((digits != NULL) && ((given != NULL) || !read_digits(digits, code))) {
        (void)fprintf(stderr,
                      "dosegate pair: write the eight digits that the pump "
                      "shows, --digits 12345678, or its long code\n");
        return DG_CLI_FAILED;
    }
    if (digits != NULL) {
        return pair(dir, code, name, role);
    }
    if (given != NULL) {
        return pair(dir, given, name, role);
    }
    return read_code(dir, code) ? pair(dir, code, name, role) : DG_CLI_FAILED;
}
