/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bounds_text.h"
#include "dosegate/message.h"
#include "dosegate/prescription.h"
#include "eval/file.h"
#include "eval/hex.h"
#include "order.h"
#include "place.h"
#include "profile_file.h"
#include "quantity_text.h"
#include "talk.h"
#include "verbs.h"

/* Rule E9 from the phone: what limits hold, and a profile on its way to the
 * pump. */
#define ANSWER_MS      20000
#define SETTLE_MS      100
#define CONFIRM_MS_MAX 140000 /* the display gives two minutes */

static const char help[] =
    "usage: dosegate limits show [--file] [--dir DIR]\n"
    "       dosegate limits bring PROFILE [--dir DIR] [--yes]\n"
    "       dosegate limits withdraw [--dir DIR]\n"
    "\n"
    "show tells the limits in force, in percent of the daily dose and in "
    "units, "
    "and\n"
    "what is to become looser, with the time left.  bring takes a profile that "
    "the\n"
    "prescriber signed to the pump: what is tighter holds at once; what is "
    "looser is\n"
    "shown first, wants the pump's own button within two minutes, and then 24 "
    "hours.\n"
    "withdraw takes back what is to become looser.\n"
    "\n"
    "  --file  write the limits as a prescriber's file to begin with\n"
    "  --yes   approve what becomes looser without asking (for scripts)\n";

struct limits {
    const char *profile;
    const char *dir;
    bool as_file;
    bool yes;
    struct dg_cli_talk gateway;
    struct dg_cli_talk display;
    char ticket[17]; /* that was asked about */
};

/* what holds ------------------------------------------------------------- */

static bool read_bounds(const json_t *list, struct dg_bounds *bounds)
{
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        const json_int_t value = json_integer_value(json_array_get(list, i));

        if ((value < 0) || (value > (json_int_t)INT32_MAX)) {
            return false;
        }
        bounds->value[i] = (int32_t)value;
    }
    return json_array_size(list) == DG_BOUNDS;
}

static void print_coming(const json_t *reply, const struct dg_bounds *in_force)
{
    struct dg_bounds next;
    char was[DG_BOUND_TEXT_MAX];
    char will[DG_BOUND_TEXT_MAX];
    char span[DG_QUANTITY_TEXT_MAX];

    if (!read_bounds(json_object_get(reply, "next"), &next)) {
        (void)printf("Nothing is to become looser.\n");
        return;
    }
    if (strcmp(dg_cli_text(reply, "state"), "asked") == 0) {
        (void)printf("The pump asks for its button now; 24 hours after the "
                     "press these become LOOSER:\n");
    } else {
        dg_span_write((uint32_t)dg_cli_int(reply, "left_s"), span);
        (void)printf("In %s of the pump's own time these become LOOSER "
                     "(dosegate limits withdraw takes it back):\n",
                     span);
    }
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        if (dg_bound_grows(i, in_force, &next)) {
            dg_bound_write(i, in_force, was);
            dg_bound_write(i, &next, will);
            (void)printf("  %-42s %s -> %s\n", dg_bound_words(i), was, will);
        }
    }
}

static void print_file(const json_t *reply, const struct dg_bounds *in_force)
{
    static char text[DG_PROFILE_TEXT_SIZE];
    struct dg_prescription profile = {
        .counter = (uint32_t)dg_cli_int(reply, "profile") + 1U,
        .age_class = DG_AGE_NONE,
        .bounds = *in_force};

    (void)dg_hex_get(dg_cli_text(reply, "device"),
                     DG_BUF_OF(profile.device.byte));
    dg_profile_file_write(&profile, text);
    (void)fputs(text, stdout);
}

static void print_limits(const json_t *reply, bool as_file)
{
    struct dg_bounds in_force;
    char text[DG_BOUND_TEXT_MAX];

    if (!read_bounds(json_object_get(reply, "in_force"), &in_force)) {
        return;
    }
    if (as_file) {
        print_file(reply, &in_force);
        return;
    }

    char profile[32] = "no profile yet";

    if (dg_cli_int(reply, "profile") > 0) {
        (void)snprintf(profile,
                       sizeof(profile),
                       "profile %lld",
                       dg_cli_int(reply, "profile"));
    }
    (void)printf("Pump %s, %s. In force (one dose and insulin on board end at "
                 "the ceiling of the age class besides):\n",
                 dg_cli_text(reply, "device"),
                 profile);
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        dg_bound_write(i, &in_force, text);
        (void)printf("  %-42s %s\n", dg_bound_words(i), text);
    }
    print_coming(reply, &in_force);
}

