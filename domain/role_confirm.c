/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "confirm_limits.h"
#include "crypto_openssl.h"
#include "effect_text.h"
#include "lines.h"
#include "page_serve.h"
#include "presence.h"
#include "private_file.h"
#include "role.h"

/* The trusted display and the presence key behind it.  On a phone this is the
 * secure part (protected confirmation); here it is a process with a socket of
 * its own.  What it shows is made from the very fields that it signs, so that
 * no other process can choose the words.  It understands, with tickets of 16
 * hex digits:
 *
 *   approve TICKET [NUMBER|- [PIN]]   decline TICKET
 *   presence   pin NEW   pin OLD NEW   page
 *
 * The page of a browser gets the same question and gives the same lines. */
#define PLACE_MAX     256U
#define WORDS_MAX     4U
#define TEXT_MAX      768U
#define PAGE_FRESH_MS 5000 /* it asks twice a second */
#define MARGIN_S      2 /* an approval in the last moment would come too late */

static struct dg_crypto crypto;
static struct dg_keystore store;
static struct dg_vault vault;
static struct dg_presence presence;
static struct dg_lines display = {
    .too_long = "{\"error\":\"that is no command: write approve TICKET or "
                "decline TICKET\"}\n",
    .full = "{\"error\":\"too many displays are connected: close one\"}\n"};
static struct dg_page_server page;
static int64_t page_seen_ms = -PAGE_FRESH_MS;
static bool is_asked;
static struct dg_internal question; /* while is_asked */
static int64_t lapses_ms;

/* Everything that the library loads late is loaded before the door shuts. */
static enum dg_status warm_up(void)
{
    const struct dg_hash hash = {{0}};
    struct dg_signature signature;
    struct dg_hash digest;
    const dg_span part = DG_SPAN_OF(hash.byte);
    enum dg_status status = crypto.sha256(crypto.context, &part, 1, &digest);

    if (status == DG_OK) {
        status = dg_keystore_sign(&store, &presence.key, &digest, &signature);
    }
    return status;
}

/* Keystore, what is sealed under it, key and PIN. */
static enum dg_status open_presence(const char *dir,
                                    const char *where,
                                    int directory)
{
    char why[DG_KEYSTORE_WHY_MAX] = "OpenSSL 3 does not start";

    if ((dg_crypto_openssl_init(&crypto) != DG_OK) ||
        (dg_keystore_open(
             &store, &crypto, where, directory, DG_ROLE_TOKEN_FD, why) !=
         DG_OK)) {
        (void)fprintf(stderr, "role confirm: --keys: %s\n", why);
        return DG_E_PORT;
    }
    if ((dg_vault_open(&vault, &store) != DG_OK) ||
        (dg_presence_open(
             &presence, &crypto, &store, &vault, dg_role_now_ms()) != DG_OK) ||
        (warm_up() != DG_OK)) {
        (void)fprintf(stderr,
                      "role confirm: %s/confirm does not hold a presence key "
                      "and PIN of this place, or an older state was put back: "
                      "name the --keys that made it, or dosegate phone erase "
                      "and pair again\n",
                      dir);
        return DG_E_PORT;
    }
    return DG_OK;
}

static enum dg_status role_init(int argc,
                                char **argv,
                                struct dg_sandbox_grants *grants,
                                struct dg_role_report *report)
{
    const char *dir = dg_role_option(argc, argv, "--dir");
    const char *where = dg_role_option(argc, argv, "--keys");
    const char *with_page = dg_role_option(argc, argv, "--page");
    char why[DG_LINES_WHY_MAX] = "--dir is missing, or too long";
    char place[PLACE_MAX];
    char path[PLACE_MAX];
    int directory = -1;

    (void)report;
    if (dg_page_open(&page,
                     ((with_page != NULL) && (strcmp(with_page, "on") == 0))
                         ? DG_ROLE_PAGE_FD
                         : -1) != DG_OK) {
        (void)fprintf(stderr, "role confirm: there is no socket for a page\n");
        return DG_E_PORT;
    }
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
    grants->directory = directory;
    return open_presence(dir, (where == NULL) ? "file" : where, directory);
}

