/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "talk.h"
#include "verbs.h"

#define ANSWER_MS 20000
#define PLACES    4

static const char phones_help[] =
    "usage: dosegate phones [--dir DIR]\n"
    "\n"
    "The phones that the pump knows, with their places.  For the owner.\n";

static const char revoke_help[] =
    "usage: dosegate revoke PLACE [--dir DIR]\n"
    "\n"
    "Remove the phone at PLACE (1 .. 4, as dosegate phones lists them) from "
    "the\n"
    "pump: it can do nothing there any more.  For the owner, and never of its\n"
    "own place; a person at the pump can remove any phone.\n";

static const char lease_help[] =
    "usage: dosegate lease take | release | give [--to PLACE] [--dir DIR]\n"
    "\n"
    "One phone at most controls the pump, for 30 minutes at a time.  Take\n"
    "control or renew it, release it, or give it to the phone at PLACE.\n";

static bool read_place(const char *text, int *slot)
{
    if ((text == NULL) || (text[0] < '1') || (text[0] > '0' + PLACES) ||
        (text[1] != '\0')) {
        (void)fprintf(stderr,
                      "dosegate: a place is 1, 2, 3 or 4: see dosegate "
                      "phones\n");
        return false;
    }
    *slot = text[0] - '1';
    return true;
}

static void print_phones(const json_t *phones)
{
    for (size_t i = 0; i < json_array_size(phones); i++) {
        const json_t *phone = json_array_get(phones, i);

        (void)printf("%lld  %-10s %-24s %s\n",
                     dg_cli_int(phone, "slot") + 1,
                     dg_cli_text(phone, "role"),
                     dg_cli_text(phone, "name"),
                     json_is_true(json_object_get(phone, "has_session"))
                         ? "connected"
                         : "");
    }
}

/* Ask for the list and print it. */
static int list(struct dg_cli_talk *gateway)
{
    json_t *reply = dg_cli_talk_ask(gateway, "{\"op\":\"phones\"}", ANSWER_MS);
    const bool is_ok = json_is_true(json_object_get(reply, "ok"));

    if (is_ok) {
        print_phones(json_object_get(reply, "phones"));
    } else {
        dg_cli_complain(reply);
    }
    json_decref(reply);
    return is_ok ? DG_CLI_OK : DG_CLI_FAILED;
}

/* One order without an answer of its own. */
static bool order(struct dg_cli_talk *gateway, const char *line)
{
    json_t *reply = dg_cli_talk_ask(gateway, line, ANSWER_MS);
    const bool is_ok = json_is_true(json_object_get(reply, "ok"));

    if (!is_ok) {
        dg_cli_complain(reply);
    }
    json_decref(reply);
    return is_ok;
}

int dg_cli_phones(int argc, char **argv)
{
    const char *asked = NULL;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL}};
    char dir[DG_CLI_PATH_MAX];
    struct dg_cli_talk gateway;
    const int read = dg_cli_options(argc, argv, phones_help, options, 1, NULL);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir) || !dg_cli_gateway(&gateway, dir)) {
        return DG_CLI_FAILED;
    }

    const int code = list(&gateway);

    dg_cli_talk_close(&gateway);
    return code;
}

int dg_cli_revoke(int argc, char **argv)
{
    const char *asked = NULL;
    const char *place = NULL;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL}};
    char dir[DG_CLI_PATH_MAX];
    char line[64];
    struct dg_cli_talk gateway;
    int slot = 0;
    const int read =
        dg_cli_options(argc, argv, revoke_help, options, 1, &place);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!read_place(place, &slot) || !dg_cli_place(asked, dir) ||
        !dg_cli_gateway(&gateway, dir)) {
        return DG_CLI_FAILED;
    }
    (void)snprintf(line, sizeof(line), "{\"op\":\"revoke\",\"slot\":%d}", slot);

    int code = DG_CLI_FAILED;

    if (order(&gateway, line)) {
        (void)printf("Revoked.  The pump knows:\n");
        code = list(&gateway);
    }
    dg_cli_talk_close(&gateway);
    return code;
}

static bool lease_line(const char *verb,
                       const char *place,
                       char *line,
                       size_t size)
{
    int slot = 0;

    if (strcmp(verb, "give") == 0) {
        if (!read_place(place, &slot)) {
            return false;
        }
        (void)snprintf(line,
                       size,
                       "{\"op\":\"lease\",\"verb\":\"give\",\"slot\":%d}",
                       slot);
        return true;
    }
    if (((strcmp(verb, "take") != 0) && (strcmp(verb, "release") != 0)) ||
        (place != NULL)) {
        (void)fprintf(stderr,
                      "dosegate lease: write take, release, or give --to "
                      "PLACE\n");
        return false;
    }
    (void)snprintf(line, size, "{\"op\":\"lease\",\"verb\":\"%s\"}", verb);
    return true;
}

int dg_cli_lease(int argc, char **argv)
{
    const char *asked = NULL;
    const char *place = NULL;
    const char *verb = NULL;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL},
                                            {"--to", &place, NULL}};
    char dir[DG_CLI_PATH_MAX];
    char line[64];
    struct dg_cli_talk gateway;
    const int read = dg_cli_options(argc, argv, lease_help, options, 2, &verb);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!lease_line((verb == NULL) ? "" : verb, place, line, sizeof(line)) ||
        !dg_cli_place(asked, dir) || !dg_cli_gateway(&gateway, dir)) {
        return DG_CLI_FAILED;
    }

    const bool is_ok = order(&gateway, line);

    if (is_ok) {
        (void)printf("%s\n",
                     (strcmp(verb, "take") == 0)
                         ? "This phone controls the pump for 30 minutes."
                     : (strcmp(verb, "give") == 0)
                         ? "The other phone controls the pump."
                         : "This phone does not control the pump.");
    }
    dg_cli_talk_close(&gateway);
    return is_ok ? DG_CLI_OK : DG_CLI_FAILED;
}
