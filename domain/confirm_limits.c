/* SPDX-License-Identifier: Apache-2.0 */
#include "confirm_limits.h"

#include <stdarg.h>
#include <stdio.h>

#include "bounds_text.h"

/* A line that grows; what does not fit makes it unusable. */
struct line {
    char *text;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line,
                                                      const char *format,
                                                      ...)
{
    const size_t room = DG_CONFIRM_LIMITS_MAX - line->used;
    va_list arguments;

    va_start(arguments, format);

    const int size =
        vsnprintf(&line->text[line->used], room, format, arguments);

    va_end(arguments);
    line->used += ((size < 0) || ((size_t)size >= room)) ? room : (size_t)size;
}

static void add_limit(struct line *line,
                      unsigned bound,
                      const struct dg_bounds *before,
                      const struct dg_bounds *after)
{
    char was[DG_BOUND_TEXT_MAX];
    char will[DG_BOUND_TEXT_MAX];

    dg_bound_write(bound, before, was);
    dg_bound_write(bound, after, will);
    add(line,
        "{\"limit\":\"%s\",\"before\":\"%s\",\"after\":\"%s\"}",
        dg_bound_words(bound),
        was,
        will);
}

enum dg_status dg_confirm_limits(const struct dg_limits_question *question,
                                 unsigned lapses_s,
                                 char text[DG_CONFIRM_LIMITS_MAX])
{
    const struct dg_bounds *before = &question->in_force;
    struct dg_prescription profile;
    struct line line = {.text = text};
    unsigned looser = 0;
    unsigned tighter = 0;

    if (dg_prescription_read(
            (dg_span){question->profile.byte, question->profile.size},
            &profile) != DG_OK) {
        return DG_E_PEER;
    }
    add(&line, "{\"show\":\"limits\",\"ticket\":\"");
    for (size_t i = 0; i < DG_TICKET_SIZE; i++) {
        add(&line, "%02x", question->ticket.byte[i]);
    }
    add(&line,
        "\",\"profile\":%u,\"text\":\"These limits become LOOSER. The pump "
        "asks for its own button, and waits 24 hours after it.\",\"looser\":[",
        (unsigned)profile.counter);
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        if (dg_bound_grows(i, before, &profile.bounds)) {
            add(&line, "%s", (looser > 0U) ? "," : "");
            add_limit(&line, i, before, &profile.bounds);
            looser++;
        } else if (dg_bound_grows(i, &profile.bounds, before)) {
            tighter++;
        }
    }
    add(&line, "],\"tighter\":%u,\"lapses_s\":%u}\n", tighter, lapses_s);
    return ((looser > 0U) && (line.used < DG_CONFIRM_LIMITS_MAX)) ? DG_OK
                                                                  : DG_E_PEER;
}
