/* SPDX-License-Identifier: Apache-2.0 */
/* dosegate-adapter-device: the reference adapter.  It plays the vendor: it
 * brings Dosegate's virtual pump and phone to the evaluator's bench.  The
 * contract is docs/adapter.md; nothing of it is special to this product. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dosegate/message.h"
#include "eval/adapter/neighbour.h"
#include "eval/adapter/phone.h"
#include "eval/adapter/words.h"
#include "eval/digest.h"
#include "eval/hex.h"
#include "eval/jsonl.h"

#define PHONES 4U

struct adapter {
    const char *bin;
    const char *dir;
    int patience_ms;
    bool is_fixed;                 /* the device's program cannot be replaced */
    struct dg_unit unit[DG_UNITS]; /* x, y */
    struct dg_bench_phone phone[PHONES];
};

static struct adapter adapter = {.patience_ms = 250};

static const char usage[] =
    "usage: dosegate-adapter-device --dir DIR [--bin DIR] [--patience MS]\n"
    "                               [--no-update]\n"
    "\n"
    "Brings the virtual pump to an evaluator: JSON lines on standard input\n"
    "and output, see docs/adapter.md.\n"
    "\n"
    "  --dir DIR   working directory, made when absent\n"
    "  --bin DIR   where dosegate-device and dosegate-domain are (default:\n"
    "              beside this program)\n"
    "  --patience MS\n"
    "              how long a bare phone waits for an answer, 1 to 60000\n"
    "              (default 250; an emulated device needs more)\n"
    "  --no-update the device's program cannot be replaced: nothing about\n"
    "              updates is claimed, and no test of them applies\n";

/* Finding ------------------------------------------------------------------ */

static const char *text_of(const json_t *request, const char *key)
{
    return json_string_value(json_object_get(request, key));
}

static struct dg_unit *unit_of(const json_t *request)
{
    const char *name = text_of(request, "unit");

    if ((name == NULL) || (name[1] != '\0') || (name[0] < 'x') ||
        (name[0] > 'y')) {
        return NULL;
    }
    return &adapter.unit[name[0] - 'x'];
}

static struct dg_bench_phone *find_phone(const char *name)
{
    for (unsigned i = 0U; (name != NULL) && (i < PHONES); i++) {
        if (strcmp(adapter.phone[i].name, name) == 0) {
            return &adapter.phone[i];
        }
    }
    return NULL;
}

static struct dg_bench_phone *free_phone(void)
{
    for (unsigned i = 0U; i < PHONES; i++) {
        if (adapter.phone[i].name[0] == '\0') {
            return &adapter.phone[i];
        }
    }
    return NULL;
}

/* Operations --------------------------------------------------------------- */

static json_t *do_hello(const json_t *request)
{
    char path[640];
    char digest[65] = "";

    (void)request;
    (void)snprintf(path, sizeof path, "%s/dosegate-device", adapter.bin);
    return dg_digest_file(path, digest)
               ? dg_words_hello(digest, adapter.is_fixed)
               : dg_words_failure("dosegate-device is not where --bin points");
}

static json_t *do_start(const json_t *request)
{
    struct dg_unit *unit = unit_of(request);
    const char *person = text_of(request, "person");
    char dir[DG_UNIT_PATH];

    if (unit == NULL) {
        return dg_words_failure("\"unit\" must be x or y");
    }
    (void)snprintf(
        dir, sizeof dir, "%s/unit-%s", adapter.dir, text_of(request, "unit"));

    const bool has_two =
        json_integer_value(json_object_get(request, "hormones")) == 2;
    const char *problem = dg_unit_start(unit,
                                        adapter.bin,
                                        dir,
                                        (person == NULL) ? "adult" : person,
                                        has_two ? "asked" : "none");

    if (problem != NULL) {
        return dg_words_failure(problem);
    }

    json_t *answer = dg_unit_declare(unit);

    return (answer != NULL)
               ? answer
               : dg_words_failure("the pump's bench does not answer");
}

static json_t *do_stop(const json_t *request)
{
    struct dg_unit *unit = unit_of(request);

    if (unit == NULL) {
        return dg_words_failure("\"unit\" must be x or y");
    }
    dg_unit_stop(unit);
    return dg_words_result("stopped");
}

