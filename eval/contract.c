/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/contract.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/utf8.h"

#define ARGUMENTS_MAX 32U

static void set_why(struct dg_contract *contract, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void set_why(struct dg_contract *contract, const char *format, ...)
{
    va_list list;

    if (contract->why[0] == '\0') {
        va_start(list, format);
        (void)vsnprintf(contract->why, sizeof contract->why, format, list);
        va_end(list);
    }
}

bool dg_contract_open(struct dg_contract *contract,
                      const char *program,
                      char *const arguments[],
                      const char *dir,
                      const char *log,
                      int patience_ms)
{
    char name[] = "adapter";
    char o_dir[] = "--dir";
    char own_dir[512];
    char *all[ARGUMENTS_MAX + 4U];
    size_t count = 1U;

    contract->patience_ms = patience_ms;
    contract->why[0] = '\0';
    contract->is_lost = false;
    contract->came[0] = '\0';
    contract->lines.in = -1;
    contract->lines.out = -1;
    all[0] = name;
    for (size_t i = 0U; (arguments != NULL) && (arguments[i] != NULL); i++) {
        if (i == ARGUMENTS_MAX) {
            set_why(contract, "more than %u arguments", ARGUMENTS_MAX);
            return false;
        }
        all[count++] = arguments[i];
    }
    (void)snprintf(own_dir, sizeof own_dir, "%s", dir);
    all[count++] = o_dir;
    all[count++] = own_dir;
    all[count] = NULL;
    if (!dg_keeper_start(
            &contract->keeper, program, all, log, &contract->lines)) {
        set_why(
            contract, "the adapter could not be started: %s", strerror(errno));
        return false;
    }
    return true;
}

static void explain_fault(struct dg_contract *contract, const char *asked)
{
    switch (contract->lines.fault) {
    case DG_JSONL_GONE:
        set_why(contract,
                "the adapter ended or closed its output instead of answering "
                "\"%s\"",
                asked);
        return;
    case DG_JSONL_SILENT:
        set_why(contract,
                "the adapter did not answer \"%s\" within %d s",
                asked,
                contract->patience_ms / 1000);
        return;
    case DG_JSONL_LONG:
        set_why(contract,
                "the adapter's answer to \"%s\" is a line longer than %u bytes",
                asked,
                DG_JSONL_LINE_MAX);
        return;
    case DG_JSONL_BAD:
        set_why(contract,
                "the adapter's answer to \"%s\" is not a JSON object: \"%s\"",
                asked,
                contract->lines.bad);
        return;
    case DG_JSONL_NONE:
    case DG_JSONL_UNDECIDED:
    default:
        set_why(contract, "no answer to \"%s\"", asked);
    }
}

/* @satisfies{EVL_ADAPTER.2@1}
 * The form of an answer, whatever was asked. */
static bool is_answer(struct dg_contract *contract,
                      const char *asked,
                      const json_t *answer)
{
    const json_t *good = json_object_get(answer, "ok");
    char what[DG_CONTRACT_WHY_MAX];

    if (!json_is_boolean(good)) {
        set_why(contract,
                "the adapter's answer to \"%s\" has no \"ok\" that is true or "
                "false",
                asked);
        return false;
    }
    if (json_is_false(good)) {
        const char *error = json_string_value(json_object_get(answer, "error"));

        if ((error == NULL) || !dg_utf8_is_printable(error)) {
            set_why(contract,
                    "the adapter refused \"%s\" and gives no \"error\" that is "
                    "a text without control characters",
                    asked);
            return false;
        }
        return true;
    }
    if (!dg_contract_is_shaped(asked, answer, what)) {
        set_why(contract, "the adapter's answer to \"%s\" %.160s", asked, what);
        return false;
    }
    return true;
}

/* An answer that nobody asked for would be taken for that to the next
 * request. */
static bool has_unasked(struct dg_contract *contract, const char *asked)
{
    if (dg_jsonl_has_more(&contract->lines)) {
        contract->is_lost = true;
        set_why(contract,
                "the adapter wrote more than one line for one request (about "
                "\"%s\")",
                asked);
    }
    return contract->is_lost;
}

json_t *dg_contract_ask_raw(struct dg_contract *contract,
                            const char *asked,
                            const char *line,
                            const struct dg_pump *pump)
{
    json_t *answer = NULL;

    if (contract->why[0] != '\0') {
        return NULL;
    }
    if (has_unasked(contract, asked)) {
        return NULL;
    }
    if (dg_jsonl_send_raw(&contract->lines, line, strlen(line))) {
        answer =
            dg_jsonl_receive(&contract->lines, contract->patience_ms, pump);
    }
    if (answer == NULL) {
        contract->is_lost = contract->lines.fault != DG_JSONL_BAD;
        explain_fault(contract, asked);
        return NULL;
    }
    if (has_unasked(contract, asked) || !is_answer(contract, asked, answer)) {
        char *text = json_dumps(answer, JSON_COMPACT | JSON_ENSURE_ASCII);

        (void)snprintf(contract->came,
                       sizeof contract->came,
                       "%s",
                       (text == NULL) ? "" : text);
        free(text);
        json_decref(answer);
        return NULL;
    }
    return answer;
}

json_t *dg_contract_ask(struct dg_contract *contract,
                        json_t *request,
                        const struct dg_pump *pump)
{
    const char *asked = json_string_value(json_object_get(request, "op"));
    char *text = json_dumps(request, JSON_COMPACT);
    const size_t size = (text == NULL) ? 0U : strlen(text);
    char *line = realloc(text, size + 2U);
    json_t *answer = NULL;

    if ((line == NULL) || (size == 0U)) {
        set_why(contract, "out of memory");
        free((line == NULL) ? text : line);
    } else {
        line[size] = '\n';
        line[size + 1U] = '\0';
        answer = dg_contract_ask_raw(
            contract, (asked == NULL) ? "" : asked, line, pump);
        free(line);
    }
    json_decref(request);
    return answer;
}

json_t *dg_contract_hello(struct dg_contract *contract)
{
    const int patience_ms = contract->patience_ms;

    if (patience_ms > DG_CONTRACT_HELLO_MS) {
        contract->patience_ms = DG_CONTRACT_HELLO_MS;
    }

    json_t *answer =
        dg_contract_ask(contract, json_pack("{s:s}", "op", "hello"), NULL);
    const json_int_t version =
        json_integer_value(json_object_get(answer, "contract"));
    const char *error = json_string_value(json_object_get(answer, "error"));

    contract->patience_ms = patience_ms;
    if (answer == NULL) {
        return NULL;
    }
    if (json_is_false(json_object_get(answer, "ok"))) {
        set_why(contract, "the adapter refused \"hello\": %.160s", error);
    } else if (version != DG_CONTRACT_VERSION) {
        set_why(contract,
                "the adapter speaks version %lld of the contract and this "
                "evaluator version %d: use the Dosegate that the adapter was "
                "written for, or bring the adapter to docs/adapter.md",
                (long long)version,
                DG_CONTRACT_VERSION);
    }
    if (contract->why[0] != '\0') {
        json_decref(answer);
        return NULL;
    }
    return answer;
}

enum dg_keeper_end dg_contract_close(struct dg_contract *contract)
{
    dg_jsonl_close(&contract->lines);
    return dg_keeper_stop(&contract->keeper,
                          (contract->why[0] == '\0') ? DG_CONTRACT_END_MS : 0);
}
