/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"

json_t *vectors_load(const char *name)
{
    char path[1024];
    json_error_t error;

    (void)snprintf(path, sizeof path, "%s/%s", DG_VECTORS, name);

    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        print_message("skipped: no vectors (%s)\n", name);
        skip();
        return NULL;
    }

    json_t *root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);

    (void)fclose(file);
    if (root == NULL) {
        fail_msg("%s: %s", name, error.text);
    }
    return root;
}

static unsigned nibble(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = (digit == '\0') ? NULL : strchr(digits, digit);

    if (at == NULL) {
        fail_msg("not a hexadecimal digit: %d", digit);
        return 0U;
    }
    return (unsigned)(at - digits);
}

dg_span vectors_hex(const char *hex, dg_buf room)
{
    if (hex == NULL) {
        return (dg_span){NULL, 0U};
    }

    const size_t size = strlen(hex) / 2U;

    assert_int_equal(strlen(hex) % 2U, 0);
    assert_true(size <= room.capacity);
    for (size_t i = 0U; i < size; i++) {
        room.at[i] =
            (uint8_t)((nibble(hex[2U * i]) << 4) | nibble(hex[2U * i + 1U]));
    }
    return (dg_span){room.at, size};
}

dg_span vectors_get(const json_t *object, const char *name, dg_buf room)
{
    const char *hex = json_string_value(json_object_get(object, name));

    if (hex == NULL) {
        fail_msg("vector has no %s", name);
    }
    return vectors_hex(hex, room);
}