static json_t *do_power_cut(const json_t *request)
{
    struct dg_unit *unit = unit_of(request);

    if ((unit == NULL) || !unit->is_made) {
        return dg_words_failure("no such unit was started");
    }
    dg_unit_cut(unit);
    return dg_words_result("off");
}

static json_t *do_power_on(const json_t *request)
{
    struct dg_unit *unit = unit_of(request);
    const char *problem = (unit == NULL) ? "no such unit was started"
                                         : dg_unit_power_on(unit, adapter.bin);

    /* The pump has forgotten what phones had shown, and their sessions.  An app
     * finds that out by itself; a bare phone attests whenever it connects, and
     * in the session of before it would only wait for silence. */
    for (unsigned i = 0U; i < PHONES; i++) {
        struct dg_bench_phone *phone = &adapter.phone[i];

        if (phone->unit == unit) {
            phone->shown_s = phone->is_app ? DG_PHONE_RENEW_S : 0;
        }
    }
    return (problem == NULL) ? dg_words_result("on")
                             : dg_words_failure(problem);
}

/* The bench of the pump itself knows these. */
static json_t *do_on_bench(const json_t *request)
{
    struct dg_unit *unit = unit_of(request);

    if ((unit == NULL) || !unit->is_made) {
        return dg_words_failure("no such unit was started");
    }

    json_t *answer = dg_unit_ask(unit, json_deep_copy(request));

    return (answer != NULL)
               ? answer
               : dg_words_failure("the pump's bench does not answer");
}

/* A button that has nothing to do is an answer, not a broken bench. */
static json_t *do_press(const json_t *request)
{
    json_t *answer = do_on_bench(request);
    const char *error = text_of(answer, "error");

    if ((error != NULL) && (strncmp(error, "nothing to do", 13U) == 0)) {
        json_decref(answer);
        return dg_words_result("nothing");
    }
    if (error == NULL) {
        json_object_set_new(answer, "result", json_string("done"));
    }
    return answer;
}

/* Whether the pump's program still runs; one that was switched off does not
 * count as dead. */
static json_t *do_alive(const json_t *request)
{
    struct dg_unit *unit = unit_of(request);

    if ((unit == NULL) || !unit->is_made) {
        return dg_words_failure("no such unit was started");
    }
    return json_pack("{s:b, s:b}",
                     "ok",
                     1,
                     "alive",
                     unit->is_off || dg_child_is_alive(&unit->child));
}

/* What someone does who opens a unit, with what the bench knows of its phones'
 * secrets. */
static json_t *do_opened(const json_t *request)
{
    struct dg_unit *unit = unit_of(request);
    json_t *known = json_array();

    for (unsigned i = 0U; i < PHONES; i++) {
        if ((adapter.phone[i].unit == unit) && !adapter.phone[i].is_app) {
            dg_bare_tell(&adapter.phone[i].bare, known);
        }
    }
    return dg_unit_opened(unit, adapter.bin, request, known);
}

static json_t *do_link(const json_t *request)
{
    const struct dg_unit *unit = unit_of(request);

    if ((unit == NULL) || !unit->is_made) {
        return dg_words_failure("no such unit was started");
    }
    return json_pack("{s:b, s:s}", "ok", 1, "link", unit->link);
}

/* Time passes on the bench of one pump.  Phones renew their tickets in it, so
 * that a dose consists of its own frames only. */
static json_t *do_advance(const json_t *request)
{
    const json_int_t passed = json_integer_value(json_object_get(request, "s"));
    json_t *answer = do_on_bench(request);

    for (unsigned i = 0U; i < PHONES; i++) {
        if (adapter.phone[i].unit == unit_of(request)) {
            adapter.phone[i].shown_s += (passed > 0) ? passed : 0;
            dg_phone_attest_if_old(&adapter.phone[i]);
        }
    }
    return answer;
}

