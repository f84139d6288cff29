/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/adapter/words.h"

/* What someone does who opens a unit: copy its memory and put it back, and
 * compare what is set in it.  A pump in an emulator has board.ram while it runs
 * and no images; one that is a process is the other way round. */
static const char *const parts[] = {
    "flash.bin", "world.bin", "images.bin", "board.ram"};
#define PARTS_ALWAYS 2U /* the first ones */

static bool copy(const char *from, const char *to)
{
    static uint8_t room[65536];
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t got = (in < 0) ? -1 : 1;

    while ((out >= 0) && (got > 0)) {
        got = read(in, room, sizeof room);
        if ((got > 0) && (write(out, room, (size_t)got) != got)) {
            got = -1;
        }
    }
    if (in >= 0) {
        (void)close(in);
    }
    if (out >= 0) {
        (void)close(out);
    }
    return (out >= 0) && (got == 0);
}

/* The same files there as here: what is not here goes there as well. */
static bool copy_all(const struct dg_unit *unit, bool is_back)
{
    bool is_copied = true;

    for (size_t i = 0U; i < (sizeof parts / sizeof parts[0]); i++) {
        char used[DG_UNIT_PATH + 32U];
        char kept[DG_UNIT_PATH + 32U];
        const char *from = is_back ? kept : used;
        const char *to = is_back ? used : kept;

        (void)snprintf(used, sizeof used, "%s/%s", unit->dir, parts[i]);
        (void)snprintf(kept, sizeof kept, "%s/kept-%s", unit->dir, parts[i]);
        if ((i >= PARTS_ALWAYS) && (access(from, F_OK) != 0) &&
            (errno == ENOENT)) {
            is_copied = is_copied && ((unlink(to) == 0) || (errno == ENOENT));
        } else {
            is_copied = is_copied && copy(from, to);
        }
    }
    return is_copied;
}

static json_t *keep(struct dg_unit *unit)
{
    return copy_all(unit, false)
               ? dg_words_result("kept")
               : dg_words_failure("the unit's memory could not be copied");
}

static json_t *put_back(struct dg_unit *unit, const char *bin)
{
    const char *problem = NULL;

    dg_unit_cut(unit);
    problem = copy_all(unit, true) ? dg_unit_power_on(unit, bin)
                                   : "no memory of this unit was kept";
    return (problem == NULL) ? dg_words_result("rewound")
                             : dg_words_failure(problem);
}

static json_t *settings(struct dg_unit *unit)
{
    static const char *const passing[] = {"ok", "now_s", "link"};
    json_t *set = dg_unit_declare(unit);
    json_t *firmware = dg_unit_ask(unit, json_pack("{s:s}", "op", "firmware"));

    if (set == NULL) {
        json_decref(firmware);
        return dg_words_failure("the pump's bench does not answer");
    }
    for (size_t i = 0U; i < (sizeof passing / sizeof passing[0]); i++) {
        (void)json_object_del(set, passing[i]);
    }
    if (firmware != NULL) {
        json_object_set_new(set, "firmware", firmware);
    }

    char *text = json_dumps(set, JSON_SORT_KEYS | JSON_COMPACT);
    json_t *answer = json_pack("{s:b, s:s?}", "ok", 1, "settings", text);

    free(text);
    json_decref(set);
    return answer;
}

static json_t *secrets(struct dg_unit *unit, json_t *known)
{
    json_t *sensor = dg_unit_ask(unit, json_pack("{s:s}", "op", "sensor"));

    (void)json_array_append(known, json_object_get(sensor, "key"));
    json_decref(sensor);
    return json_pack("{s:b, s:O}", "ok", 1, "secrets", known);
}

json_t *dg_unit_opened(struct dg_unit *unit,
                       const char *bin,
                       const json_t *request,
                       json_t *known)
{
    const char *what = json_string_value(json_object_get(request, "op"));
    json_t *answer = NULL;

    if ((unit == NULL) || !unit->is_made || (what == NULL)) {
        answer = dg_words_failure("no such unit was started");
    } else if (strcmp(what, "keep") == 0) {
        answer = keep(unit);
    } else if (strcmp(what, "rewind") == 0) {
        answer = put_back(unit, bin);
    } else if (strcmp(what, "settings") == 0) {
        answer = settings(unit);
    } else if (strcmp(what, "release") == 0) {
        answer = dg_unit_release(
            unit, json_string_value(json_object_get(request, "kind")));
    } else if (strcmp(what, "firmware") == 0) {
        answer = dg_unit_firmware(unit);
    } else {
        answer = secrets(unit, known);
    }
    json_decref(known);
    return answer;
}