/* the trusted display ------------------------------------------------------ */

static void answer(struct limits *limits, const json_t *question)
{
    const json_t *looser = json_object_get(question, "looser");
    char line[DG_CLI_ACT_MAX];
    bool approved = limits->yes;

    if (json_object_get(question, "error") != NULL) {
        (void)printf("%s\n", dg_cli_text(question, "error"));
        (void)snprintf(line, sizeof(line), "decline %.16s", limits->ticket);
        (void)dg_cli_talk_say(&limits->display, line);
        return;
    }

    if (strcmp(dg_cli_text(question, "show"), "limits") != 0) {
        return;
    }
    (void)printf("\nPROFILE %lld. %s\n\n",
                 dg_cli_int(question, "profile"),
                 dg_cli_text(question, "text"));
    for (size_t i = 0; i < json_array_size(looser); i++) {
        const json_t *limit = json_array_get(looser, i);

        (void)printf("  %s\n      now    %s\n      then   %s\n",
                     dg_cli_text(limit, "limit"),
                     dg_cli_text(limit, "before"),
                     dg_cli_text(limit, "after"));
    }
    (void)printf("\nLimits that become tighter: %lld, at once.\n",
                 dg_cli_int(question, "tighter"));
    if (!approved) {
        (void)printf("Bring it? [y/N] ");
        (void)fflush(stdout);
        approved =
            dg_cli_answer_is_yes((int)dg_cli_int(question, "lapses_s") * 1000);
    }
    (void)snprintf(limits->ticket,
                   sizeof(limits->ticket),
                   "%.16s",
                   dg_cli_text(question, "ticket"));
    if (!approved || !dg_cli_write_act(question, limits->yes, line)) {
        (void)snprintf(line, sizeof(line), "decline %.16s", limits->ticket);
    }
    (void)dg_cli_talk_say(&limits->display, line);
    explicit_bzero(line, sizeof(line));
}

static json_t *confirm(struct limits *limits)
{
    struct pollfd entries[2] = {{.fd = limits->gateway.fd, .events = POLLIN},
                                {.fd = limits->display.fd, .events = POLLIN}};

    while (poll(entries, 2, CONFIRM_MS_MAX) > 0) {
        if (entries[0].revents != 0) {
            return dg_cli_talk_hear(&limits->gateway, ANSWER_MS);
        }
        do {
            json_t *question = dg_cli_talk_hear(&limits->display, ANSWER_MS);

            if (question == NULL) {
                return NULL;
            }
            answer(limits, question);
            json_decref(question);
        } while (dg_cli_talk_has_line(&limits->display));
    }
    return NULL;
}

/* the verbs ---------------------------------------------------------------- */

/* The pump names one number of a profile that it refuses. */
static void tell_refused(const json_t *reply)
{
    const long long headroom = dg_cli_int(reply, "headroom_mU");

    dg_cli_complain(reply);
    if ((dg_cli_int(reply, "reason_code") == DG_REASON_E9) && (headroom > 0)) {
        (void)fprintf(stderr,
                      "dosegate: of the profile: %s\n",
                      dg_bound_words((unsigned)headroom - 1U));
    } else if (dg_cli_int(reply, "reason_code") == DG_REASON_E9) {
        (void)fprintf(stderr,
                      "dosegate: it is not signed by this pump's prescriber, "
                      "for another pump or age, or not newer\n");
    }
}

