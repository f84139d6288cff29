/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "confirm_limits.h"
#include "crypto_openssl.h"
#include "effect_text.h"
#include "keystore.h"
#include "lines.h"
#include "private_file.h"
#include "role.h"

/* The trusted display and the presence key behind it.  On a phone this is the
 * secure part (protected confirmation); here it is a process with a socket of
 * its own.  What it shows is made from the very fields that it signs, so that
 * no other process can choose the words.  It understands two commands:
 *
 *   approve TICKET      decline TICKET       (16 hex digits) */
#define KEY_NAME  "presence"
#define PLACE_MAX 256U
#define MARGIN_S  2 /* an approval in the last moment would come too late */

static struct dg_crypto crypto;
static struct dg_keystore store;
static struct dg_key presence;
static struct dg_lines display = {
    .too_long = "{\"error\":\"that is no command: write approve TICKET or "
                "decline TICKET\"}\n",
    .full = "{\"error\":\"too many displays are connected: close one\"}\n"};
static bool is_asked;
static struct dg_internal question; /* while is_asked */
static int64_t lapses_ms;

static enum dg_status load_key(void)
{
    const enum dg_status status =
        dg_keystore_load(&store, KEY_NAME, DG_KEY_SIGN, &presence);

    return (status == DG_E_STATE)
               ? dg_keystore_make(&store, KEY_NAME, DG_KEY_SIGN, &presence)
               : status;
}

/* Everything that the library loads late is loaded before the door shuts. */
static enum dg_status warm_up(void)
{
    const struct dg_hash hash = {{0}};
    struct dg_signature signature;
    struct dg_hash digest;
    const dg_span part = DG_SPAN_OF(hash.byte);
    enum dg_status status = crypto.sha256(crypto.context, &part, 1, &digest);

    if (status == DG_OK) {
        status = dg_keystore_sign(&store, &presence, &digest, &signature);
    }
    return status;
}

static enum dg_status role_init(int argc,
                                char **argv,
                                struct dg_sandbox_grants *grants,
                                struct dg_role_report *report)
{
    const char *dir = dg_role_option(argc, argv, "--dir");
    const char *where = dg_role_option(argc, argv, "--keys");
    char why[DG_LINES_WHY_MAX] = "--dir is missing";
    char place[PLACE_MAX];
    char path[PLACE_MAX];
    int directory = -1;

    (void)report;
    if ((dir == NULL) || (strlen(dir) + 16U > sizeof(place))) {
        (void)fprintf(stderr, "role confirm: %s\n", why);
        return DG_E_PORT;
    }
    (void)snprintf(place, sizeof(place), "%s/confirm", dir);
    (void)snprintf(path, sizeof(path), "%s/confirm.sock", dir);
    if ((dg_private_directory_open(place, &directory, why) != DG_OK) ||
        (dg_lines_open(&display, path, why) != DG_OK)) {
        (void)fprintf(stderr, "role confirm: %s\n", why);
        return DG_E_PORT;
    }
    if ((dg_crypto_openssl_init(&crypto) != DG_OK) ||
        (dg_keystore_open(&store,
                          &crypto,
                          (where == NULL) ? "file" : where,
                          directory,
                          DG_ROLE_TOKEN_FD,
                          why) != DG_OK)) {
        (void)fprintf(stderr, "role confirm: --keys: %s\n", why);
        return DG_E_PORT;
    }
    if ((load_key() != DG_OK) || (warm_up() != DG_OK)) {
        (void)fprintf(stderr,
                      "role confirm: %s/confirm/key-" KEY_NAME
                      " is no presence key "
                      "of this place: name the --keys that made it, or "
                      "dosegate phone erase and pair again\n",
                      dir);
        return DG_E_PORT;
    }
    grants->directory = directory;
    return DG_OK;
}