static json_t *do_place_reading(const json_t *request)
{
    struct dg_unit *unit = unit_of(request);
    const json_t *value = json_object_get(request, "mg_dL");
    const bool waits = !json_is_false(json_object_get(request, "wait"));
    uint8_t frame[64];
    size_t size = 0U;

    if ((unit == NULL) || !unit->is_made || !json_is_integer(value)) {
        return dg_words_failure("needs a started \"unit\" and \"mg_dL\"");
    }

    const char *problem =
        dg_unit_reading(unit, (int)json_integer_value(value), frame, &size);

    if (problem != NULL) {
        return dg_words_failure(problem);
    }
    for (unsigned i = 0U; i < PHONES; i++) {
        struct dg_bench_phone *phone = &adapter.phone[i];

        if ((phone->name[0] == '\0') || phone->is_off) {
            continue;
        }
        if (phone->is_app) {
            dg_phone_attest_if_old(phone);
            dg_app_hear(&phone->app,
                        (dg_span){frame, size},
                        waits && !phone->is_frozen);
        } else {
            memcpy(phone->bare.frame, frame, size);
            phone->bare.frame_size = size;
        }
    }
    return dg_words_result("placed");
}

static json_t *do_phone_start(const json_t *request)
{
    const char *name = text_of(request, "phone");
    const char *kind = text_of(request, "kind");
    const char *via = text_of(request, "via");
    struct dg_bench_phone *phone = free_phone();

    if ((name == NULL) || (kind == NULL) || (via == NULL) ||
        (strlen(name) >= sizeof phone->name) || (phone == NULL) ||
        (find_phone(name) != NULL)) {
        return dg_words_failure(
            "needs a new \"phone\" name, \"kind\" and \"via\"; four at most");
    }
    phone->is_loop = strcmp(kind, "loop") == 0;
    phone->is_app = phone->is_loop || (strcmp(kind, "app") == 0);
    phone->isf = dg_unit_isf(&adapter.unit[0]);
    if (!phone->is_app && (strcmp(kind, "bare") != 0) &&
        (strcmp(kind, "stranger") != 0)) {
        return dg_words_failure("\"kind\" must be app, loop, bare or stranger");
    }
    (void)snprintf(phone->via, sizeof phone->via, "%s", via);
    (void)snprintf(
        phone->dir, sizeof phone->dir, "%s/phone-%s", adapter.dir, name);

    const char *problem =
        dg_phone_start(phone, adapter.bin, adapter.patience_ms);

    if (problem != NULL) {
        return dg_words_failure(problem);
    }
    (void)snprintf(phone->name, sizeof phone->name, "%s", name);
    return dg_words_result("started");
}

/* What is printed on the unit and known to whoever has talked to it. */
static void read_print(struct dg_pairing_code *code)
{
    memset(code, 0, sizeof *code);
    for (unsigned i = 0U; i < PHONES; i++) {
        const struct dg_bench_phone *phone = &adapter.phone[i];

        if ((phone->name[0] != '\0') && !phone->is_app &&
            (phone->bare.phone.knock_counter > 0U)) {
            code->device = phone->bare.phone.device;
            code->device_key = phone->bare.phone.device_key;
        }
    }
}

/* The code on the pump's display; without a press there is none, and the
 * stranger tries what factories used to ship: a secret of zeros. */
static void read_code(struct dg_unit *unit,
                      bool has_presence,
                      char code[2U * DG_PAIRING_CODE_MAX + 1U])
{
    struct dg_pairing_code blank;
    uint8_t room[DG_PAIRING_CODE_MAX];
    dg_span bytes = {NULL, 0U};

    code[0] = '\0';
    if (has_presence) {
        json_decref(dg_unit_ask(
            unit, json_pack("{s:s, s:s}", "op", "press", "button", "pair")));

        json_t *shown = dg_unit_ask(unit, json_pack("{s:s}", "op", "display"));
        const char *text = json_string_value(json_object_get(shown, "code"));

        (void)snprintf(code,
                       2U * DG_PAIRING_CODE_MAX + 1U,
                       "%s",
                       (text == NULL) ? "" : text);
        json_decref(shown);
        return;
    }
    read_print(&blank);
    if (dg_pairing_code_encode(&blank, DG_BUF_OF(room), &bytes) == DG_OK) {
        dg_hex_put(bytes, code);
    }
}

