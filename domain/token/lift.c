/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <string.h>

#include "token.h"

/* Our handshake carries points as abscissas (RFC 9528); hardware wants both.
 * Public values alone are here. */
enum dg_status dg_token_lift(const uint8_t x[DG_P256_SIZE],
                             struct dg_public_key *point)
{
    uint8_t packed[1U + DG_P256_SIZE] = {POINT_CONVERSION_COMPRESSED};
    uint8_t whole[1U + (2U * DG_P256_SIZE)];
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *at = (group == NULL) ? NULL : EC_POINT_new(group);
    enum dg_status status = DG_E_PORT;

    memcpy(&packed[1], x, DG_P256_SIZE);
    if (at != NULL) {
        status =
            (EC_POINT_oct2point(group, at, packed, sizeof(packed), NULL) == 1)
                ? DG_OK
                : DG_E_RANGE;
    }
    if ((status == DG_OK) && (EC_POINT_point2oct(group,
                                                 at,
                                                 POINT_CONVERSION_UNCOMPRESSED,
                                                 whole,
                                                 sizeof(whole),
                                                 NULL) != sizeof(whole))) {
        status = DG_E_PORT;
    }
    if (status == DG_OK) {
        memcpy(point->x, &whole[1], DG_P256_SIZE);
        memcpy(point->y, &whole[1U + DG_P256_SIZE], DG_P256_SIZE);
    }
    EC_POINT_free(at);
    EC_GROUP_free(group);
    return status;
}