static void introduce(void)
{
    static bool is_done;
    struct dg_internal message = {.type = DG_INTERNAL_PRESENCE};

    if (!is_done) {
        message.as.presence = presence.public_key;
        dg_role_send(DG_ROLE_ID_THERAPY, &message);
        message.type = DG_INTERNAL_ENROLL;
        dg_role_send(DG_ROLE_ID_KEYS, &message);
        is_done = true;
    }
}

static void write_ticket(const struct dg_ticket_id *ticket,
                         char hex[2U * DG_TICKET_SIZE + 1U])
{
    for (size_t i = 0; i < DG_TICKET_SIZE; i++) {
        (void)snprintf(&hex[2U * i], 3, "%02x", ticket->byte[i]);
    }
}

static const struct dg_ticket_id *ticket_asked(void)
{
    return (question.type == DG_INTERNAL_ASK_LIMITS)
               ? &question.as.limits_question.ticket
               : &question.as.ask.approval.ticket;
}

/* Whole seconds until nobody needs to answer any more. */
static unsigned left_s(void)
{
    const int64_t left_ms = lapses_ms - dg_role_now_ms();

    return (left_ms > 0) ? (unsigned)(left_ms / 1000) : 0U;
}

static void show_limits(size_t slot)
{
    static char text[DG_CONFIRM_LIMITS_MAX];

    if (dg_confirm_limits(&question.as.limits_question, left_s(), text) ==
        DG_OK) {
        dg_lines_put(&display, slot, text);
    }
}

static void show(size_t slot)
{
    const struct dg_approval *approval = &question.as.ask.approval;
    char hex[2U * DG_TICKET_SIZE + 1U];
    char members[DG_EFFECT_TEXT_MAX];
    char words[DG_EFFECT_TEXT_MAX];
    char text[512];

    if (question.type == DG_INTERNAL_ASK_LIMITS) {
        show_limits(slot);
        return;
    }
    write_ticket(&approval->ticket, hex);
    dg_effect_members(&approval->effect, members);
    dg_effect_words(&approval->effect, words);
    (void)snprintf(text,
                   sizeof(text),
                   "{\"show\":\"ask\",\"ticket\":\"%s\",%s,\"text\":\"%s\","
                   "\"button\":%s,\"lapses_s\":%u}\n",
                   hex,
                   members,
                   words,
                   question.as.ask.button ? "true" : "false",
                   left_s());
    dg_lines_put(&display, slot, text);
}

static size_t show_all(void)
{
    size_t viewers = 0;

    for (size_t i = 0; i < DG_LINES_CLIENTS_MAX; i++) {
        if ((display.client[i].fd >= 0) && !display.client[i].closing) {
            show(i);
        }
        viewers += (display.client[i].fd >= 0) ? 1U : 0U;
    }
    return viewers;
}

static void tell_all(const char *what)
{
    char hex[2U * DG_TICKET_SIZE + 1U];
    char text[128];

    write_ticket(ticket_asked(), hex);
    (void)snprintf(
        text, sizeof(text), "{\"show\":\"%s\",\"ticket\":\"%s\"}\n", what, hex);
    for (size_t i = 0; i < DG_LINES_CLIENTS_MAX; i++) {
        dg_lines_put(&display, i, text);
    }
}

static void decline(enum dg_cause cause, const char *what)
{
    struct dg_internal message = {.type = DG_INTERNAL_DECLINED};

    message.as.declined.ticket = *ticket_asked();
    message.as.declined.cause = cause;
    is_asked = false;
    tell_all(what);
    dg_role_send(DG_ROLE_ID_THERAPY, &message);
}

/* Nothing is signed: the prescriber has, and the device asks again by its own
 * button. */
static void permit(void)
{
    struct dg_internal message = {.type = DG_INTERNAL_PERMITTED};

    message.as.permitted = *ticket_asked();
    is_asked = false;
    tell_all("approved");
    dg_role_send(DG_ROLE_ID_THERAPY, &message);
}

