/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the reader of requests for tickets, and of requalification records.
 * Oracle: what is refused has a field, a problem and a remedy in printable
 * ASCII; what is taken has evidence inside its own room that does not overlap
 * and is as long as its base64 said; no record is taken that is not signed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attest/service/request.h"
#include "crypto_openssl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dg_ticket_request request;

static void demand(int is_so)
{
    if (!is_so) {
        abort();
    }
}

static void demand_text(const char *text, size_t room)
{
    demand((text[0] != '\0') && (memchr(text, '\0', room) != NULL));
    for (const char *at = text; *at != '\0'; at++) {
        demand((*at >= ' ') && (*at <= '~'));
    }
}

static void check_taken(void)
{
    const uint8_t *next = request.room;
    size_t sum = request.requalification.size;

    demand((request.evidences >= 1U) &&
           (request.evidences <= DG_REQUEST_EVIDENCES));
    for (size_t i = 0; i < request.evidences; i++) {
        demand(request.evidence[i].at == next);
        demand((request.evidence[i].size >= 1U) &&
               (request.evidence[i].size <= DG_EVIDENCE_SIZE_MAX));
        demand((request.kind[i] > DG_KIND_NONE) &&
               ((unsigned)request.kind[i] < DG_KINDS));
        next += request.evidence[i].size;
        sum += request.evidence[i].size;
    }
    demand(request.requalification.size <= DG_REQUALIFICATION_SIZE_MAX);
    demand((request.used == sum) && (sum <= sizeof(request.room)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dg_crypto crypto;
    struct dg_request_problem problem;
    struct dg_requalification run;

    if (crypto.context == NULL) {
        demand(dg_crypto_openssl_init(&crypto) == DG_OK);
    }
    if (dg_ticket_request_read((dg_span){data, size}, &request, &problem) ==
        DG_OK) {
        check_taken();
    } else {
        demand_text(problem.field, sizeof(problem.field));
        demand_text(problem.problem, sizeof(problem.problem));
        demand_text(problem.remedy, sizeof(problem.remedy));
    }
    /* Nobody finds a signature by chance. */
    demand(dg_requalification_verify(&crypto, (dg_span){data, size}, &run) !=
           DG_OK);
    return 0;
}
