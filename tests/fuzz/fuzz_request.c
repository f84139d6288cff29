/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_request_decode.  Oracle: what is accepted encodes to a canonical
 * form that decodes to the same request and is never longer; without keys that
 * are unknown to its kind it is the very input. */
#include "dosegate/message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Three kinds point into their message: the bytes count, not where they are. */
static bool is_same(struct dg_request *a, struct dg_request *b)
{
    dg_span *one = NULL;
    dg_span *two = NULL;

    if ((a->kind == DG_REQUEST_ATTEST) && (b->kind == DG_REQUEST_ATTEST)) {
        one = &a->as.attest.ticket;
        two = &b->as.attest.ticket;
    } else if ((a->kind == DG_REQUEST_POLICY) &&
               (b->kind == DG_REQUEST_POLICY)) {
        one = &a->as.policy.head;
        two = &b->as.policy.head;
    } else if ((a->kind == DG_REQUEST_PROFILE) &&
               (b->kind == DG_REQUEST_PROFILE)) {
        one = &a->as.profile.bytes;
        two = &b->as.profile.bytes;
    }
    if (one != NULL) {
        if ((one->size != two->size) ||
            ((one->size > 0U) && (memcmp(one->at, two->at, one->size) != 0))) {
            return false;
        }
        one->at = NULL;
        two->at = NULL;
    }
    return memcmp(a, b, sizeof *a) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_request request;
    struct dg_request back;
    uint8_t room[DG_MESSAGE_MAX];
    dg_span bytes;

    memset(&request, 0, sizeof request);
    memset(&back, 0, sizeof back);
    if (dg_request_decode((dg_span){data, size}, &request) != DG_OK) {
        return 0;
    }
    if ((dg_request_encode(&request, DG_BUF_OF(room), &bytes) != DG_OK) ||
        (bytes.size > size) ||
        ((bytes.size == size) && (memcmp(bytes.at, data, size) != 0)) ||
        (dg_request_decode(bytes, &back) != DG_OK) ||
        !is_same(&back, &request)) {
        abort();
    }
    return 0;
}
