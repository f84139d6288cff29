/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "amount.h"
#include "dosegate/message.h"
#include "place.h"
#include "quantity_text.h"
#include "talk.h"
#include "verbs.h"

/* Basal withheld by a phone, for a bounded time (rule E5), and its end. */
#define ANSWER_MS 20000

static const char suspend_help[] =
    "usage: dosegate suspend TIME [--dir DIR]\n"
    "\n"
    "Withhold basal and end every dose, for 1m to 2h, as 30m or 1h30m.  The "
    "pump\n"
    "resumes by itself; it lets phones withhold at most 2 h in 4 h and 8 h in "
    "a "
    "day.\n"
    "The pump's own button suspends without an end.\n";

static const char resume_help[] =
    "usage: dosegate resume [--dir DIR]\n"
    "\n"
    "End a suspension or a lowered basal: the schedule goes on.  What a "
    "person\n"
    "suspended at the pump only a person at the pump resumes.\n";

static void tell_room(const json_t *status)
{
    const long long room_s = dg_cli_int(status, "headroom_suspend_s");
    char span[DG_QUANTITY_TEXT_MAX];

    dg_span_write((uint32_t)room_s, span);
    (void)printf("A phone may withhold %s now.\n",
                 (room_s > 0) ? span : "nothing more");
}

static void tell_suspended(const json_t *status)
{
    char span[DG_QUANTITY_TEXT_MAX];

    dg_span_write((uint32_t)dg_cli_int(status, "withheld_left_s"), span);
    (void)printf("Suspended: no basal, no doses. The pump resumes by itself in "
                 "%s; dosegate resume ends it sooner.\n",
                 span);
    tell_room(status);
}

static void tell_refused(const json_t *reply)
{
    const long long room_s = dg_cli_int(reply, "headroom_s");
    char span[DG_QUANTITY_TEXT_MAX];

    dg_cli_complain(reply);
    if (json_object_get(reply, "headroom_s") != NULL) {
        dg_span_write((uint32_t)room_s, span);
        (void)fprintf(stderr,
                      "dosegate: a phone may withhold %s now; the pump's own "
                      "button always works\n",
                      (room_s > 0) ? span : "nothing more");
    }
}

static int run(const char *asked, const char *line, bool is_suspend)
{
    char dir[DG_CLI_PATH_MAX];
    struct dg_cli_talk gateway;

    if (!dg_cli_place(asked, dir) || !dg_cli_gateway(&gateway, dir)) {
        return DG_CLI_FAILED;
    }

    json_t *reply = dg_cli_talk_ask(&gateway, line, ANSWER_MS);
    const json_t *status = json_object_get(reply, "status");
    const bool is_ok = json_is_true(json_object_get(reply, "ok"));

    if (!is_ok) {
        tell_refused(reply);
    } else if (is_suspend) {
        tell_suspended(status);
    } else {
        (void)printf("Basal goes on by its schedule.\n");
        tell_room(status);
    }
    json_decref(reply);
    dg_cli_talk_close(&gateway);
    return is_ok ? DG_CLI_OK : DG_CLI_FAILED;
}

int dg_cli_suspend(int argc, char **argv)
{
    const char *asked = NULL;
    const char *text = NULL;
    const char *why = NULL;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL}};
    char line[64];
    dg_seconds span = {0};
    const int read =
        dg_cli_options(argc, argv, suspend_help, options, 1, &text);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (text == NULL) {
        (void)fprintf(stderr, "dosegate suspend: write dosegate suspend 30m\n");
        return DG_CLI_FAILED;
    }
    if (dg_cli_span_read(text, 60U, DG_SUSPEND_S_ASK_MAX, &span, &why) !=
        DG_OK) {
        (void)fprintf(stderr, "dosegate suspend: '%.32s': %s\n", text, why);
        return DG_CLI_FAILED;
    }
    (void)snprintf(line,
                   sizeof(line),
                   "{\"op\":\"suspend\",\"seconds\":%u}",
                   (unsigned)span.s);
    return run(asked, line, true);
}

int dg_cli_resume(int argc, char **argv)
{
    const char *asked = NULL;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL}};
    const int read = dg_cli_options(argc, argv, resume_help, options, 1, NULL);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    return run(asked, "{\"op\":\"resume\"}", false);
}
