/* SPDX-License-Identifier: Apache-2.0 */
/* A whole adapter in C: it brings a product, the tap pump of tap_pump.h, to the
 * bench of docs/adapter.md.  What the product has not, nobody offers. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tap_pump.h"

static const char *text(const json_t *request, const char *key)
{
    const char *value = json_string_value(json_object_get(request, key));

    return (value == NULL) ? "" : value;
}

static bool is(const json_t *request, const char *key, const char *word)
{
    return strcmp(text(request, key), word) == 0;
}

/* Always true: an answer was given. */
static bool say(json_t *answer)
{
    json_object_set_new(answer, "ok", json_true());
    (void)json_dumpf(answer, stdout, JSON_COMPACT);
    json_decref(answer);
    return puts("") >= 0;
}

/* Who the product is, what it claims, and what the bench measures. */
/* clang-format off */
static bool say_hello(void)
{
    return say(json_pack("{s:i, s:s, s:s, s:s, s:s}", "contract", 1,
                         "name", "Tap pump, simulated", "version", "1.0.0",
                         "platform", "none", "firmware_digest", tap_digest()));
}

static json_t *cap(int dose, int all)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:i}", "dose_mU", dose,
                     "5min_mU", all, "1h_mU", all, "4h_mU", all, "24h_mU", all);
}

static bool say_unit(const struct tap_unit *unit)
{
    return say(json_pack(
        "{s:o, s:i, s:i, s:{s:o, s:o, s:o}, s:b, s:I, s:I}",
        "link", json_sprintf("udp:127.0.0.1:%d", tap_port(unit)),
        "pulse_mU", TAP_PULSE, "basal_mU_per_h", TAP_BASAL, "caps",
        "automatic", cap(0, 0), "confirmed", cap(TAP_DOSE, TAP_ALL),
        "total", cap(TAP_DOSE, TAP_ALL), "alive", 1,
        "mU", (json_int_t)unit->moved,
        "used_nAh", (json_int_t)unit->now * 10));
}
/* False: it cannot be done; with a unit that was never started nothing can. */
static bool on_unit(const json_t *request, struct tap_unit *unit)
{
    const json_int_t s = json_integer_value(json_object_get(request, "s"));
    const char *button = text(request, "button");
    const bool is_done =
        is(request, "op", "start")           ? tap_start(unit)
        : tap_port(unit) == 0                ? false
        : is(request, "op", "power_cut")     ? tap_power(unit, false)
        : is(request, "op", "power_on")      ? tap_power(unit, true)
        : is(request, "op", "advance")       ? tap_advance(unit, s)
        : is(request, "op", "press")         ? tap_press(unit, button)
        : is(request, "op", "place_reading") ? true
        : is(request, "op", "delivered") || is(request, "op", "battery") ||
          is(request, "op", "alive") || is(request, "op", "link");

    return is_done && say_unit(unit);
}
/* clang-format on */

/* NULL: it cannot be done.  A bolus is a proposal and what commits it. */
static const char *on_phone(const json_t *request, struct tap_phone *phone)
{
    const json_int_t mU = json_integer_value(json_object_get(request, "mU"));
    const bool is_bolus = is(request, "do", "bolus");
    const bool is_wrong = is(request, "sign", "wrong");
    const char *said = "ticket";

    if (is(request, "tier", "automatic")) {
        return "refused";
    }
    if (is_bolus || is(request, "do", "propose")) {
        phone->last.mU = (int32_t)((mU < 0) || (mU > TAP_ALL) ? 0 : mU);
        said = tap_ask(phone, "propose");
    } else if (!is(request, "do", "commit")) {
        return tap_ask(phone, text(request, "do"));
    }
    if (is(request, "do", "propose") || (strcmp(said, "ticket") != 0)) {
        return said;
    }
    if (json_is_false(json_object_get(request, "approve"))) {
        return "declined"; /* by the person */
    }
    if (!is(request, "sign", "none")) {
        tap_sign(phone, is_wrong ? TAP_PULSE : phone->last.mU);
    }
    return tap_ask(phone, "commit");
}

static bool answer(const json_t *request)
{
    struct tap_unit *unit = tap_find_unit(text(request, "unit"));
    struct tap_phone *phone = tap_find_phone(text(request, "phone"));
    const bool is_there = json_is_true(json_object_get(request, "presence"));
    const char *said = NULL;

    if (is(request, "op", "hello")) {
        return say_hello();
    }
    if (is(request, "op", "phone_start") && (phone == NULL)) {
        said = tap_make_phone(text(request, "phone"),
                              text(request, "kind"),
                              text(request, "via"));
    } else if (phone == NULL) {
        return (unit != NULL) && on_unit(request, unit);
    } else if (is(request, "op", "pose")) {
        said = tap_pose(phone, tap_find_phone(text(request, "as")));
    } else if (is(request, "op", "pair")) {
        said = tap_pair(phone, unit, is_there);
    } else if (is(request, "op", "phone")) {
        said = on_phone(request, phone);
    }
    return (said != NULL) && say(json_pack("{s:s}", "result", said));
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t room = 0;

    (void)mkdir(argv[argc - 1], 0700); /* --dir DIR */
    while (getline(&line, &room, stdin) > 0) {
        json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

        if (!answer(request)) {
            (void)puts("{\"ok\": false, \"error\": \"it cannot be done\"}");
        }
        (void)fflush(stdout);
        json_decref(request);
    }
    free(line);
    return 0;
}