static void introduce(void)
{
    static bool is_done;
    struct dg_internal message = {.type = DG_INTERNAL_ENROLL};

    /* Keys first: once therapy knows it, it asks keys to pair with it. */
    if (!is_done) {
        message.as.presence = presence.key.public_key;
        dg_role_send(DG_ROLE_ID_KEYS, &message);
        message.type = DG_INTERNAL_PRESENCE;
        dg_role_send(DG_ROLE_ID_THERAPY, &message);
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

/* A profile whose limits become looser: a person with the PIN, where one is
 * set, agrees. */
static void show_limits(size_t slot)
{
    static char text[DG_CONFIRM_LIMITS_MAX];
    char line[96];

    if (dg_confirm_limits(&question.as.limits_question, left_s(), text) !=
        DG_OK) {
        return;
    }
    if (presence.pin.is_set) {
        /* What is shown stays as it was written; this only says what is wanted. */
        text[strcspn(text, "\n")] = '\0';
        text[strlen(text) - 1U] = '\0'; /* the brace */
        dg_lines_put(&display, slot, text);
        (void)snprintf(line, sizeof(line), ",\"pin\":true}\n");
        dg_lines_put(&display, slot, line);
    } else {
        dg_lines_put(&display, slot, text);
    }
}

static void write_question(char text[TEXT_MAX])
{
    const struct dg_approval *approval = &question.as.ask.approval;
    char hex[2U * DG_TICKET_SIZE + 1U];
    char members[DG_EFFECT_TEXT_MAX];
    char words[DG_EFFECT_TEXT_MAX];
    char number[DG_EFFECT_NUMBER_MAX];
    const bool number_again = (presence.needs & (unsigned)DG_ACT_NUMBER) != 0U;
    const bool pin = (presence.needs & (unsigned)DG_ACT_PIN) != 0U;

    write_ticket(&approval->ticket, hex);
    dg_effect_members(&approval->effect, members);
    dg_effect_words(&approval->effect, words);
    dg_effect_number(&approval->effect, number);
    (void)snprintf(text,
                   TEXT_MAX,
                   "{\"show\":\"ask\",\"ticket\":\"%s\",%s,\"text\":\"%s\","
                   "\"number\":\"%s\",\"button\":%s,\"number_again\":%s,"
                   "\"pin\":%s,\"lapses_s\":%u}\n",
                   hex,
                   members,
                   words,
                   number,
                   question.as.ask.button ? "true" : "false",
                   number_again ? "true" : "false",
                   pin ? "true" : "false",
                   left_s());
}

static void show(size_t slot)
{
    char text[TEXT_MAX];

    if (question.type == DG_INTERNAL_ASK_LIMITS) {
        show_limits(slot);
        return;
    }
    write_question(text);
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
    dg_presence_forget(&presence);
    tell_all(what);
    dg_role_send(DG_ROLE_ID_THERAPY, &message);
}

/* Nothing is signed: the prescriber has, and the device asks again by its own
 * button. */
static enum dg_act_result permit(const char *pin)
{
    struct dg_internal message = {.type = DG_INTERNAL_PERMITTED};
    const enum dg_act_result result =
        dg_presence_permit(&presence, dg_role_now_ms(), pin);

    if (result == DG_ACT_DONE) {
        message.as.permitted = *ticket_asked();
        is_asked = false;
        tell_all("approved");
        dg_role_send(DG_ROLE_ID_THERAPY, &message);
    }
    return result;
}

/* One act, typed at a display; what came of it, in words. */
static enum dg_act_result approve(const char *number, const char *pin)
{
    struct dg_internal message = {.type = DG_INTERNAL_APPROVED};
    const struct dg_ticket_id *ticket = &question.as.ask.approval.ticket;
    const bool has_number = (number != NULL) && (strcmp(number, "-") != 0);

    if (question.type == DG_INTERNAL_ASK_LIMITS) {
        return permit(pin);
    }

    const enum dg_act_result result =
        dg_presence_act(&presence,
                        dg_role_now_ms(),
                        ticket,
                        has_number ? number : NULL,
                        pin,
                        &message.as.approved.signature);

    if (result == DG_ACT_DONE) {
        message.as.approved.ticket = *ticket;
        is_asked = false;
        tell_all("approved");
        dg_role_send(DG_ROLE_ID_THERAPY, &message);
    } else if (result == DG_ACT_FAILED) {
        decline(DG_CAUSE_DECLINED, "declined");
    } else {
        /* It waits on. */
    }
    return result;
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
    lapses_ms =
        dg_role_now_ms() + ((int64_t)((message->type == DG_INTERNAL_ASK_LIMITS)
                                          ? message->as.limits_question.lapse_s
                                          : message->as.ask.lapse_s) -
                            MARGIN_S) *
                               1000;

    if (message->type != DG_INTERNAL_ASK_LIMITS) {
        const enum dg_status status = dg_presence_ask(&presence,
                                                      &message->as.ask.approval,
                                                      message->as.ask.button,
                                                      lapses_ms);

        if (status != DG_OK) {
            return (status == DG_E_RANGE) ? DG_E_PEER : status;
        }
    }
    question = *message;
    is_asked = true;
    if ((show_all() == 0U) &&
        (dg_role_now_ms() - page_seen_ms > PAGE_FRESH_MS)) {
        decline(DG_CAUSE_NO_DISPLAY, "declined");
    }
    return DG_OK;
}

static int wait_s(void)
{
    return (int)((dg_presence_wait_ms(&presence, dg_role_now_ms()) + 999) /
                 1000);
}

static void write_result(enum dg_act_result result, char text[TEXT_MAX])
{
    (void)snprintf(text,
                   TEXT_MAX,
                   "{\"%s\":\"%s\",\"wait_s\":%d}\n",
                   (result == DG_ACT_DONE) ? "done" : "error",
                   dg_act_words(result),
                   wait_s());
}

static void tell_result(struct dg_lines *lines,
                        size_t slot,
                        enum dg_act_result result)
{
    char text[TEXT_MAX];

    write_result(result, text);
    dg_lines_put(lines, slot, text);
}

/* What a person may want to know of key and PIN; the fingerprint is that of the
 * key that the pump enrols. */
static void tell_presence(struct dg_lines *lines, size_t slot)
{
    const struct dg_public_key *key = &presence.key.public_key;
    const dg_span parts[] = {DG_SPAN_OF(key->x), DG_SPAN_OF(key->y)};
    struct dg_hash hash = {{0}};
    char text[TEXT_MAX];

    if (crypto.sha256(crypto.context, parts, 2, &hash) != DG_OK) {
        dg_role_exit(DG_ROLE_EXIT_FAULT);
    }
    (void)snprintf(text,
                   sizeof(text),
                   "{\"show\":\"presence\",\"keys\":\"%s\",\"about\":\"%s\","
                   "\"fingerprint\":\"%02x%02x %02x%02x %02x%02x %02x%02x\","
                   "\"pin\":%s,\"locked\":%s,\"counts\":%s,\"wait_s\":%d}\n",
                   store.row->is_weak ? "weak" : "hardware",
                   store.row->about,
                   hash.byte[0],
                   hash.byte[1],
                   hash.byte[2],
                   hash.byte[3],
                   hash.byte[4],
                   hash.byte[5],
                   hash.byte[6],
                   hash.byte[7],
                   presence.pin.is_set ? "true" : "false",
                   dg_presence_is_locked(&presence) ? "true" : "false",
                   store.counts ? "true" : "false",
                   wait_s());
    dg_lines_put(lines, slot, text);
}

/* Blanks between words; more of either than there should be is no command. */
static size_t split(char *line, char *word[WORDS_MAX])
{
    size_t count = 0;

    for (char *at = line; count < WORDS_MAX; count++) {
        const size_t size = strcspn(at, " ");

        if (size == 0U) {
            return 0;
        }
        word[count] = at;
        if (at[size] == '\0') {
            return count + 1U;
        }
        at[size] = '\0';
        at = &at[size + 1U];
    }
    return 0;
}

static void take_answer(struct dg_lines *lines,
                        size_t slot,
                        char *word[WORDS_MAX],
                        size_t count,
                        bool is_yes)
{
    char hex[2U * DG_TICKET_SIZE + 1U];

    write_ticket(ticket_asked(), hex);
    if (!is_asked || (strcmp(word[1], hex) != 0)) {
        tell_result(lines, slot, DG_ACT_NOT_ASKED);
        return;
    }
    if (!is_yes) {
        decline(DG_CAUSE_DECLINED, "declined");
        return;
    }

    const enum dg_act_result result =
        approve((count > 2U) ? word[2] : NULL, (count > 3U) ? word[3] : NULL);

    if ((result != DG_ACT_DONE) && (result != DG_ACT_FAILED)) {
        tell_result(lines, slot, result);
    }
}

/* A link for one browser, once; it goes where only this user can read. */
static void invite(struct dg_lines *lines, size_t slot)
{
    char text[160];

    if ((page.fd < 0) || (dg_page_invite(&page.page, &crypto) != DG_OK)) {
        dg_lines_put(lines,
                     slot,
                     "{\"error\":\"there is no page: start with dosegate up "
                     "--page on\"}\n");
        return;
    }
    (void)snprintf(text,
                   sizeof(text),
                   "{\"page\":\"http://127.0.0.1:%u/?t=%s\"}\n",
                   page.page.port,
                   page.page.token);
    dg_lines_put(lines, slot, text);
}

/* A question for the page; of limits it says where to look. */
static void write_state(char body[DG_PAGE_BODY_MAX])
{
    if (!is_asked) {
        (void)snprintf(body, DG_PAGE_BODY_MAX, "{\"show\":\"nothing\"}\n");
    } else if (question.type == DG_INTERNAL_ASK_LIMITS) {
        (void)snprintf(body, DG_PAGE_BODY_MAX, "{\"show\":\"limits\"}\n");
    } else {
        write_question(body);
    }
}

/* What the page typed: an approval or a no, and nothing else. */
static void answer_page(struct dg_page_result *result,
                        char body[DG_PAGE_BODY_MAX])
{
    char hex[2U * DG_TICKET_SIZE + 1U];
    char *word[WORDS_MAX] = {NULL};
    enum dg_act_result done = DG_ACT_NOT_ASKED;

    if (result->answer == DG_PAGE_STATE) {
        page_seen_ms = dg_role_now_ms();
        write_state(body);
        return;
    }

    const size_t count = split(result->line, word);

    write_ticket(ticket_asked(), hex);
    if (is_asked && (question.type != DG_INTERNAL_ASK_LIMITS) &&
        (count >= 2U) && (strcmp(word[1], hex) == 0)) {
        if (strcmp(word[0], "approve") == 0) {
            done = approve(word[2], word[3]);
        } else if (strcmp(word[0], "decline") == 0) {
            decline(DG_CAUSE_DECLINED, "declined");
            done = DG_ACT_DONE;
        } else {
            /* Nothing that a page says. */
        }
    }
    write_result(done, body);
}

static void take_line(struct dg_lines *lines, size_t slot, char *line)
{
    const size_t size = strlen(line);
    char *word[WORDS_MAX] = {NULL};
    const size_t count = split(line, word);
    const char *verb = (count > 0U) ? word[0] : "";

    if ((strcmp(verb, "approve") == 0) && (count >= 2U)) {
        take_answer(lines, slot, word, count, true);
    } else if ((strcmp(verb, "decline") == 0) && (count == 2U)) {
        take_answer(lines, slot, word, count, false);
    } else if ((strcmp(verb, "presence") == 0) && (count == 1U)) {
        tell_presence(lines, slot);
    } else if ((strcmp(verb, "page") == 0) && (count == 1U)) {
        invite(lines, slot);
    } else if ((strcmp(verb, "pin") == 0) && ((count == 2U) || (count == 3U))) {
        if (is_asked) {
            decline(DG_CAUSE_DECLINED, "declined");
        }
        tell_result(lines,
                    slot,
                    dg_presence_set_pin(&presence,
                                        dg_role_now_ms(),
                                        (count == 3U) ? word[1] : NULL,
                                        word[count - 1U]));
    } else {
        dg_lines_put(lines, slot, lines->too_long);
    }
    explicit_bzero(line, size); /* it may have held a PIN */
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
    (void)room; /* both fit in DG_ROLE_FDS_MAX */

    const size_t count = dg_lines_poll(&display, entries);

    return count + dg_page_poll(&page, &entries[count]);
}

static void role_ready(const struct pollfd *entries, size_t count)
{
    (void)entries;
    (void)count;

    const size_t fresh = dg_lines_work(&display, take_line);

    if ((fresh < DG_LINES_CLIENTS_MAX) && is_asked) {
        show(fresh);
    }
    dg_page_work(&page, answer_page);
}

_Static_assert(DG_LINES_POLL_MAX + DG_PAGE_POLL_MAX <= DG_ROLE_FDS_MAX,
               "room in role.c");

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
