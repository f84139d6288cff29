/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway_json.h"
#include "lines.h"
#include "role.h"

/* Parses everything that the app sends; holds nothing and is believed by
 * nobody.  A request leaves as one fixed-size message for therapy. */
#define SLOT_BITS 3U
#define OP_BITS   5U

static struct dg_lines app = {
    .too_long = "{\"ok\":false,\"error\":\"a request is one line of text, at "
                "most 1023 bytes\"}\n",
    .full = "{\"ok\":false,\"error\":\"eight clients are connected: close "
            "one\"}\n"};
static bool watches[DG_LINES_CLIENTS_MAX];
static uint32_t watch_generation[DG_LINES_CLIENTS_MAX];

_Static_assert(DG_LINES_CLIENTS_MAX == (1U << SLOT_BITS), "slot in the tag");
_Static_assert(DG_GATEWAY_OPS <= (1U << OP_BITS), "op in the tag");

/* A tag finds the client again, and only if it is still the same one. */
static uint32_t tag_of(size_t slot, enum dg_gateway_op op)
{
    return (uint32_t)slot | ((uint32_t)op << SLOT_BITS) |
           (app.client[slot].generation << (SLOT_BITS + OP_BITS));
}

static void take_line(struct dg_lines *lines, size_t slot, char *line)
{
    struct dg_internal message;
    enum dg_gateway_op op;
    char why[DG_GATEWAY_WHY_MAX];
    char text[DG_GATEWAY_TEXT_MAX];

    if (dg_gateway_read(line, &op, &message, why) != DG_OK) {
        dg_gateway_write_error(why, text);
        dg_lines_put(lines, slot, text);
        return;
    }
    if (op == DG_GATEWAY_WATCH) {
        watches[slot] = true;
        watch_generation[slot] = lines->client[slot].generation;
        dg_lines_put(
            lines, slot, "{\"op\":\"watch\",\"ok\":true,\"result\":\"ok\"}\n");
        return;
    }
    message.as.app.tag = tag_of(slot, op);
    dg_role_send(DG_ROLE_ID_THERAPY, &message);
}

static enum dg_status role_init(int argc,
                                char **argv,
                                struct dg_sandbox_grants *grants,
                                struct dg_role_report *report)
{
    const char *path = dg_role_option(argc, argv, "--socket");
    const char *start = dg_role_option(argc, argv, "--start");
    char why[DG_LINES_WHY_MAX] = "--socket or --start is missing";

    (void)grants;
    (void)report;
    if ((path == NULL) || (start == NULL) ||
        (dg_lines_open(&app, path, why) != DG_OK)) {
        (void)fprintf(stderr, "role gateway: %s\n", why);
        return DG_E_PORT;
    }

    /* Clients of a predecessor that was ended had lower numbers: an answer that
     * is meant for them must not find ours. */
    app.generations = (uint32_t)strtoul(start, NULL, 10) << 16U;
    json_object_seed(0); /* it reads a file, which soon is impossible */
    return DG_OK;
}

/* Who asked, and what; false: they have left. */
static bool find_asker(uint32_t tag, size_t *slot, enum dg_gateway_op *asked)
{
    const unsigned op = (tag >> SLOT_BITS) & ((1U << OP_BITS) - 1U);

    *slot = tag & ((1U << SLOT_BITS) - 1U);
    *asked = (enum dg_gateway_op)op;
    return (op < DG_GATEWAY_OPS) && (app.client[*slot].fd >= 0) &&
           (tag_of(*slot, *asked) == tag);
}

static void take_reply(const struct dg_reply *reply)
{
    size_t slot = 0;
    enum dg_gateway_op op = DG_GATEWAY_NONE;
    char text[DG_GATEWAY_TEXT_MAX];

    if (find_asker(reply->tag, &slot, &op)) {
        dg_gateway_write_reply(op, reply, text);
        dg_lines_put(&app, slot, text);
    }
}

