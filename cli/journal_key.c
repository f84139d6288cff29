/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_key.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "eval/file.h"
#include "eval/hex.h"

#define DIGITS ((size_t)2U * DG_JOURNAL_KEY_BYTES)

bool dg_journal_key_read(const char *path,
                         struct dg_journal_key *key,
                         bool *is_there,
                         struct dg_problem *problem)
{
    uint8_t bytes[DG_JOURNAL_KEY_BYTES];
    char text[DIGITS + 1U];
    dg_span file = {NULL, 0};

    *is_there = access(path, F_OK) == 0;
    if (dg_file_read(path, 4096, &file, problem) != DG_OK) {
        return false;
    }

    bool is_one = (file.size == (DIGITS + 1U)) && (file.at[DIGITS] == '\n');

    if (is_one) {
        memcpy(text, file.at, DIGITS);
        text[DIGITS] = '\0';
        is_one = dg_hex_get(text, DG_BUF_OF(bytes));
    }
    dg_file_free(file);
    if (!is_one) {
        (void)snprintf(problem->text,
                       sizeof(problem->text),
                       "%s: not the key of a pump's journal",
                       path);
        return false;
    }
    memcpy(key->device.byte, &bytes[0], DG_DEVICE_ID_SIZE);
    memcpy(key->key.x, &bytes[DG_DEVICE_ID_SIZE], DG_P256_SIZE);
    memcpy(key->key.y, &bytes[DG_DEVICE_ID_SIZE + DG_P256_SIZE], DG_P256_SIZE);
    return true;
}

bool dg_journal_key_write(const char *path,
                          const struct dg_journal_key *key,
                          struct dg_problem *problem)
{
    uint8_t bytes[DG_JOURNAL_KEY_BYTES];
    char text[DIGITS + 2U];

    memcpy(&bytes[0], key->device.byte, DG_DEVICE_ID_SIZE);
    memcpy(&bytes[DG_DEVICE_ID_SIZE], key->key.x, DG_P256_SIZE);
    memcpy(&bytes[DG_DEVICE_ID_SIZE + DG_P256_SIZE], key->key.y, DG_P256_SIZE);
    dg_hex_put(DG_SPAN_OF(bytes), text);
    text[DIGITS] = '\n';
    return dg_file_create(path,
                          (dg_span){(const uint8_t *)text, DIGITS + 1U},
                          0644,
                          problem) == DG_OK;
}

bool dg_journal_key_is(const struct dg_journal_key *key,
                       const struct dg_device_id *device,
                       const struct dg_public_key *public_key)
{
    return (memcmp(&key->device, device, sizeof(*device)) == 0) &&
           (memcmp(&key->key, public_key, sizeof(*public_key)) == 0);
}