static json_t *do_pair(const json_t *request)
{
    struct dg_unit *unit = unit_of(request);
    struct dg_bench_phone *phone = find_phone(text_of(request, "phone"));
    const char *role = text_of(request, "role");
    const char *name = text_of(request, "name");
    char code[2U * DG_PAIRING_CODE_MAX + 1U];

    if ((unit == NULL) || !unit->is_made || (phone == NULL) || (role == NULL)) {
        return dg_words_failure("needs a started unit, a phone and a role");
    }
    read_code(unit, json_is_true(json_object_get(request, "presence")), code);
    if (phone->is_app) {
        json_t *answer = dg_app_pair(
            &phone->app, code, (name == NULL) ? "bench app" : name, role);

        phone->unit = unit;
        dg_phone_attest(phone);
        return answer;
    }

    (void)snprintf(phone->bare.name,
                   sizeof phone->bare.name,
                   "%s",
                   (name == NULL) ? "" : name);

    const char *problem = dg_bare_pair(&phone->bare, code, role);

    if (problem == NULL) {
        const bool is_offline =
            json_is_true(json_object_get(request, "offline"));

        /* Without a server there is nobody to vouch for the phone. */
        phone->unit = unit;
        phone->bare.unit = is_offline ? NULL : unit;
    }

    return (problem == NULL) ? dg_words_result("paired")
                             : dg_words_result("refused");
}

static json_t *do_pose(const json_t *request)
{
    struct dg_bench_phone *phone = find_phone(text_of(request, "phone"));
    struct dg_bench_phone *model = find_phone(text_of(request, "as"));
    struct dg_bench_phone *known = model;

    /* An app's identifiers are as visible as those of a bare phone that is
     * paired with the same unit. */
    for (unsigned i = 0U; (known != NULL) && known->is_app && (i < PHONES);
         i++) {
        if ((adapter.phone[i].name[0] != '\0') && !adapter.phone[i].is_app &&
            (&adapter.phone[i] != phone)) {
            known = &adapter.phone[i];
        }
    }
    if ((phone == NULL) || phone->is_app || (known == NULL) || known->is_app) {
        return dg_words_failure("needs a stranger and a phone to pose as");
    }

    const char *problem = dg_bare_pose_as(&phone->bare, &known->bare);

    return (problem == NULL) ? dg_words_result("posed")
                             : dg_words_failure(problem);
}

/* One phone asks the unit to forget another: the unit knows slots, the bench
 * names. */
static json_t *do_revoke(const json_t *request)
{
    struct dg_bench_phone *phone = find_phone(text_of(request, "phone"));
    const struct dg_bench_phone *other = find_phone(text_of(request, "of"));

    if ((phone == NULL) || phone->is_app || (other == NULL) || other->is_app) {
        return dg_words_failure("needs a bare \"phone\" and a bare phone "
                                "\"of\" that is to be forgotten");
    }

    struct dg_request revoke = dg_bare_simple(DG_REQUEST_REVOKE);

    revoke.as.revoke.slot = other->bare.phone.slot;
    return dg_bare_say(&phone->bare, &revoke);
}

static json_t *do_phone(const json_t *request)
{
    struct dg_bench_phone *phone = find_phone(text_of(request, "phone"));

    if (phone == NULL) {
        return dg_words_failure("no such phone was started");
    }
    if (phone->is_off || phone->is_frozen) {
        return dg_words_result("silent");
    }
    dg_phone_attest_if_old(phone);
    return phone->is_app ? dg_app_do(&phone->app, request)
                         : dg_bare_do(&phone->bare, request);
}

static json_t *do_phone_power(const json_t *request)
{
    struct dg_bench_phone *phone = find_phone(text_of(request, "phone"));

    return (phone == NULL)
               ? dg_words_failure("no such phone was started")
               : dg_phone_power(
                     phone, request, adapter.bin, adapter.patience_ms);
}

static json_t *do_neighbour(const json_t *request)
{
    return dg_neighbour_do(
        find_phone(text_of(request, "phone")), request, adapter.bin);
}