static void take_journal(const struct dg_journal_reply *reply)
{
    size_t slot = 0;
    enum dg_gateway_op op = DG_GATEWAY_NONE;
    char text[DG_GATEWAY_TEXT_MAX];

    if (find_asker(reply->tag, &slot, &op)) {
        dg_gateway_write_journal(reply, text);
        dg_lines_put(&app, slot, text);
    }
}

static void take_phones(const struct dg_phones_note *note)
{
    size_t slot = 0;
    enum dg_gateway_op op = DG_GATEWAY_NONE;
    char text[DG_GATEWAY_TEXT_MAX];

    if (find_asker(note->tag, &slot, &op)) {
        dg_gateway_write_phones(note, text);
        dg_lines_put(&app, slot, text);
    }
}

static void take_progress(const struct dg_progress_note *note)
{
    size_t slot = 0;
    enum dg_gateway_op op = DG_GATEWAY_NONE;
    char text[DG_GATEWAY_TEXT_MAX];

    if (find_asker(note->tag, &slot, &op)) {
        dg_gateway_write_progress(note, text);
        dg_lines_put(&app, slot, text);
    }
}

static void take_nonce(const struct dg_nonce_note *note)
{
    size_t slot = 0;
    enum dg_gateway_op op = DG_GATEWAY_NONE;
    char text[DG_GATEWAY_TEXT_MAX];

    if (find_asker(note->tag, &slot, &op)) {
        dg_gateway_write_nonce(note, text);
        dg_lines_put(&app, slot, text);
    }
}

static void take_limits(const struct dg_limits_note *note)
{
    size_t slot = 0;
    enum dg_gateway_op op = DG_GATEWAY_NONE;
    char text[DG_GATEWAY_TEXT_MAX];

    if (find_asker(note->tag, &slot, &op)) {
        dg_gateway_write_limits(note, text);
        dg_lines_put(&app, slot, text);
    }
}

static void take_event(const struct dg_event_note *event)
{
    char text[DG_GATEWAY_TEXT_MAX];

    dg_gateway_write_event(event, text);
    for (size_t i = 0; i < DG_LINES_CLIENTS_MAX; i++) {
        if (watches[i] && (app.client[i].fd >= 0) &&
            (app.client[i].generation == watch_generation[i])) {
            dg_lines_put(&app, i, text);
        }
    }
}

static enum dg_status role_message(enum dg_role_id peer,
                                   const struct dg_internal *message)
{
    (void)peer;
    if (message->type == DG_INTERNAL_REPLY) {
        take_reply(&message->as.reply);
    } else if (message->type == DG_INTERNAL_PHONES) {
        take_phones(&message->as.phones);
    } else if (message->type == DG_INTERNAL_PROGRESS) {
        take_progress(&message->as.progress);
    } else if (message->type == DG_INTERNAL_NONCE) {
        take_nonce(&message->as.nonce);
    } else if (message->type == DG_INTERNAL_JOURNAL) {
        take_journal(&message->as.journal);
    } else if (message->type == DG_INTERNAL_LIMITS) {
        take_limits(&message->as.limits);
    } else {
        take_event(&message->as.event);
    }
    return DG_OK;
}

static int64_t role_tick(int64_t now_ms)
{
    (void)now_ms;
    return DG_ROLE_NEVER;
}

static size_t role_watch(struct pollfd *entries, size_t room)
{
    (void)room; /* DG_LINES_POLL_MAX fits in DG_ROLE_FDS_MAX */
    return dg_lines_poll(&app, entries);
}

static void role_ready(const struct pollfd *entries, size_t count)
{
    (void)entries;
    (void)count;
    (void)dg_lines_work(&app, take_line);
}

_Static_assert(DG_LINES_POLL_MAX <= DG_ROLE_FDS_MAX, "room in role.c");

int main(int argc, char **argv)
{
    static const struct dg_role_program program = {.id = DG_ROLE_ID_GATEWAY,
                                                   .init = role_init,
                                                   .message = role_message,
                                                   .tick = role_tick,
                                                   .watch = role_watch,
                                                   .ready = role_ready};

    return dg_role_run(&program, argc, argv);
}