static int bring(struct limits *limits)
{
    struct dg_problem problem = {{0}};
    struct dg_prescription profile;
    char hex[(2U * DG_PRESCRIPTION_MAX) + 1U];
    char line[sizeof(hex) + 64U];
    dg_span bytes = {NULL, 0};
    json_t *foreign = dg_cli_talk_hear(&limits->display, SETTLE_MS);

    if (foreign != NULL) {
        (void)fprintf(stderr,
                      "dosegate: something else waits for confirmation: answer "
                      "it, or dosegate stop, first\n");
        json_decref(foreign);
        return DG_CLI_FAILED;
    }
    if (dg_file_read(limits->profile, DG_PRESCRIPTION_MAX, &bytes, &problem) !=
        DG_OK) {
        (void)fprintf(stderr, "dosegate limits: %s\n", problem.text);
        return DG_CLI_FAILED;
    }
    if (dg_prescription_read(bytes, &profile) != DG_OK) {
        (void)fprintf(stderr,
                      "dosegate limits: %s: not a signed profile: see dosegate "
                      "prescribe\n",
                      limits->profile);
        dg_file_free(bytes);
        return DG_CLI_FAILED;
    }
    dg_hex_put(bytes, hex);
    dg_file_free(bytes);
    (void)snprintf(line,
                   sizeof(line),
                   "{\"op\":\"limits\",\"verb\":\"bring\",\"profile\":\"%s\"}",
                   hex);

    json_t *reply =
        dg_cli_talk_say(&limits->gateway, line) ? confirm(limits) : NULL;
    const bool is_ok = json_is_true(json_object_get(reply, "ok"));

    if (is_ok) {
        (void)printf("The pump has profile %lld. What is tighter holds now.\n",
                     dg_cli_int(reply, "profile"));
        if (strcmp(dg_cli_text(reply, "state"), "asked") == 0) {
            (void)printf("Press the button on the pump within two minutes; 24 "
                         "hours later the rest holds.\n");
        }
    } else {
        tell_refused(reply);
    }
    json_decref(reply);
    return is_ok ? DG_CLI_OK : DG_CLI_FAILED;
}

static int ask(struct limits *limits, const char *line)
{
    json_t *reply = dg_cli_talk_ask(&limits->gateway, line, ANSWER_MS);
    const bool is_ok = json_is_true(json_object_get(reply, "ok"));

    if (is_ok) {
        print_limits(reply, limits->as_file);
    } else {
        tell_refused(reply);
    }
    json_decref(reply);
    return is_ok ? DG_CLI_OK : DG_CLI_FAILED;
}

static int run(struct limits *limits, const char *verb)
{
    char dir[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];

    if (!dg_cli_place(limits->dir, dir) ||
        !dg_cli_gateway(&limits->gateway, dir)) {
        return DG_CLI_FAILED;
    }
    if (strcmp(verb, "bring") != 0) {
        return ask(limits,
                   (strcmp(verb, "show") == 0)
                       ? "{\"op\":\"limits\",\"verb\":\"show\"}"
                       : "{\"op\":\"limits\",\"verb\":\"withdraw\"}");
    }
    if (!dg_cli_join(dir, "confirm.sock", path) ||
        !dg_cli_talk_open(&limits->display,
                          path,
                          "the medical domain does not run: dosegate up")) {
        return DG_CLI_FAILED;
    }
    return bring(limits);
}

int dg_cli_limits(int argc, char **argv)
{
    static struct limits limits = {.gateway = {.fd = -1},
                                   .display = {.fd = -1}};
    const struct dg_cli_option options[] = {{"--dir", &limits.dir, NULL},
                                            {"--file", NULL, &limits.as_file},
                                            {"--yes", NULL, &limits.yes}};
    const char *verb = (argc > 1) ? argv[1] : "";
    const bool is_bring = strcmp(verb, "bring") == 0;
    const bool is_known = is_bring || (strcmp(verb, "show") == 0) ||
                          (strcmp(verb, "withdraw") == 0);
    const int skip = is_known ? 1 : 0;
    const int read = dg_cli_options(argc - skip,
                                    argv + skip,
                                    help,
                                    options,
                                    3,
                                    is_bring ? &limits.profile : NULL);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!is_known || (is_bring && (limits.profile == NULL))) {
        (void)fprintf(stderr,
                      "dosegate limits: write show, withdraw, or bring and a "
                      "signed profile\n");
        return DG_CLI_FAILED;
    }

    const int code = run(&limits, verb);

    dg_cli_talk_close(&limits.gateway);
    dg_cli_talk_close(&limits.display);
    return code;
}