static const struct {
    const char *name;
    json_t *(*run)(const json_t *request);
} operations[] = {
    {"hello", do_hello},
    {"start", do_start},
    {"stop", do_stop},
    {"power_cut", do_power_cut},
    {"power_on", do_power_on},
    {"advance", do_advance},
    {"press", do_press},
    {"display", do_on_bench},
    {"delivered", do_on_bench},
    {"alarms", do_on_bench},
    {"battery", do_on_bench},
    {"block", do_on_bench},
    {"cut", do_on_bench},
    {"clock", do_on_bench},
    {"glucagon", do_on_bench},
    {"alive", do_alive},
    {"keep", do_opened},
    {"rewind", do_opened},
    {"settings", do_opened},
    {"secrets", do_opened},
    {"release", do_opened},
    {"firmware", do_opened},
    {"link", do_link},
    {"place_reading", do_place_reading},
    {"phone_start", do_phone_start},
    {"pair", do_pair},
    {"pose", do_pose},
    {"revoke", do_revoke},
    {"phone", do_phone},
    {"phone_power", do_phone_power},
    {"neighbour", do_neighbour},
};

static json_t *run(const json_t *request)
{
    const char *name = text_of(request, "op");

    for (size_t i = 0U;
         (name != NULL) && (i < (sizeof operations / sizeof operations[0]));
         i++) {
        if (strcmp(name, operations[i].name) == 0) {
            return operations[i].run(request);
        }
    }
    return dg_words_failure("unknown \"op\"; see docs/adapter.md");
}

static void end_all(void)
{
    dg_neighbour_end();
    for (unsigned i = 0U; i < PHONES; i++) {
        dg_app_stop(&adapter.phone[i].app);
        dg_bare_stop(&adapter.phone[i].bare);
    }
    for (unsigned i = 0U; i < DG_UNITS; i++) {
        dg_unit_stop(&adapter.unit[i]);
    }
}

static int serve(void)
{
    static struct dg_jsonl lines;
    static const int forever_ms = 3600 * 1000;

    dg_jsonl_open(&lines, STDIN_FILENO, STDOUT_FILENO);
    for (;;) {
        json_t *request = dg_jsonl_receive(&lines, forever_ms, NULL);

        if ((request == NULL) && (lines.fault != DG_JSONL_BAD)) {
            end_all();
            return 0;
        }

        json_t *answer =
            (request != NULL)
                ? run(request)
                : dg_words_failure("a request is one JSON object on one line");

        json_decref(request);
        if (!dg_jsonl_send(&lines, answer)) {
            end_all();
            return 1;
        }
    }
}

/* The product lies beside its adapter unless --bin says otherwise. */
static const char *own_folder(void)
{
    static char path[512];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1U);
    char *slash = NULL;

    if (size <= 0) {
        return NULL;
    }
    path[size] = '\0';
    slash = strrchr(path, '/');
    if (slash == NULL) {
        return NULL;
    }
    *slash = '\0';
    return path;
}

static bool read_patience(const char *text)
{
    char *rest = NULL;
    const long value = strtol(text, &rest, 10);

    if ((rest == text) || (*rest != '\0') || (value < 1) || (value > 60000)) {
        return false;
    }
    adapter.patience_ms = (int)value;
    return true;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        {"bin", required_argument, NULL, 'b'},
        {"dir", required_argument, NULL, 'd'},
        {"no-update", no_argument, NULL, 'n'},
        {"patience", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int letter = 0;

    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (letter == 'b') {
            adapter.bin = optarg;
        } else if (letter == 'd') {
            adapter.dir = optarg;
        } else if (letter == 'n') {
            adapter.is_fixed = true;
        } else if ((letter == 'p') && read_patience(optarg)) {
            continue;
        } else {
            (void)fputs(usage, (letter == 'h') ? stdout : stderr);
            return (letter == 'h') ? 0 : 1;
        }
    }
    if (adapter.bin == NULL) {
        adapter.bin = own_folder();
    }
    if ((adapter.bin == NULL) || (adapter.dir == NULL)) {
        (void)fputs(usage, stderr);
        return 1;
    }
    dg_neighbour_become_plain();
    (void)mkdir(adapter.dir, 0700);
    for (unsigned i = 0U; i < DG_UNITS; i++) {
        adapter.unit[i].bench.in = -1;
        adapter.unit[i].bench.out = -1;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    return serve();
}
