/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/unit.h"

#include "crypto_openssl.h"
#include "dosegate/pairing.h"
#include "dosegate/sensor.h"
#include "eval/hex.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A minute, doubled as often as the count of locks goes. */
#define LOCK_S (60 << (int)DG_PAIRING_LOCKS_MAX)

#define START_MS  30000 /* of an emulated board on a busy machine */
#define ANSWER_MS 20000

/* @p options after the fixed ones; NULL-terminated. */
static const char *launch(struct dg_unit *unit,
                          const char *bin,
                          const char *person,
                          const char *glucagon)
{
    char path[DG_UNIT_PATH + 32U];
    char log[DG_UNIT_PATH + 32U];
    char bench[DG_UNIT_PATH + 32U];
    char link[64];
    char person_text[32];
    char glucagon_text[32];
    char dir[DG_UNIT_PATH];
    struct dg_jsonl ready;
    const char *problem = NULL;

    (void)snprintf(path, sizeof path, "%s/dosegate-device", bin);
    (void)snprintf(log, sizeof log, "%s/log.txt", unit->dir);
    (void)snprintf(bench, sizeof bench, "%s/bench.sock", unit->dir);
    (void)snprintf(link,
                   sizeof link,
                   "%s",
                   (unit->link[0] == '\0') ? "udp:127.0.0.1:0" : unit->link);
    (void)snprintf(person_text, sizeof person_text, "%s", person);
    (void)snprintf(glucagon_text, sizeof glucagon_text, "%s", glucagon);
    (void)snprintf(dir, sizeof dir, "%s", unit->dir);

    char name[] = "dosegate-device";
    char o_dir[] = "--dir";
    char o_link[] = "--link";
    char o_person[] = "--provision";
    char o_glucagon[] = "--glucagon";
    char o_clock[] = "--clock";
    char driven[] = "driven";
    char *const arguments[] = {name,
                               o_dir,
                               dir,
                               o_link,
                               link,
                               o_person,
                               person_text,
                               o_glucagon,
                               glucagon_text,
                               o_clock,
                               driven,
                               NULL};

    if (!dg_child_start(&unit->child, path, arguments, log, &ready)) {
        return "the pump's program could not be started";
    }

    json_t *line = dg_jsonl_receive(&ready, START_MS, NULL);
    const char *address = json_string_value(json_object_get(line, "link"));

    if (address == NULL) {
        problem = "the pump did not come up; see its log.txt";
    } else {
        (void)snprintf(unit->link, sizeof unit->link, "%s", address);
    }
    json_decref(line);
    /* It says no more; the pipe is only for the first line. */
    dg_jsonl_close(&ready);
    if (problem == NULL) {
        problem = dg_jsonl_connect(&unit->bench, bench, START_MS)
                      ? NULL
                      : "the pump's bench socket does not answer";
    }
    if (problem != NULL) {
        /* One that is slow was ended by us and did not die. */
        unit->is_off = dg_child_is_alive(&unit->child);
        dg_child_kill(&unit->child);
    }
    return problem;
}

const char *dg_unit_start(struct dg_unit *unit,
                          const char *bin,
                          const char *dir,
                          const char *person,
                          const char *glucagon)
{
    if (unit->is_made) {
        dg_unit_stop(unit);
    }
    memset(unit, 0, sizeof *unit);
    unit->bench.in = -1;
    unit->bench.out = -1;
    (void)snprintf(unit->dir, sizeof unit->dir, "%s", dir);
    if ((mkdir(dir, 0700) != 0) && (errno != EEXIST)) {
        return "the pump's directory could not be made";
    }
    unit->is_made = true;
    return launch(unit, bin, person, glucagon);
}

void dg_unit_cut(struct dg_unit *unit)
{
    dg_child_kill(&unit->child);
    dg_jsonl_close(&unit->bench);
    unit->is_off = true;
}

const char *dg_unit_power_on(struct dg_unit *unit, const char *bin)
{
    if (!unit->is_made) {
        return "no such unit was started";
    }
    if (dg_child_is_alive(&unit->child)) {
        return "the unit is on";
    }
    dg_jsonl_close(&unit->bench);
    unit->is_off = false;
    /* The therapy is in flash; these words are not used again. */
    return launch(unit, bin, "adult", "none");
}

void dg_unit_stop(struct dg_unit *unit)
{
    dg_jsonl_close(&unit->bench);
    dg_child_stop(&unit->child, 1000);
    unit->is_made = false;
}

json_t *dg_unit_ask(struct dg_unit *unit, json_t *request)
{
    if (!unit->is_made || (unit->bench.in < 0)) {
        json_decref(request);
        return NULL;
    }
    return dg_jsonl_call(&unit->bench, request, ANSWER_MS, NULL);
}

json_t *dg_unit_declare(struct dg_unit *unit)
{
    json_t *answer = dg_unit_ask(unit, json_pack("{s:s}", "op", "hello"));

    if (answer != NULL) {
        json_object_set_new(answer, "link", json_string(unit->link));
        json_object_set_new(answer,
                            "pairing",
                            json_pack("{s:i, s:i}",
                                      "tries",
                                      (int)DG_PAIRING_TRIES,
                                      "lock_s",
                                      LOCK_S));
    }
    return answer;
}

int dg_unit_isf(struct dg_unit *unit)
{
    json_t *hello = dg_unit_ask(unit, json_pack("{s:s}", "op", "hello"));
    const json_int_t isf = json_integer_value(json_object_get(hello, "isf"));

    json_decref(hello);
    return (isf > 0) ? (int)isf : 50;
}

const char *dg_unit_reading(struct dg_unit *unit,
                            int mg_dL,
                            uint8_t frame[64],
                            size_t *size)
{
    struct dg_crypto crypto;
    struct dg_secret key;
    struct dg_reading reading;
    dg_span bytes = {NULL, 0U};
    json_t *answer = dg_unit_ask(unit, json_pack("{s:s}", "op", "sensor"));
    const char *hex = json_string_value(json_object_get(answer, "key"));
    const json_int_t start =
        json_integer_value(json_object_get(answer, "start_s"));
    const json_int_t now = json_integer_value(json_object_get(answer, "now_s"));
    const bool has_key = (hex != NULL) && dg_hex_get(hex, DG_BUF_OF(key.byte));

    json_decref(answer);
    if (!has_key) {
        return "the pump does not tell its sensor's key to the bench";
    }
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return "OpenSSL is not usable";
    }
    unit->sequence++;
    reading.sequence = unit->sequence;
    reading.at.s = (uint32_t)(now - start);
    reading.value.mg_dL = mg_dL;

    const enum dg_status status =
        dg_reading_write(&crypto, &key, &reading, (dg_buf){frame, 64U}, &bytes);

    dg_crypto_openssl_free(&crypto);
    *size = bytes.size;
    return (status == DG_OK) ? NULL : "39 to 401 mg/dL can be placed";
}

char *dg_unit_ticket(struct dg_unit *unit,
                     const char *nonce,
                     const char *key,
                     const char *presence)
{
    json_t *answer = dg_unit_ask(unit,
                                 json_pack("{s:s, s:s, s:s, s:s}",
                                           "op",
                                           "attest",
                                           "nonce",
                                           nonce,
                                           "key",
                                           key,
                                           "presence",
                                           presence));
    const char *text = json_string_value(json_object_get(answer, "ticket"));
    char *ticket = (text == NULL) ? NULL : strdup(text);

    json_decref(answer);
    return ticket;
}
