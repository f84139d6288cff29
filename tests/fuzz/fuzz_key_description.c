/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_key_description_read and dg_application_id_read.  Oracle:
 * libcrypto's walk over the same bytes finds the same eight fields, the same
 * challenge and no tag twice; what is in range is in range. */
#include "attest/key_description.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

/* One element by libcrypto; its contents. */
static dg_span next(const unsigned char **at,
                    const unsigned char *end,
                    int *tag)
{
    long length = 0;
    int class = 0;
    const int form =
        ASN1_get_object(at, &length, tag, &class, (long)(end - *at));

    need((form & 0x80) == 0);
    need((form & 0x01) == 0); /* no indefinite length gets past us */
    const dg_span contents = {*at, (size_t)length};

    *at += length;
    return contents;
}

static void check_list(dg_span list)
{
    const unsigned char *at = list.at;
    int seen[64];
    size_t count = 0U;

    while (at < (list.at + list.size)) {
        int tag = 0;

        (void)next(&at, list.at + list.size, &tag);
        for (size_t i = 0; i < count; i++) {
            need(seen[i] != tag);
        }
        need(count < 64U);
        seen[count] = tag;
        count++;
    }
}

static void check(dg_span bytes, const struct dg_key_description *description)
{
    const unsigned char *at = bytes.at;
    int tag = 0;
    const dg_span whole = next(&at, bytes.at + bytes.size, &tag);
    const unsigned char *end = whole.at + whole.size;
    dg_span field[8];

    need(tag == V_ASN1_SEQUENCE);
    need(at == (bytes.at + bytes.size));
    at = whole.at;
    for (size_t i = 0; i < 8U; i++) {
        field[i] = next(&at, end, &tag);
    }
    need(at == end);
    need(field[4].at == description->challenge.at);
    need(field[4].size == description->challenge.size);
    need(description->attestation_level <= 2U);
    need(description->keymint_level <= 2U);
    check_list(field[6]);
    check_list(field[7]);
    need(!description->hardware.is_stated[DG_AUTH_ROOT_OF_TRUST] ||
         (description->hardware.boot_state <= 3U));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_key_description description;
    struct dg_application_id app;
    const dg_span bytes = {data, size};
    uint32_t tag = 0U;

    if (dg_key_description_read(bytes, &description, &tag) ==
        DG_DESCRIPTION_OK) {
        check(bytes, &description);
        if (description.software.is_stated[DG_AUTH_APP] &&
            dg_application_id_read(description.software.app, &app)) {
            need((app.packages >= 1U) && (app.packages <= 64U));
            need(app.signers <= 4U);
        }
    }
    if (dg_application_id_read(bytes, &app)) {
        need((app.name.at >= data) &&
             ((app.name.at + app.name.size) <= (data + size)));
    }
    return 0;
}
