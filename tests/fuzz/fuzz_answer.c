/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_answer_decode.  Oracle: what is accepted encodes to a canonical
 * form, and that form decodes to the same answer and encodes to itself. */
#include "dosegate/message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_answer answer;
    struct dg_answer back;
    uint8_t room[DG_MESSAGE_MAX];
    dg_span bytes;

    memset(&answer, 0, sizeof answer);
    memset(&back, 0, sizeof back);
    if (dg_answer_decode((dg_span){data, size}, &answer) != DG_OK) {
        return 0;
    }
    if ((dg_answer_encode(&answer, DG_BUF_OF(room), &bytes) != DG_OK) ||
        (dg_answer_decode(bytes, &back) != DG_OK) ||
        (memcmp(&back, &answer, sizeof back) != 0)) {
        abort();
    }
    return 0;
}