static void approve(void)
{
    struct dg_internal message = {.type = DG_INTERNAL_APPROVED};
    struct dg_hash hash;

    if (question.type == DG_INTERNAL_ASK_LIMITS) {
        permit();
        return;
    }

    message.as.approved.ticket = question.as.ask.approval.ticket;
    if ((dg_approval_hash(&crypto, &question.as.ask.approval, &hash) !=
         DG_OK) ||
        (dg_keystore_sign(
             &store, &presence, &hash, &message.as.approved.signature) !=
         DG_OK)) {
        dg_role_exit(DG_ROLE_EXIT_FAULT);
    }
    is_asked = false;
    tell_all("approved");
    dg_role_send(DG_ROLE_ID_THERAPY, &message);
}

static bool is_real(const struct dg_internal *message)
{
    static char text[DG_CONFIRM_LIMITS_MAX];

    return (message->type == DG_INTERNAL_ASK_LIMITS)
               ? (dg_confirm_limits(&message->as.limits_question, 0U, text) ==
                  DG_OK)
               : dg_effect_is_sound(&message->as.ask.approval.effect);
}

static enum dg_status role_message(enum dg_role_id peer,
                                   const struct dg_internal *message)
{
    (void)peer;
    if (message->type == DG_INTERNAL_WITHDRAW) {
        if (is_asked &&
            (memcmp(&message->as.withdraw, ticket_asked(), DG_TICKET_SIZE) ==
             0)) {
            decline(DG_CAUSE_DECLINED, "withdrawn");
        }
        return DG_OK; /* else it crossed our answer */
    }
    if (is_asked || !is_real(message)) {
        return DG_E_PEER; /* one question at a time, about something real */
    }
    question = *message;
    is_asked = true;
    lapses_ms =
        dg_role_now_ms() + ((int64_t)((message->type == DG_INTERNAL_ASK_LIMITS)
                                          ? message->as.limits_question.lapse_s
                                          : message->as.ask.lapse_s) -
                            MARGIN_S) *
                               1000;
    if (show_all() == 0U) {
        decline(DG_CAUSE_NO_DISPLAY, "declined");
    }
    return DG_OK;
}

static void take_line(struct dg_lines *lines, size_t slot, char *line)
{
    char hex[2U * DG_TICKET_SIZE + 1U];
    const bool is_yes = strncmp(line, "approve ", 8) == 0;
    const bool is_no = strncmp(line, "decline ", 8) == 0;

    if (!is_yes && !is_no) {
        dg_lines_put(lines, slot, lines->too_long);
        return;
    }
    write_ticket(ticket_asked(), hex);
    if (!is_asked || (strcmp(&line[8], hex) != 0)) {
        dg_lines_put(lines,
                     slot,
                     "{\"error\":\"nothing waits under that ticket: it was "
                     "answered or has lapsed\"}\n");
        return;
    }
    if (is_yes) {
        approve();
    } else {
        decline(DG_CAUSE_DECLINED, "declined");
    }
}

static int64_t role_tick(int64_t now_ms)
{
    introduce();
    if (is_asked && (now_ms >= lapses_ms)) {
        decline(DG_CAUSE_LAPSED, "lapsed");
    }
    return is_asked ? lapses_ms : DG_ROLE_NEVER;
}

static size_t role_watch(struct pollfd *entries, size_t room)
{
    (void)room; /* DG_LINES_POLL_MAX fits in DG_ROLE_FDS_MAX */
    return dg_lines_poll(&display, entries);
}

static void role_ready(const struct pollfd *entries, size_t count)
{
    (void)entries;
    (void)count;

    const size_t fresh = dg_lines_work(&display, take_line);

    if ((fresh < DG_LINES_CLIENTS_MAX) && is_asked) {
        show(fresh);
    }
}

_Static_assert(DG_LINES_POLL_MAX <= DG_ROLE_FDS_MAX, "room in role.c");

int main(int argc, char **argv)
{
    static const struct dg_role_program program = {.id = DG_ROLE_ID_CONFIRM,
                                                   .init = role_init,
                                                   .message = role_message,
                                                   .tick = role_tick,
                                                   .watch = role_watch,
                                                   .ready = role_ready};

    return dg_role_run(&program, argc, argv);
}
